import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { workflowOfRows } from '../n8n/workflow.mts';
import { eventually } from '../setup/eventually.mts';
import { lineUnderTest, pushNode, rowsOf, setScene, type Scene } from './scene.mts';

let scene: Scene;
before(async () => {
	scene = await setScene();
	const refused = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { bad: refused } });
});
after(async () => await scene?.end());

const WITHOUT_CUSTOM_DATA = lineUnderTest() === 'n8n-2' ? false : 'n8n 2.15.1 does not return custom data';

test(
	'A push stores its health and counts for the list of executions and for the trace of the node.',
	{ skip: WITHOUT_CUSTOM_DATA },
	async () => {
		const push = pushNode(scene, {}, { onError: 'continueErrorOutput' });
		const execution = await scene.server.client.createAndRun(
			workflowOfRows('Listed', rowsOf('a/1', 'bad/1', 'b/1', 'a/2'), [push]),
		);
		const shown = { tencentIotHealth: 'degraded', tencentIotSent: '2', tencentIotFailed: '1' };
		// n8n stores it separately from the execution.
		await eventually(async () => {
			const { customData } = await scene.server.client.execution(execution.id);
			assert.deepEqual({ ...customData }, shown);
		});
		assert.deepEqual(execution.runs('Push')[0]?.metadata?.tracing, {
			health: 'degraded',
			sent: 2,
			failed: 1,
			unchanged: 0,
			postponed: 0,
			requests: 3,
			retries: 0,
		});
	},
);

test("A push that takes more than half a minute writes its progress to n8n's log.", async () => {
	const rowsOfMany = rowsOf(...Array.from({ length: 640 }, (_, index) => `long${index}/1`));
	const workflow = workflowOfRows('Long', rowsOfMany, [pushNode(scene)]);
	const execution = await scene.server.client.createAndRun(workflow);
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.match(scene.server.log, /Tencent Cloud IoT, node 'Push': \d+ of 640 customers sent, .* left/);
});
