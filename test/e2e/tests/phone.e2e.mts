import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../setup/eventually.mts';
import { QUIET_MINUTES } from '../setup/quietSchedule.mts';
import { ExampleForms } from './exampleForms.mts';
import { formUrlOf } from './exampleWorkflow.mts';
import { startExamples, type RunningExamples, type ScheduledSync } from './runningExamples.mts';

/**
 * Incidents at night, with the shipped examples. The person on call has only a phone with the message of the group robot. It must say what
 * happened, whether Tencent applied anything, and what to do, in both languages. These are the incidents, and the files that test them:
 *
 *      1  half of the customers are missing from the rows         here
 *      2  a wrong join gives each customer the device of another  here
 *      3  a join gives devices to two customers                   here
 *      4  the source returns no rows                              here
 *      5  the source fails                                        here
 *      6  Tencent does not respond: it may have applied it        here
 *      7  nothing listens at the address of the credential        here
 *      8  its host does not exist, or it is not https              here
 *      9  the App Secret is wrong                                 here
 *     10  Tencent refuses three customers                         here
 *     11  more within the hour: the next message has the total    here
 *     12  all of them have recovered                              here
 *     13  rows are incomplete                                     here
 *     14  'Dry Run' was left switched on                          here
 *     15  n8n is killed while it sends: recovers by itself        here
 *     16  all tables of Sync are deleted                          here
 *     17  the credential is deleted                               here
 *     18  customers leave the rows                                straightLines
 *     19  the tables have no space left                           redEnds
 *
 *         a lock has moved to another customer                    here
 *         a plan is rejected; a second person, a page opened late straightLines
 *         a plan is approved, or is no longer needed              straightLines
 *         the robot refuses, does not respond twice, and recovers straightLines
 *         the table of the log is deleted                         straightLines
 *         the workflow is copied                                  straightLines
 */

const CUSTOMERS = 60;
const CREDENTIAL_OF_NODE = 'tencentCloudIotApi';

/** How long Sync may take to report everything that it has to; a busy machine is slow. Milliseconds. */
const LONGEST_CALMING_MS = 120_000;

/** After a kill the next run waits for up to a minute; a busy machine is slow. Milliseconds. */
const LONGEST_HEALING_MS = 180_000;

let examples: RunningExamples;
let forms: ExampleForms;
let sync: ScheduledSync;

const sql = async (statement: string) => await examples.postgres.query(statement);

/** Something that goes wrong, and the message that it must cause. */
interface Incident {
	/** Completes the title "The message explains what happened and what to do when …". */
	readonly incident: string;
	readonly cause: () => Promise<unknown>;
	readonly repair: () => Promise<unknown>;
	readonly isRed: boolean;
	/** What happened, in Chinese and English. */
	readonly happened: readonly [chinese: RegExp, english: RegExp];
	/** What Tencent may have applied. */
	readonly applied: readonly [chinese: RegExp, english: RegExp];
	/** What to do. */
	readonly toDo: readonly [chinese: RegExp, english: RegExp];
}

