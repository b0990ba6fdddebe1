import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { formUrlOf } from './exampleWorkflow.mts';
import { ExampleForms } from './exampleForms.mts';
import { QUIET_MINUTES } from '../setup/quietSchedule.mts';
import {
	startExamples,
	withMessagesIn,
	type RunningExamples,
	type ScheduledSync,
} from './runningExamples.mts';

// The shipped examples: only addresses and credentials are filled in, and the error workflow is chosen as the note says. A webhook is added
// to the schedule, so that the test can start a run.

let examples: RunningExamples;
let forms: ExampleForms;
let sync: ScheduledSync;

before(async () => {
	examples = await startExamples({ quietMinutes: QUIET_MINUTES.straightLines });
	await examples.importExample('approve-a-plan');
	const support = await examples.importExample('customer-support-form');
	sync = await examples.importSync('crm-to-iot-sync');
	const { client } = examples.scene.server;
	forms = new ExampleForms(client.session.origin, formUrlOf(support, client));
});
after(async () => {
	await examples?.end();
});

/** Adds customers: the safety checks apply from twenty on. */
async function addCustomers(count: number): Promise<void> {
	await examples.postgres.query(
		`INSERT INTO crm_customers (customer_id) SELECT 'KH' || lpad(i::text, 4, '0') FROM generate_series(1, ${count}) i`,
	);
	await examples.postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'KH' || lpad(i::text, 4, '0'), 'SN-' || i, 'CAM01/c' || i, '摄像头' FROM generate_series(1, ${count}) i`,
	);
}

const renameSerials = async (suffix: string, most: number) =>
	await examples.postgres.query(
		`UPDATE crm_devices SET serial_no = 'SN-' || substr(device_id, 8) || '${suffix}' WHERE substr(device_id, 8)::int <= ${most} AND device_id LIKE 'CAM01/c%'`,
	);

test('The scheduled example sends a message after its first run, and none after the next.', async () => {
	const first = await sync.run();
	assert.deepEqual([first.isRed, first.messages.length], [false, 1]);
	assert.match(first.messages[0]!, /^Tencent Cloud IoT: scheduled CRM sync：Sync 正常/);
	assert.deepEqual(await sync.run(), { isRed: false, messages: [] });
});

test('The support form shows the accepted devices of a customer with their time and RequestId.', async () => {
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

test('A refused customer is reported exactly once, even if the group robot first does not respond or refuses the message.', async () => {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	examples.scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await examples.postgres.query("UPDATE crm_devices SET device_id = 'CAM01/yard' WHERE serial_no = 'SN-4'");
	examples.robot.answer = 'silence';
	for (const outcome of [await sync.run(), await sync.run()]) {
		assert.deepEqual([outcome.isRed, outcome.messages.length], [true, 1]);
		assert.match(outcome.messages[0]!, /user_4096/);
	}
	examples.robot.answer = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };
	const refused = await sync.run();
	assert.deepEqual([refused.isRed, refused.messages.length], [true, 1]);
	assert.match(refused.messages[0]!, /user_4096/);
	examples.robot.answer = undefined;
	const accepted = await sync.run();
	assert.deepEqual([accepted.isRed, accepted.messages.length], [false, 1]);
	assert.match(accepted.messages[0]!, /user_4096/);
	assert.deepEqual(await sync.run(), { isRed: false, messages: [] });
	examples.scene.simulator.setOptions({ refuseCustomers: {} });
	let healed = await sync.run();
	// A failed customer is retried in one of three runs.
	for (let attempt = 0; healed.messages.length === 0 && attempt < 3; attempt++) {
		healed = await sync.run();
	}
	assert.match(healed.messages.join(), /已恢复/);
});

test('The message counts customers that are no longer in the rows, and the support form says since when.', async () => {
	await examples.postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_4096'");
	const { messages } = await sync.run();
	assert.match(messages.join(), /1 个客户已不在数据中/);
	assert.match(
		await forms.askSupport(['user_4096', '', '', 'Show']),
		/起不在 Sync &#39;Tencent Cloud IoT: scheduled CRM sync&#39; 的数据中/,
	);
});

test('A push by the support form leaves a receipt, and the form says when the outcome is unclear.', async () => {
	await examples.postgres.query(
		"UPDATE crm_devices SET device_id = 'LOCK01/cellar' WHERE serial_no = 'SN-2'",
	);
	const page = await forms.askSupport(['user_1024', '', '', 'Push']);
	assert.match(page, /LOCK01\/cellar/);
	assert.match(page, /已接受/);
	examples.fault = { kind: 'applyThenReset' };
	await examples.postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/attic' WHERE serial_no = 'SN-2'");
	const unclear = await forms.askSupport(['user_1024', '', '', 'Push']);
	examples.fault = undefined;
	assert.match(unclear, /此后结果不明|may or may not have been applied/);
	assert.match(await forms.askSupport(['nobody', '', '', 'Push']), /上一步：.*没有|上一步/);
	await sync.run();
	assert.doesNotMatch(await forms.askSupport(['user_1024', '', '', 'Show']), /此后结果不明/);
});

test('The message about a stopped plan links to its form; after a rejection the form and the next message say who rejected it.', async () => {
	await addCustomers(60);
	assert.equal((await sync.run()).isRed, false);
	await renameSerials('x', 40);
	const first = await sync.run();
	assert.deepEqual([first.isRed, first.messages.length], [true, 1]);
	assert.match(
		first.messages[0]!,
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
	assert.match(after.messages.join(), /王主管 已拒绝这份计划/);
});

test('The run after an approval sends exactly the plan, and names the approver without an @ mention or a link.', async () => {
	await examples.postgres.query("UPDATE crm_devices SET product = '网络摄像头' WHERE device_id = 'CAM01/c1'");
	const stopped = await sync.run();
	assert.equal(stopped.isRed, true);
	const { url, page } = await forms.openApproval('<!channel> @all [x](https://evil.example)');
	const [, requests = ''] = /(\d+) 个请求|(\d+) requests/.exec(await forms.decide(url, 'Approve')) ?? [];
	assert.match(page, /40/);
	const before = examples.scene.simulator.requests.length;
	const sent = await sync.run();
	assert.equal(examples.scene.simulator.requests.length - before, Number(requests));
	assert.equal(sent.isRed, false);
	assert.match(sent.messages.join(), /批准的计划/);
	assert.doesNotMatch(sent.messages.join(), /<!|@all|https:\/\/evil/);
	assert.match((await forms.openApproval('Li')).page, /没有等待批准|正常/);
	assert.deepEqual(await sync.run(), { isRed: false, messages: [] });
});

test('When the rows are correct again before a decision, the form says that no approval is needed any more.', async () => {
	await renameSerials('y', 40);
	assert.equal((await sync.run()).isRed, true);
	const { url } = await forms.openApproval('王主管');
	await renameSerials('x', 40);
	assert.equal((await sync.run()).isRed, false);
	assert.match(await forms.decide(url, 'Approve'), /无需再批准/);
});

test('After its log was deleted, Sync keeps running, and the support form says that earlier receipts are unknown.', async () => {
	await examples.deleteTables(/^tencent_iot_log_\d{4}_\d\d$/);
	assert.match(await forms.askSupport(['user_1024', '', '', 'Show']), /此前接受了什么不得而知/);
	await examples.postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/roof' WHERE serial_no = 'SN-2'");
	assert.equal((await sync.run()).isRed, false);
	const page = await forms.askSupport(['user_1024', '', '', 'Show']);
	assert.match(page.slice(page.indexOf('<body')), /LOCK01\/roof/);
});

test("When the source fails, the run fails, and the message quotes the source's error without links or mentions.", async () => {
	await examples.postgres.query('ALTER TABLE crm_devices RENAME TO "@all https://evil.example"');
	const failed = await sync.run();
	await examples.postgres.query('ALTER TABLE "@all https://evil.example" RENAME TO crm_devices');
	assert.equal(failed.isRed, true);
	assert.match(failed.messages.join(), /crm_devices/);
	const healed = await sync.run();
	assert.deepEqual([healed.isRed, healed.messages.length], [false, 1]);
});

test('A workflow and its copy each report their own news and missing customers, and have their own plan to approve.', async () => {
	const copy = await examples.importSync('crm-to-iot-sync', withMessagesIn('english'));
	const first = await copy.run();
	assert.deepEqual([first.isRed, first.messages.length], [false, 1]);
	assert.deepEqual(await sync.run(), { isRed: false, messages: [] });
	await examples.postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_2048'");
	assert.match((await sync.run()).messages.join(), /1 个客户已不在数据中/);
	const gone = await forms.askSupport(['user_2048', '', '', 'Show']);
	assert.match(gone, new RegExp(`起不在 [^。]*\\(${sync.workflow.id}\\)&#39; 的数据中`));
	assert.match(gone, new RegExp(`仍在 [^。]*\\(${copy.workflow.id}\\)&#39; 的数据中`));
	await renameSerials('z', 40);
	const stopped = [await sync.run(), await copy.run()];
	assert.deepEqual(
		stopped.map(({ isRed, messages }) => [isRed, messages.length]),
		[
			[true, 1],
			[true, 1],
		],
	);
	const inEnglish = [...first.messages, ...stopped[1]!.messages]
		.join()
		.replaceAll(/智能门锁|网络摄像头|摄像头/g, '');
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
