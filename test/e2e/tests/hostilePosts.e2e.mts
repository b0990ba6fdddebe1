import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { startN8n, type N8nServer } from '../n8n/server.mts';
import { createWebhookKey, readExample, WEBHOOK_KEY, whenRegistered } from './exampleWorkflow.mts';
import { boundDevices, CREDENTIAL_NAME, credentialFor, lineUnderTest, packForTest } from './scene.mts';

// Somebody with the webhook's key can send any body: none may crash n8n or block it for others.

/** By default n8n accepts bodies up to 16 MiB (N8N_PAYLOAD_SIZE_MAX). */
const LARGEST_BYTES = 16_000_000;

/** A heap of 1 GiB, as on a small server. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=1024' };

let simulator: Simulator;
let server: N8nServer;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	server = await startN8n({ line: lineUnderTest(), tarball, more: SMALL_HEAP });
	const { client } = server;
	await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
	await createWebhookKey(client);
	await client.activate(await client.importWorkflow(await readExample('set-customer-devices-webhook')));
});
after(async () => {
	await server?.stop();
	await simulator?.close();
	await removePackage?.();
});

const FRONT_DOOR = { serialNo: 'SN-1', deviceId: 'LOCK01/front', product: '智能门锁' };

async function call(body: object): Promise<{ status: number; text: string }> {
	const response = await fetch(`${server.url}/webhook/set-customer-devices`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value },
		body: JSON.stringify(body),
	});
	return { status: response.status, text: await response.text() };
}

/** Repeats a text until its body is close to the largest size. */
function fill(text: string): string {
	return text.repeat(
		Math.floor((LARGEST_BYTES - 1_000) / Buffer.byteLength(JSON.stringify(text).slice(1, -1))),
	);
}

/** Bodies in which one value is as large as it can be. */
const BODIES: ReadonlyArray<[what: string, body: () => object]> = [
	[
		'a DeviceId of a long ProductId and names without one',
		() => ({
			customerId: 'user_1',
			devices: [{ ...FRONT_DOOR, deviceId: `${'p'.repeat(64_000)}/x${fill(',b').slice(64_000)}` }],
		}),
	],
	[
		'a customer that is a list of texts',
		() => ({ customerId: fill('user 1,').split(',').slice(0, 1_400_000), devices: [FRONT_DOOR] }),
	],
	['a customer of broken characters', () => ({ customerId: fill('\uFFFDa'), devices: [FRONT_DOOR] })],
	[
		'a serial number of separators',
		() => ({ customerId: 'user_1', devices: [{ ...FRONT_DOOR, serialNo: fill('1,') }] }),
	],
	[
		'a product name of emoji',
		() => ({ customerId: 'user_1', devices: [{ ...FRONT_DOOR, product: fill('👨‍👩‍👧') }] }),
	],
	[
		'a list of devices in the place of each value',
		() => {
			const values = Array.from({ length: 400_000 }, (_, index) => `LOCK01/d${index}`);
			return { customerId: 'user_1', devices: [{ serialNo: values, deviceId: values, product: ['Lock'] }] };
		},
	],
];

for (const [kind, body] of BODIES) {
	test(`The webhook example refuses ${kind} in 16 MB, and n8n keeps running.`, async () => {
		const sent = simulator.requests.length;
		const refused = await whenRegistered(async () => await call(body()));
		// For a list with a million members n8n's own expressions fail with "Error in workflow" before the node runs.
		assert.ok([422, 500].includes(refused.status), `${refused.status} ${refused.text.slice(0, 500)}`);
		assert.equal(simulator.requests.length, sent);
		assert.equal(server.process.hasEnded, false, server.log.slice(-2_000));
	});
}

test('After all these bodies the webhook example still sets the devices of a customer.', async () => {
	const done = await call({ customerId: 'user_1', devices: [FRONT_DOOR] });
	assert.equal(done.status, 200, done.text);
	assert.deepEqual(boundDevices(simulator), { user_1: ['LOCK01/front'] });
});