/** Resets the rows of the CRM to correct ones. */
async function restoreRows(): Promise<void> {
	await sql('TRUNCATE crm_customers, crm_devices');
	await sql(
		`INSERT INTO crm_customers (customer_id) SELECT 'KH' || lpad(i::text, 4, '0') FROM generate_series(1, ${CUSTOMERS}) i`,
	);
	await sql(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'KH' || lpad(i::text, 4, '0'), 'SN-' || i, 'CAM01/c' || i, '摄像头' FROM generate_series(1, ${CUSTOMERS}) i`,
	);
}

/** Changes the devices of some customers, so that the next run sends them. */
async function changeSome(suffix: string, { from = 1, to }: { from?: number; to: number }): Promise<void> {
	await sql(
		`UPDATE crm_devices SET serial_no = 'SN-' || substr(device_id, 8) || '${suffix}' WHERE substr(device_id, 8)::int BETWEEN ${from} AND ${to}`,
	);
}

/** Changes the credential of the node. */
async function editCredential(change: Readonly<Record<string, string>>): Promise<void> {
	const { client } = examples.scene.server;
	const { credential, credentialData } = examples.scene;
	const data = { ...credentialData, ...change };
	await client.session.request('PATCH', `/credentials/${credential.id}`, {
		id: credential.id,
		name: credential.name,
		type: CREDENTIAL_OF_NODE,
		data,
	});
}

const nothingSent = [/未发送任何内容/, /Nothing was sent/] as const;
const notSent = [/未发送/, /not sent/] as const;

before(async () => {
	examples = await startExamples({ quietMinutes: QUIET_MINUTES.phone });
	await examples.importExample('approve-a-plan');
	const support = await examples.importExample('customer-support-form');
	const { client } = examples.scene.server;
	forms = new ExampleForms(client.session.origin, formUrlOf(support, client));
	await restoreRows();
	sync = await examples.importSync('crm-to-iot-sync');
	assert.equal((await sync.run()).isRed, false);
});
after(async () => {
	await examples?.end();
});

const INCIDENTS: readonly Incident[] = [
	{
		incident: 'half of the customers are missing',
		cause: async () => await sql("UPDATE crm_customers SET active = false WHERE customer_id > 'KH0030'"),
		repair: restoreRows,
		isRed: true,
		happened: [/原有 60 个客户，30 个已不在数据中/, /30 of 60 customers are missing from the rows/],
		applied: nothingSent,
		toDo: [/在一次运行中给出全部客户的数据行/, /Give Sync the rows of all customers in one run/],
	},
	{
		incident: 'a wrong join gives each customer the device of another one',
		cause: async () =>
			await sql(
				`UPDATE crm_devices SET device_id = 'CAM01/c' || (substr(device_id, 8)::int % ${CUSTOMERS} + 1)`,
			),
		repair: restoreRows,
		isRed: true,
		happened: [/其中 60 台将换到另一个客户/, /60 of 60 devices would move to another customer/],
		applied: nothingSent,
		toDo: [
			/检查查询及其 JOIN|修正映射或数据行/,
			/Check the query and its joins|Correct the mapping or the rows/,
		],
	},
	{
		incident: 'a join gives each device to two customers',
		cause: async () =>
			await sql(
				`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
				SELECT 'KH' || lpad((substr(device_id, 8)::int % ${CUSTOMERS} + 1)::text, 4, '0'), serial_no, device_id, product FROM crm_devices`,
			),
		repair: restoreRows,
		isRed: true,
		happened: [/“CAM01\/c1” 在第 \d+ 行也属于客户“KH0002”/, /'CAM01\/c1' is also under customer 'KH0002'/],
		applied: notSent,
		toDo: [/修正 120 行中的 DeviceId/, /Correct 'DeviceId' in 120 rows/],
	},
	{
		incident: 'the source returns no rows',
		cause: async () => await sql('UPDATE crm_customers SET active = false'),
		repair: restoreRows,
		isRed: true,
		happened: [/数据源没有给出任何数据行/, /The source returned no rows/],
		applied: nothingSent,
		toDo: [/检查其查询或过滤条件/, /Check its query or filter/],
	},
	{
		incident: 'the source fails',
		cause: async () => await sql('ALTER TABLE crm_devices RENAME TO elsewhere'),
		repair: async () => await sql('ALTER TABLE elsewhere RENAME TO crm_devices'),
		isRed: true,
		happened: [
			/数据源出错，没有给出任何数据行.*crm_devices/s,
			/The source failed and returned no rows.*crm_devices/s,
		],
		applied: nothingSent,
		toDo: [/前一个节点|数据源/, /Correct what the node before reports|source/],
	},
	{
		incident: 'Tencent does not respond',
		cause: async () => {
			examples.fault = { kind: 'applyThenReset' };
			await changeSome('b', { to: 5 });
		},
		repair: async () => {
			examples.fault = undefined;
			await restoreRows();
		},
		isRed: true,
		happened: [/连接在收到完整响应之前中断/, /The connection closed before a complete response arrived/],
		applied: [/3 个结果不明（腾讯云可能已应用）/, /3 unclear \(Tencent may or may not have applied them\)/],
		toDo: [/暂无需处理：下次运行会推送其余客户/, /Nothing has to be done now: the next run sends the rest/],
	},
	{
		incident: 'nothing listens at the address of the credential',
		cause: async () => {
			await editCredential({ endpoint: 'http://127.0.0.1:9/' });
			await changeSome('c', { to: 5 });
		},
		repair: async () => {
			await editCredential({});
			await restoreRows();
		},
		isRed: true,
		happened: [/拒绝连接/, /refused the connection/],
		applied: notSent,
		toDo: [/暂无需处理/, /Nothing has to be done now/],
	},
	{
		incident: 'the address of the credential is not https',
		cause: async () => await editCredential({ endpoint: 'http://iot.example.com/' }),
		repair: async () => await editCredential({}),
		isRed: true,
		happened: [/接口地址不以 https 开头/, /The endpoint does not start with https\./],
		applied: nothingSent,
		toDo: [/修正凭证中的 Endpoint/, /Correct 'Endpoint' in the credential/],
	},
	{
		incident: 'the address of the credential has no host',
		cause: async () => {
			await editCredential({ endpoint: 'https://iot.invalid/' });
			await changeSome('h', { to: 5 });
		},
		repair: async () => {
			await editCredential({});
			await restoreRows();
		},
		isRed: true,
		happened: [
			/找不到接口地址的主机名|DNS 查询超时/,
			/host name of the endpoint was not found|DNS lookup timed out/,
		],
		applied: notSent,
		toDo: [
			/检查凭证中的接口地址|检查本机的 DNS/,
			/Check the endpoint in the credential|Check this server's DNS/,
		],
	},
	{
		incident: 'the App Secret is wrong',
		cause: async () => {
			await editCredential({ appSecret: 'not the secret any more' });
			await changeSome('d', { to: 5 });
		},
		repair: async () => {
			await editCredential({});
			await restoreRows();
		},
		isRed: true,
		happened: [/签名未通过验证/, /Signature is not valid/],
		applied: [/被拒绝（没有任何更改）；\d+ 个未发送/, /refused \(nothing was changed\); \d+ not sent/],
		toDo: [/检查凭证中的 App Key 和 App Secret/, /Check App Key and App Secret in the credential/],
	},
];

/** Runs Sync until it has nothing left to report. */
async function untilQuiet(): Promise<void> {
	await eventually(
		async () => assert.deepEqual(await sync.run(), { isRed: false, messages: [] }),
		LONGEST_CALMING_MS,
	);
}

/** Runs Sync until it has reported something: a failed customer is retried in one of three runs. */
async function untilReported(...patterns: readonly RegExp[]): Promise<void> {
	const messages: string[] = [];
	await eventually(async () => {
		messages.push(...(await sync.run()).messages);
		for (const pattern of patterns) {
			assert.match(messages.join('\n'), pattern);
		}
	}, LONGEST_CALMING_MS);
}

/** Makes the service refuse these customers, and no others. */
function refuse(ids: readonly string[]): void {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	const refuseCustomers = Object.fromEntries(ids.map((id) => [id, refusal]));
	examples.scene.simulator.setOptions({ refuseCustomers });
}

const threeCustomers = ['KH0031', 'KH0032', 'KH0033'];
const threeMore = ['KH0042', 'KH0044', 'KH0046'];

test('The message explains what happened and what to do when Tencent refuses three customers.', async () => {
	refuse(threeCustomers);
	await changeSome('e', { from: 31, to: 35 });
	const outcome = await sync.run();
	assert.deepEqual([outcome.isRed, outcome.messages.length], [false, 1]);
	const [message = ''] = outcome.messages;
	assert.match(message, /3 个客户本次开始失败（KH0031、KH0032、KH0033）/);
	assert.match(message, /3 customers newly failed \('KH0031', 'KH0032', 'KH0033'\)/);
	assert.match(message, /3 个被拒绝（没有任何更改）/);
	assert.match(message, /3 refused \(nothing was changed\)/);
	assert.match(message, /修正消息指出的内容/);
	assert.match(message, /Correct what Tencent names/);
});

test('Customers that are refused within the same hour send no second message; the next one has the total.', async () => {
	refuse([...threeCustomers, ...threeMore]);
	await changeSome('f', { from: 41, to: 46 });
	assert.deepEqual(await sync.run(), { isRed: false, messages: [] });
	refuse([]);
	await untilReported(
		/6 个客户已恢复（KH0031、KH0032、KH0033/,
		/6 customers recovered \('KH0031', 'KH0032', 'KH0033'/,
	);
	await restoreRows();
	await untilQuiet();
});

for (const { incident, cause, repair, isRed, happened, applied, toDo } of INCIDENTS) {
	test(`The message explains what happened and what to do when ${incident}.`, async () => {
		await cause();
		const outcome = await sync.run();
		await repair();
		await untilQuiet();
		assert.deepEqual([outcome.isRed, outcome.messages.length], [isRed, 1]);
		const [message = ''] = outcome.messages;
		for (const pattern of [...happened, ...applied, ...toDo]) {
			assert.match(message, pattern);
		}
	});
}

test("The message explains what happened and what to do when 'Dry Run' was left on.", async () => {
	const dry = await examples.importSync('crm-to-iot-sync', (workflow) => ({
		...workflow,
		nodes: workflow.nodes.map((of) => {
			if (of.parameters['operation'] !== 'sync') {
				return of;
			}
			const options = { ...(of.parameters['options'] as object), dryRun: true };
			return { ...of, parameters: { ...of.parameters, options } };
		}),
	}));
	const outcome = await dry.run();
	await examples.scene.server.client.deactivate(dry.workflow);
	assert.deepEqual([outcome.isRed, outcome.messages.length], [true, 1]);
	assert.match(outcome.messages[0]!, /Dry Run 已开启；未发送任何内容。\n?在节点中关闭 Dry Run，并发布工作流/);
	assert.match(
		outcome.messages[0]!,
		/Dry Run is on\. Nothing was sent\.\n?\s?Switch off 'Dry Run' in the node, and publish/,
	);
});

test('The message names the device and both customers when a lock has moved to another customer.', async () => {
	await sql("UPDATE crm_devices SET customer_id = 'KH0002' WHERE device_id = 'CAM01/c1'");
	await sql(
		"INSERT INTO crm_devices (customer_id, serial_no, device_id, product) VALUES ('KH0001', 'SN-new', 'CAM01/new', '摄像头')",
	);
	const outcome = await sync.run();
	await restoreRows();
	await untilQuiet();
	assert.deepEqual([outcome.isRed, outcome.messages.length], [false, 1]);
	assert.match(outcome.messages[0]!, /1 台设备已换到另一个客户（CAM01\/c1：.*由 KH0001 换到 KH0002）/);
	assert.match(outcome.messages[0]!, /1 device moved to another customer \(CAM01\/c1 from KH0001 to KH0002/);
	assert.match(outcome.messages[0]!, /可用 Get Receipts 按设备查询/);
});

test('After n8n was killed while Sync was sending, the next run sends the interrupted customers without any manual step.', async () => {
	const { server, simulator } = examples.scene;
	await changeSome('k', { to: 5 });
	examples.fault = { kind: 'silence' };
	const sentBefore = simulator.requests.length;
	await sync.start();
	await eventually(() => assert.ok(simulator.requests.length > sentBefore));
	await server.crash();
	examples.fault = undefined;
	await sync.start();
	await eventually(() => {
		const serials = ['KH0001', 'KH0002', 'KH0003', 'KH0004', 'KH0005'].map(
			(id) => simulator.bindings.get(id)?.[0]?.CustomerDeviceNo,
		);
		assert.deepEqual(serials, ['SN-1k', 'SN-2k', 'SN-3k', 'SN-4k', 'SN-5k']);
	}, LONGEST_HEALING_MS);
});

test('The message explains what happened and what to do when rows are incomplete.', async () => {
	// Another Sync: this one has already reported failures within the hour.
	const fresh = await examples.importSync('crm-to-iot-sync');
	await fresh.run();
	await sql("UPDATE crm_devices SET device_id = 'no-slash' WHERE device_id IN ('CAM01/c58', 'CAM01/c59')");
	await sql("UPDATE crm_devices SET serial_no = '' WHERE device_id = 'CAM01/c60'");
	const outcome = await fresh.run();
	await examples.scene.server.client.deactivate(fresh.workflow);
	await restoreRows();
	assert.deepEqual([outcome.isRed, outcome.messages.length], [false, 1]);
	const [message = ''] = outcome.messages;
	assert.match(message, /第 58 行 KH0058：DeviceId“no-slash” 须为 ProductId\/DeviceName.*（未发送）/);
	assert.match(message, /第 60 行 KH0060：CustomerDeviceNo 为空：请填写（未发送）/);
	assert.match(message, /修正 3 行中的 DeviceId、CustomerDeviceNo/);
	assert.match(
		message,
		/\[row 58, KH0058\] 'DeviceId': 'no-slash' is not ProductId\/DeviceName.* Nothing was sent\./,
	);
	assert.match(message, /\[row 60, KH0060\] 'CustomerDeviceNo' is empty: fill it in\. Nothing was sent\./);
	assert.match(message, /Correct 'DeviceId' and 'CustomerDeviceNo' in 3 rows/);
});

test('The message explains that the sync state is lost when all tables of Sync are deleted; approving sends every customer once.', async () => {
	await examples.deleteTables(/^tencent_iot_/);
	const lost = await sync.run();
	assert.deepEqual([lost.isRed, lost.messages.length], [true, 1]);
	const [message = ''] = lost.messages;
	assert.match(message, /同步状态已丢失.*未发送任何内容/);
	assert.match(message, /所有客户都会推送一次：请先看 Dry Run/);
	assert.match(message, /The sync state is lost.* Nothing was sent\./);
	assert.match(message, /every customer would be sent once: look at a Dry Run first/);
	const { url, page } = await forms.openApproval('王主管');
	assert.match(page, /60/);
	assert.match(await forms.decide(url, 'Approve'), /60 个请求/);
	const before = examples.scene.simulator.requests.length;
	const sent = await sync.run();
	assert.deepEqual([sent.isRed, examples.scene.simulator.requests.length - before], [false, CUSTOMERS]);
	assert.match(sent.messages.join(), /此前运行的同步状态已丢失，因此须推送全部客户.*王主管 批准的计划/s);
	assert.match(
		sent.messages.join(),
		/the sync state of earlier runs was lost, so every customer is sent.* 王主管 approved/s,
	);
	assert.doesNotMatch(sent.messages.join(), /首次运行|first run/);
	// The log was deleted too, so earlier acceptances are unknown.
	assert.match(await forms.askSupport(['nobody', '', '', 'Show']), /此前接受了什么不得而知/);
});

test('The message explains what happened and what to do when the credential is deleted.', async () => {
	const { scene } = examples;
	await scene.server.client.session.request('DELETE', `/credentials/${scene.credential.id}`);
	const outcome = await sync.run();
	assert.deepEqual([outcome.isRed, outcome.messages.length], [true, 1]);
	const [message = ''] = outcome.messages;
	assert.match(message, /凭证“Tencent Cloud IoT account”无法使用；未发送任何内容/);
	assert.match(message, /选择或创建类型为 Tencent Cloud IoT API 的凭证，并再次发布工作流/);
	assert.match(message, /The credential 'Tencent Cloud IoT account' cannot be used\. Nothing was sent\./);
	assert.match(
		message,
		/Choose or create a credential of type 'Tencent Cloud IoT API' in the node, and publish/,
	);
});
