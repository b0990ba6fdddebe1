import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { formUrlOf } from './exampleWorkflow.mts';
import { ExampleForms } from './exampleForms.mts';
import { QUIET_MINUTES } from '../setup/quietSchedule.mts';
import { openNights, toldIn, type Nights, type ScheduledSync } from './nights.mts';

// The examples as they are shipped: what is changed are addresses and credentials, and the error workflow is chosen as the note says. A
// webhook stands beside the schedule, so that a run begins when the test wants it.

let nights: Nights;
let forms: ExampleForms;
let sync: ScheduledSync;

before(async () => {
	nights = await openNights({ quietMinutes: QUIET_MINUTES.straightLines });
	await nights.importExample('approve-a-plan');
	const support = await nights.importExample('customer-support-form');
	sync = await nights.importSync('crm-to-iot-sync');
	const { client } = nights.scene.server;
	forms = new ExampleForms(client.session.origin, formUrlOf(support, client));
});
after(async () => {
	await nights?.end();
});

/** Adds customers that the safety checks are for, from twenty on. */
async function addCustomers(count: number): Promise<void> {
	await nights.postgres.query(
		`INSERT INTO crm_customers (customer_id) SELECT 'KH' || lpad(i::text, 4, '0') FROM generate_series(1, ${count}) i`,
	);
	await nights.postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'KH' || lpad(i::text, 4, '0'), 'SN-' || i, 'CAM01/c' || i, '摄像头' FROM generate_series(1, ${count}) i`,
	);
}

const renameSerials = async (suffix: string, most: number) =>
	await nights.postgres.query(
		`UPDATE crm_devices SET serial_no = 'SN-' || substr(device_id, 8) || '${suffix}' WHERE substr(device_id, 8)::int <= ${most} AND device_id LIKE 'CAM01/c%'`,
	);

test('The first run sends a message, and the next one is quiet.', async () => {
	const first = await sync.run();
	assert.deepEqual([first.isRed, first.told.length], [false, 1]);
	assert.match(first.told[0]!, /^Tencent Cloud IoT: scheduled CRM sync：Sync 正常/);
	assert.deepEqual(await sync.run(), { isRed: false, told: [] });
});

test('The support form says what was accepted, when and by which RequestId.', async () => {
	assert.match(forms.supportForm, /\/form\/[\w-]{20,}$/);
	assert.equal((await fetch(forms.supportForm)).status, 401);
	const page = await forms.askSupport(['user_1024', '', '', 'Show']);
	assert.match(page, /腾讯云于 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d GMT\S* 接受了 2 台设备（RequestId [\w-]+）/);
	assert.match(page, /LOCK01\/front · SN-1 · 智能门锁/);
	assert.match(
		await forms.askSupport(['USER_1024', '', '', 'Show']),
		/&#39;user_1024&#39;, with letters in another case/,
	);
	assert.match(await forms.askSupport(['nobody', '', '', 'Show']), /没有该客户被接受的请求/);
	assert.match(await forms.askSupport(['', 'SN-3', '', 'Show']), /user_2048/);
});

test('A refused customer is reported once, also where the robot is silent twice, refuses the message or is away; nothing is lost, and nothing is reported twice.', async () => {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	nights.scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await nights.postgres.query("UPDATE crm_devices SET device_id = 'CAM01/yard' WHERE serial_no = 'SN-4'");
	nights.robot.answer = 'silence';
	for (const night of [await sync.run(), await sync.run()]) {
		assert.deepEqual([night.isRed, night.told.length], [true, 1]);
		assert.match(night.told[0]!, /user_4096/);
	}
	nights.robot.answer = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };
	const refused = await sync.run();
	assert.deepEqual([refused.isRed, refused.told.length], [true, 1]);
	assert.match(refused.told[0]!, /user_4096/);
	nights.robot.answer = undefined;
	const taken = await sync.run();
	assert.deepEqual([taken.isRed, taken.told.length], [false, 1]);
	assert.match(taken.told[0]!, /user_4096/);
	assert.deepEqual(await sync.run(), { isRed: false, told: [] });
	nights.scene.simulator.setOptions({ refuseCustomers: {} });
	let healed = await sync.run();
	// A customer that failed has its turn in one of three runs.
	for (let attempt = 0; healed.told.length === 0 && attempt < 3; attempt++) {
		healed = await sync.run();
	}
	assert.match(healed.told.join(), /已恢复/);
});

test('Who left the rows is counted, and the log has the name.', async () => {
	await nights.postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_4096'");
	const { told } = await sync.run();
	assert.match(told.join(), /1 个客户已不在数据中/);
	assert.match(
		await forms.askSupport(['user_4096', '', '', 'Show']),
		/起不在 Sync &#39;Tencent Cloud IoT: scheduled CRM sync&#39; 的数据中/,
	);
});

test('Push by the support form leaves a receipt, and what is unclear is said to be.', async () => {
	await nights.postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/cellar' WHERE serial_no = 'SN-2'");
	const page = await forms.askSupport(['user_1024', '', '', 'Push']);
	assert.match(page, /LOCK01\/cellar/);
	assert.match(page, /已接受/);
	nights.fault = { kind: 'applyThenReset' };
	await nights.postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/attic' WHERE serial_no = 'SN-2'");
	const unclear = await forms.askSupport(['user_1024', '', '', 'Push']);
	nights.fault = undefined;
	assert.match(unclear, /此后结果不明|may or may not have been applied/);
	assert.match(await forms.askSupport(['nobody', '', '', 'Push']), /上一步：.*没有|上一步/);
	await sync.run();
	assert.doesNotMatch(await forms.askSupport(['user_1024', '', '', 'Show']), /此后结果不明/);
});

test('A stopped plan is told with the address of its form; rejected, a second person and a page opened again read what became of it.', async () => {
	await addCustomers(60);
	assert.equal((await sync.run()).isRed, false);
	await renameSerials('x', 40);
	const first = await sync.run();
	assert.deepEqual([first.isRed, first.told.length], [true, 1]);
	assert.match(
		first.told[0]!,
		/批准或拒绝： \/ Approve or reject: http\S+\/form\/approve-a-plan|\/form\/approve-a-plan/,
	);
	assert.equal((await fetch(forms.approvalForm)).status, 401);
	const approval = await forms.openApproval('王主管');
	const second = await forms.openApproval('<!channel> @all');
	assert.match(approval.page, /40/);
	assert.match(await forms.decide(approval.url, 'Reject'), /王主管 已拒绝/);
	assert.match(await forms.decide(second.url, 'Approve'), /没有更改.*王主管 已于 .* 拒绝/s);
	assert.match((await forms.openApproval('Li')).page, /Health|状态/);
	const after = await sync.run();
	assert.match(after.told.join(), /王主管 已拒绝这份计划/);
});

test('Approved, the next run sends exactly the plan, and names who approved it without mentioning anybody.', async () => {
	await nights.postgres.query("UPDATE crm_devices SET product = '网络摄像头' WHERE device_id = 'CAM01/c1'");
	const stopped = await sync.run();
	assert.equal(stopped.isRed, true);
	const { url, page } = await forms.openApproval('<!channel> @all [x](https://evil.example)');
	const [, requests = ''] = /(\d+) 个请求|(\d+) requests/.exec(await forms.decide(url, 'Approve')) ?? [];
	assert.match(page, /40/);
	const before = nights.scene.simulator.requests.length;
	const sent = await sync.run();
	assert.equal(nights.scene.simulator.requests.length - before, Number(requests));
	assert.equal(sent.isRed, false);
	assert.match(sent.told.join(), /批准的计划/);
	assert.doesNotMatch(sent.told.join(), /<!|@all|https:\/\/evil/);
	assert.match((await forms.openApproval('Li')).page, /没有等待批准|正常/);
	assert.deepEqual(await sync.run(), { isRed: false, told: [] });
});

test('A stop that heals by itself needs no decision, and who comes late reads so.', async () => {
	await renameSerials('y', 40);
	assert.equal((await sync.run()).isRed, true);
	const { url } = await forms.openApproval('王主管');
	await renameSerials('x', 40);
	assert.equal((await sync.run()).isRed, false);
	assert.match(await forms.decide(url, 'Approve'), /无需再批准/);
});

test('With the log deleted Sync goes on, and says what is not known.', async () => {
	await nights.deleteTables(/^tencent_iot_log_\d{4}_\d\d$/);
	assert.match(await forms.askSupport(['user_1024', '', '', 'Show']), /此前接受了什么不得而知/);
	await nights.postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/roof' WHERE serial_no = 'SN-2'");
	assert.equal((await sync.run()).isRed, false);
	const page = await forms.askSupport(['user_1024', '', '', 'Show']);
	assert.match(page.slice(page.indexOf('<body')), /LOCK01\/roof/);
});

test('A source that fails is told in its own words, without links or mentions, and is red.', async () => {
	await nights.postgres.query('ALTER TABLE crm_devices RENAME TO "@all https://evil.example"');
	const failed = await sync.run();
	await nights.postgres.query('ALTER TABLE "@all https://evil.example" RENAME TO crm_devices');
	assert.equal(failed.isRed, true);
	assert.match(failed.told.join(), /crm_devices/);
	const healed = await sync.run();
	assert.deepEqual([healed.isRed, healed.told.length], [false, 1]);
});

test('Beside a copy of its workflow each Sync confirms its own news, says who is gone, and has its own plan approved.', async () => {
	const copy = await nights.importSync('crm-to-iot-sync', toldIn('english'));
	const first = await copy.run();
	assert.deepEqual([first.isRed, first.told.length], [false, 1]);
	assert.deepEqual(await sync.run(), { isRed: false, told: [] });
	await nights.postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_2048'");
	assert.match((await sync.run()).told.join(), /1 个客户已不在数据中/);
	const gone = await forms.askSupport(['user_2048', '', '', 'Show']);
	assert.match(gone, new RegExp(`起不在 [^。]*\\(${sync.workflow.id}\\)&#39; 的数据中`));
	assert.match(gone, new RegExp(`仍在 [^。]*\\(${copy.workflow.id}\\)&#39; 的数据中`));
	await renameSerials('z', 40);
	const stopped = [await sync.run(), await copy.run()];
	assert.deepEqual(
		stopped.map(({ isRed, told }) => [isRed, told.length]),
		[
			[true, 1],
			[true, 1],
		],
	);
	const inEnglish = [...first.told, ...stopped[1]!.told].join().replaceAll(/智能门锁|网络摄像头|摄像头/g, '');
	assert.doesNotMatch(inEnglish, /\p{Script=Han}|[：，。（）]/u);
	const approved: string[] = [];
	for (const name of ['王主管', 'Li']) {
		const { url, page } = await forms.openApproval(name);
		assert.match(page, /40/);
		approved.push(await forms.decide(url, 'Approve'));
	}
	for (const { workflow } of [sync, copy]) {
		assert.equal(approved.filter((page) => page.includes(`(${workflow.id})`)).length, 1);
	}
	assert.deepEqual([(await sync.run()).isRed, (await copy.run()).isRed], [false, false]);
	assert.match((await forms.openApproval('Li')).page, /正常/);
});
