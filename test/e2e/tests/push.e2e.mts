import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowOfRows } from '../n8n/workflow.mts';
import { eventually } from '../setup/eventually.mts';
import { boundDevices, lineUnderTest, pushNode, rowsOf, setScene, type Scene } from './scene.mts';

let scene: Scene;
before(async () => {
	scene = await setScene({ faults: [{ on: 'flaky', kind: 'status', status: 503, times: 1 }] });
});
beforeEach(() => {
	scene.simulator.setOptions({
		latencyMs: 0,
		refuseCustomers: { bad: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } },
	});
	scene.simulator.reset();
});
after(async () => await scene?.end());

const rows = rowsOf('a/1', 'bad/1', 'b/1', 'a/2');

test('Each customer is one request and one item, linked to its rows, and the banner sums up.', async () => {
	const good = rowsOf('a/1', 'b/1', 'a/2');
	const execution = await scene.server.client.createAndRun(workflowOfRows('Push', good, [pushNode(scene)]));
	assert.equal(execution.status, 'success', execution.failure?.message);
	const summary = execution
		.json('Push')
		.map(({ CustomerId, Status, DeviceCount }) => [CustomerId, Status, DeviceCount]);
	assert.deepEqual(summary, [
		['a', 'OK', 2],
		['b', 'OK', 1],
	]);
	const links = execution.items('Push').map(({ pairedItem }) => pairedItem);
	assert.deepEqual(links, [[{ item: 0 }, { item: 2 }], { item: 1 }]);
	assert.equal(execution.hints('Push').length, 1);
	assert.match(execution.hints('Push')[0]!, /^2 customers, 3 devices pushed/);
	assert.deepEqual(boundDevices(scene.simulator), { a: ['LOCK01/a_1', 'LOCK01/a_2'], b: ['LOCK01/b_1'] });
});

test('With an error output the refused customer leaves by that branch, with its reason and its row.', async () => {
	const push = pushNode(scene, {}, { onError: 'continueErrorOutput' });
	const execution = await scene.server.client.createAndRun(workflowOfRows('Error output', rows, [push]));
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.deepEqual(
		execution.json('Push').map(({ CustomerId }) => CustomerId),
		['a', 'b'],
	);
	const [refused, ...others] = execution.items('Push', 1);
	assert.deepEqual(others, []);
	assert.deepEqual(refused?.pairedItem, { item: 1 });
	const error = refused?.json.error as Record<string, unknown>;
	assert.match(String(error.message), /CustomerId 无效.*Tencent refused it; nothing was changed\./);
	assert.deepEqual([error.CustomerId, error.outcome, error.rows, error.attempts], ['bad', 'REFUSED', [2], 1]);
	assert.match(execution.hints('Push')[0]!, /1 refused/);
	assert.deepEqual(Object.keys(boundDevices(scene.simulator)), ['a', 'b']);
});

test('The list of executions gets health and counts, and the trace of the node its counts.', async () => {
	const push = pushNode(scene, {}, { onError: 'continueErrorOutput' });
	const execution = await scene.server.client.createAndRun(workflowOfRows('Listed', rows, [push]));
	const shown = { tencentIotHealth: 'degraded', tencentIotSent: '2', tencentIotFailed: '1' };
	// n8n 1 offers nodes no custom data.
	assert.deepEqual({ ...execution.customData }, lineUnderTest() === 'n8n-1' ? {} : shown);
	assert.deepEqual(execution.runs('Push')[0]?.metadata?.tracing, {
		health: 'degraded',
		sent: 2,
		failed: 1,
		unchanged: 0,
		postponed: 0,
		requests: 3,
		retries: 0,
	});
});

test('Retry On Fail runs the node again after a failed attempt, and every customer ends up bound.', async () => {
	const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
	const push = pushNode(scene, { maxAttempts: 1 }, retry);
	const workflow = workflowOfRows('Retry', rowsOf('a/1', 'flaky/1', 'b/1'), [push]);
	const execution = await scene.server.client.createAndRun(workflow);
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.deepEqual(Object.keys(boundDevices(scene.simulator)).sort(), ['a', 'b', 'flaky']);
	assert.equal(scene.simulator.requests.filter(({ CustomerId }) => CustomerId === 'flaky').length, 2);
});

const many = rowsOf(...Array.from({ length: 60 }, (_, index) => `c${index}/1`));

/** What reaches the simulator after a run has ended: requests under way, and nothing more. */
async function requestsAfterEnd(): Promise<number> {
	const { requests } = scene.simulator;
	const atEnd = requests.length;
	await sleep(2500);
	return requests.length - atEnd;
}

test('The time limit of the workflow ends the sending.', async () => {
	scene.simulator.setOptions({ latencyMs: 300 });
	const push = pushNode(scene, { concurrency: 1 });
	const workflow = workflowOfRows('Timeout', many, [push], { executionTimeout: 2 });
	const execution = await scene.server.client.createAndRun(workflow);
	assert.equal(execution.status, 'canceled');
	assert.ok(scene.simulator.requests.length < many.length, `${scene.simulator.requests.length} requests`);
	assert.ok((await requestsAfterEnd()) <= 1);
});

test('Stop in the middle of a run ends the sending.', async () => {
	const { server, simulator } = scene;
	simulator.setOptions({ latencyMs: 300 });
	const workflow = workflowOfRows('Stopped', many, [pushNode(scene, { concurrency: 1 })]);
	const id = await server.client.start(await server.client.createWorkflow(workflow));
	await eventually(() => assert.ok(simulator.requests.length >= 4));
	assert.ok(boundDevices(simulator).c0, 'nothing was bound before the stop');
	await server.client.stop(id);
	assert.ok((await requestsAfterEnd()) <= 1);
	assert.equal((await server.client.whenDone(id)).status, 'canceled');
	assert.ok(simulator.requests.length < many.length, `${simulator.requests.length} requests`);
});

test("A run of more than half a minute writes its progress into n8n's log.", async () => {
	const rowsOfMany = rowsOf(...Array.from({ length: 640 }, (_, index) => `long${index}/1`));
	const workflow = workflowOfRows('Long', rowsOfMany, [pushNode(scene)]);
	const execution = await scene.server.client.createAndRun(workflow);
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.match(scene.server.log, /Tencent Cloud IoT, node 'Push': \d+ of 640 customers sent, .* left/);
});
