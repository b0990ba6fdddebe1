import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoWorld } from '../../../simulator/demoWorld/demoWorld.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { readExample, ROBOT_ADDRESS } from './exampleWorkflow.mts';
import { setScene, type Scene } from './scene.mts';

let scene: Scene;
let robot: GroupRobot;
before(async () => {
	robot = await startGroupRobot();
	scene = await setScene(demoWorld(Date.now()));
});
after(async () => {
	await scene?.end();
	await robot?.stop();
});

/** Runs the shipped example by hand. */
async function audit() {
	const { client } = scene.server;
	const workflow = await client.importWorkflow(
		await readExample('monthly-audit', { [ROBOT_ADDRESS]: robot.url }),
	);
	return await client.whenDone(await client.start(workflow, 'Every Month'));
}

test('The audit example sends one message, and fails without naming any row if the robot refuses it.', async () => {
	const accepted = await audit();
	assert.equal(accepted.status, 'success', accepted.failure?.message);
	assert.equal(robot.messages.length, 1);
	assert.match(robot.messages[0]!, /核对结果：1 台设备在腾讯侧不存在（LOCK01\/back_dooor）/);
	robot.answer = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };
	const refused = await audit();
	robot.answer = undefined;
	assert.equal(refused.status, 'error');
	assert.match(String(refused.failure?.message), /^The message was not accepted: 200/);
	assert.doesNotMatch(String(refused.failure?.message), /back_dooor|user_/);
});
