import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import type { N8nClient } from '../n8n/client.mts';
import { finishedBy, startQueueMode } from '../n8n/queueMode.mts';
import { startN8n } from '../n8n/server.mts';
import { node, workflowOfRows } from '../n8n/workflow.mts';
import { startRegistry, type Registry } from '../services/registry.mts';
import { eventually } from '../setup/eventually.mts';
import { installAsCommunityPackage } from '../setup/packedPackage.mts';
import {
	boundDevices,
	credentialFor,
	CREDENTIAL_NAME,
	lineUnderTest,
	packForTest,
	pushNode,
	rowsOf,
} from './scene.mts';

const line = lineUnderTest();

let tarball: string;
let registry: Registry;
let simulator: Simulator;
let removePackage: () => Promise<void>;
before(async () => {
	({ tarball, end: removePackage } = await packForTest());
	registry = await startRegistry(tarball);
	simulator = await startSimulator();
});
after(async () => {
	await simulator?.close();
	await registry?.close();
	await removePackage?.();
});

/** The three variables of docs/installation.md. */
function packageVariables(checksum = registry.checksum): Record<string, string> {
	const { name, version, env } = registry;
	return {
		...env,
		N8N_COMMUNITY_PACKAGES_MANAGED_BY_ENV: 'true',
		N8N_COMMUNITY_PACKAGES: JSON.stringify([{ name, version, checksum }]),
		N8N_REINSTALL_MISSING_PACKAGES: 'true',
	};
}

/** What n8n's own screen of community packages lists. */
async function screenOf({ session }: N8nClient): Promise<object[]> {
	const packages = await session.request<Array<Record<string, unknown>>>('GET', '/community-packages');
	return packages.map(({ packageName, installedVersion, failedLoading }) => ({
		packageName,
		installedVersion,
		failedLoading,
	}));
}

/** Pushes a customer of that name. @returns the package version that the run reports */
async function push(client: N8nClient, name: string): Promise<unknown> {
	const credential = await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
	const pushing = pushNode({ credential }, { outputItemPer: 'run' });
	const execution = await client.createAndRun(workflowOfRows(name, rowsOf(`${name}/1`), [pushing]));
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.deepEqual(boundDevices(simulator)[name], [`LOCK01/${name}_1`]);
	return execution.json('Push')[0]?.PackageVersion;
}

test('n8n installs the package that its environment lists, and again in a new container.', async () => {
	const n8n = await startN8n({ line, tarball: undefined, more: packageVariables() });
	try {
		const { name, version } = registry;
		const screen = [{ packageName: name, installedVersion: version, failedLoading: false }];
		assert.deepEqual(await screenOf(n8n.client), screen);
		assert.equal(await push(n8n.client, 'listed'), version);
		const before = registry.requests.length;
		await n8n.crash({ isNewContainer: true });
		assert.ok(registry.requests.slice(before).some((path) => path.endsWith('.tgz')));
		assert.deepEqual(await screenOf(n8n.client), screen);
		assert.equal(await push(n8n.client, 'again'), version);
	} finally {
		await n8n.stop();
	}
});

test('With a wrong checksum n8n starts without the node and logs why.', async () => {
	const before = registry.requests.length;
	const wrong = `sha512-${'0'.repeat(86)}==`;
	const n8n = await startN8n({ line, tarball: undefined, more: packageVariables(wrong) });
	try {
		assert.match(n8n.log, /Failed to install community package/);
		assert.deepEqual(await screenOf(n8n.client), []);
		assert.deepEqual(
			registry.requests.slice(before).filter((path) => path.endsWith('.tgz')),
			[],
		);
		await assert.rejects(push(n8n.client, 'refused'), /Unrecognized node type|credential/i);
		assert.equal(boundDevices(simulator).refused, undefined);
	} finally {
		await n8n.stop();
	}
});

test('After one start without the package a published workflow stays off until it is published again.', async () => {
	const n8n = await startN8n({ line, tarball });
	try {
		const { client, settings } = n8n;
		const credential = await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
		const { nodes, ...pushed } = workflowOfRows('republished', [], [pushNode({ credential })]);
		const [, ...laterNodes] = nodes;
		const everySecond = { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } };
		const start = node('Start', 'n8n-nodes-base.scheduleTrigger', everySecond, { typeVersion: 1.2 });
		const workflow = await client.createWorkflow({ ...pushed, nodes: [start, ...laterNodes] });
		const isOn = async () => {
			const latest = async () => Number(await client.latestId(workflow).catch(() => 0));
			const before = await latest();
			await sleep(5000);
			return (await latest()) > before;
		};
		await client.activate(workflow);
		assert.ok(await isOn());
		await n8n.crash({ isNewContainer: true });
		// On a busy machine n8n responds before it notices that the package is missing.
		assert.equal(await isOn(), false);
		await installAsCommunityPackage(tarball, settings.userFolder);
		for (const _restart of [1, 2]) {
			await n8n.crash();
			assert.equal(await isOn(), false);
		}
		await client.activate(workflow);
		assert.ok(await isOn());
	} finally {
		await n8n.stop();
	}
});

test('In queue mode the main process, each worker and a new worker container install the package themselves.', async () => {
	const n8n = await startQueueMode(line, undefined, {
		more: { ...packageVariables(), OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true' },
	});
	try {
		const { version } = registry;
		assert.equal(await push(n8n.client, 'queue'), version);
		await n8n.workers[1]!.stop();
		await n8n.crash(0, { isNewContainer: true });
		assert.equal(await push(n8n.client, 'worker'), version);
		await eventually(() => assert.equal(finishedBy(n8n.workers[0]!).length, 1));
	} finally {
		await n8n.stop();
	}
});
