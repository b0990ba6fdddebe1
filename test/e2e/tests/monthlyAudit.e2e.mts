import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoWorld } from '../../../simulator/demoWorld/demoWorld.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { createCrmCredential } from './crmDatabase.mts';
import { readExample, ROBOT_ADDRESS, withoutNodes } from './exampleWorkflow.mts';
import { setScene, type Scene } from './scene.mts';

let scene: Scene;
let postgres: Postgres;
let robot: GroupRobot;
before(async () => {
	postgres = await startPostgres();
	robot = await startGroupRobot();
	scene = await setScene(demoWorld(Date.now()));
	await createCrmCredential(scene.server.client, postgres.login);
});
after(async () => {
	await scene?.end();
	await robot?.stop();
	await postgres?.stop();
});

/** Runs the example as it is shipped, with some texts replaced by others, or without its table, as the editor deletes the node. */
async function audit(texts: Readonly<Record<string, string>> = {}, hasTable = true) {
	const { client } = scene.server;
	const example = await readExample('monthly-audit', { [ROBOT_ADDRESS]: robot.url, ...texts });
	const { 'Write Findings': onward, ...connections } = example.connections;
	const without = { ...example, connections: { ...connections, 'Audit Device Bindings': onward! } };
	const workflow = await client.importWorkflow(
		hasTable ? example : withoutNodes(without, ['Write Findings']),
	);
	const execution = await client.whenDone(await client.start(workflow, 'Every Month'));
	return { execution, message: robot.messages.at(-1) ?? '' };
}

const findings = async (where: string) =>
	(await postgres.query(`SELECT key FROM audit_findings WHERE ${where} ORDER BY key`)).map(([key]) => key);

test('Rows that become invalid and valid again close nothing, and nothing is new; what is mended is closed.', async () => {
	const first = await audit();
	assert.equal(first.execution.status, 'success', first.execution.failure?.message);
	const all = await findings('closed IS NULL');
	for (const key of [
		'DEVICE_UNKNOWN LOCK01/back_dooor',
		'DEVICE_NEVER_ONLINE CAM01/terrace',
		'DEVICE_UNOWNED LOCK01/cellar',
		'CUSTOMER_UNKNOWN user_4096',
		'PHONE_DIFFERS user_2048',
	])
		assert.ok(all.includes(key), key);
	assert.match(first.message, new RegExp(`${all.length} new, ${all.length} open, 0 closed`));
	assert.match(first.message, /核对结果：1 台设备在腾讯侧不存在（LOCK01\/back_dooor）/);

	const invalid = [
		// A device that is meant by another's Nearest, one that cannot be read, a customer that cannot be read.
		{ 'LOCK01/back_dooor,智能门锁': 'LOCK01/back_dooor,' },
		{ 'CAM01/entrance': 'CAM01 entrance' },
		{ 'user_4096,': 'N/A,' },
		{ 'LOCK01/front_door,智能门锁': 'LOCK01/front_door,', 'user_2048,': '#REF!,' },
	];
	for (const texts of invalid) {
		for (const rows of [texts, {}]) {
			const { execution, message } = await audit(rows);
			assert.equal(execution.status, 'success', execution.failure?.message);
			assert.match(message, new RegExp(`0 new, ${all.length} open, 0 closed`), JSON.stringify(rows));
			assert.deepEqual(await findings('closed IS NULL'), all);
		}
	}

	const mended = await audit({ back_dooor: 'back_door' });
	assert.match(mended.message, new RegExp(`0 new, ${all.length - 1} open, 1 closed`));
	assert.deepEqual(await findings('closed IS NOT NULL'), ['DEVICE_UNKNOWN LOCK01/back_dooor']);
	await postgres.query(
		"UPDATE audit_findings SET first_seen = '2020-01-01', closed = closed - interval '1 month'",
	);
	const again = await audit();
	assert.match(again.message, new RegExp(`1 new, ${all.length} open, 0 closed`));
	assert.deepEqual(await findings("first_seen > '2026-01-01'"), ['DEVICE_UNKNOWN LOCK01/back_dooor']);
});

test('A list that is not chosen keeps its findings open, and a red end says what was not written or not taken.', async () => {
	const open = await findings('closed IS NULL');
	const { message } = await audit({ '\t\t\t\t\t\t"orders"': '\t\t\t\t\t\t"customers"' });
	assert.match(message, /Orders \(not chosen\)/);
	assert.deepEqual(await findings('closed IS NULL'), open);

	const withoutTable = await audit({}, false);
	assert.equal(withoutTable.execution.status, 'success', withoutTable.execution.failure?.message);
	assert.doesNotMatch(withoutTable.message, /closed \(audit_findings\)/);

	const notTaken = await audit({ '"wecom"': '"slack"' });
	assert.equal(notTaken.execution.status, 'error');
	assert.match(String(notTaken.execution.failure?.message), /The message was not taken/);
	const notWritten = await audit({ 'DO $setup$': 'NO $setup$' });
	assert.equal(notWritten.execution.status, 'error');
	assert.match(String(notWritten.execution.failure?.message), /The findings were not written/);
	assert.match(notWritten.message, /核对结果/);
});
