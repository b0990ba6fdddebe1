import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { finishedBy, startQueueMode, type QueueMode } from '../n8n/queueMode.mts';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { WorkflowJson } from '../n8n/workflow.mts';
import { eventually } from '../setup/eventually.mts';
import { createWebhookKey, readExample, WEBHOOK_KEY, whenRegistered } from './exampleWorkflow.mts';
import { boundDevices, credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';

const CUSTOMERS = 2500;
const PARTS = 25;
const expected = Object.fromEntries(
	Array.from({ length: CUSTOMERS }, (_, customer) => [
		`user_${customer}`,
		[0, 1, 2, 3].map((device) => `LOCK01/d_${customer}_${device}`),
	]),
);

let n8n: QueueMode;
let simulator: Simulator;
let parent: StoredWorkflow;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	n8n = await startQueueMode(lineUnderTest(), tarball);
	await n8n.client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
	await createWebhookKey(n8n.client);
	const child = await n8n.client.importWorkflow(
		await exampleWith('queue-mode-child', { '"requestsPerSecond":10': '"requestsPerSecond":0' }),
	);
	parent = await n8n.client.importWorkflow(
		await exampleWith('queue-mode-parent', {
			'http://localhost:5678': n8n.url,
			'"batchInterval":10000': '"batchInterval":1',
		}),
	);
	await n8n.client.activate(child);
	const headers = { [WEBHOOK_KEY.name]: WEBHOOK_KEY.value };
	await whenRegistered(async () => await fetch(`${n8n.url}/webhook/push-part`, { method: 'POST', headers }));
	await eventually(() => assert.ok(n8n.workers.flatMap(finishedBy).length > 0));
	simulator.reset();
});
after(async () => {
	await n8n?.stop();
	await simulator?.close();
	await removePackage?.();
});

/** An example with the changes that its note asks for, or that make it quicker. */
async function exampleWith(name: string, changes: Record<string, string>): Promise<WorkflowJson> {
	let text = JSON.stringify(await readExample(name));
	for (const [from, to] of Object.entries(changes)) {
		assert.ok(text.includes(from), `${name} has no ${from}`);
		text = text.replace(from, to);
	}
	return JSON.parse(text) as WorkflowJson;
}

async function run() {
	return await n8n.client.start(parent, 'When clicking Execute workflow');
}

test('10,000 rows are pushed by both workers, and each customer ends with exactly its devices.', async (context) => {
	// The call that waited for the webhook was one, too.
	const earlier = new Set(n8n.workers.flatMap(finishedBy));
	const startedMs = Date.now();
	const execution = await n8n.client.whenDone(await run(), 300_000);
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.equal(execution.json('Parts Done').length, PARTS);
	assert.deepEqual(execution.json('Parts to Run Again'), []);
	assert.deepEqual(boundDevices(simulator), expected);
	assert.equal(simulator.requests.length, CUSTOMERS);
	const durationMs = Date.now() - startedMs;
	const shares = await eventually(() => {
		const parts = n8n.workers.map((worker) =>
			finishedBy(worker).filter((id) => !earlier.has(id) && id !== execution.id),
		);
		assert.equal(parts.flat().length, PARTS);
		return parts.map(({ length }) => length);
	});
	context.diagnostic(`${durationMs} ms; parts by worker: ${shares.join(', ')}`);
	assert.ok(
		shares.every((share) => share > 0),
		`parts by worker: ${shares.join(', ')}`,
	);
});

test('When a worker is killed in mid-run, its parts are reported or done by the other, and nothing is lost in silence.', async (context) => {
	simulator.reset();
	simulator.setOptions({ latencyMs: 100 });
	const id = await run();
	await eventually(() =>
		assert.ok(simulator.requests.length >= 400, `${simulator.requests.length} requests`),
	);
	await n8n.workers[0]!.kill();
	const execution = await n8n.client.whenDone(id, 300_000);
	assert.equal(execution.status, 'success', execution.failure?.message);
	const lost = execution.json('Parts to Run Again');
	const done = execution.json('Parts Done');
	assert.equal(done.length + lost.length, PARTS);
	context.diagnostic(
		`${done.length} parts done, ${lost.length} reported: ${JSON.stringify(lost.map(({ error }) => error)).slice(0, 600)}`,
	);
	const bound = boundDevices(simulator);
	for (const [customer, devices] of Object.entries(bound)) assert.deepEqual(devices, expected[customer]);
	// Every part that is reported as done is done.
	assert.ok(Object.keys(bound).length >= done.length * 100);

	// Running it again is safe, and completes the set.
	simulator.setOptions({ latencyMs: 0 });
	const again = await n8n.client.whenDone(await run(), 300_000);
	assert.equal(again.json('Parts Done').length, PARTS);
	assert.deepEqual(boundDevices(simulator), expected);
});
