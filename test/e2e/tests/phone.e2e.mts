import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../setup/eventually.mts';
import { QUIET_MINUTES } from '../setup/quietSchedule.mts';
import { ExampleForms } from './exampleForms.mts';
import { formUrlOf } from './exampleWorkflow.mts';
import { openNights, type Nights, type ScheduledSync } from './nights.mts';

/**
 * Nights on which something goes wrong, with the examples as they are shipped. Whoever is called has a phone, and on it the message of the
 * group robot: it says what happened, whether anything was applied at Tencent, and what to do, in both languages. These are the nights, and
 * where each is played:
 *
 *      1  half of the customers are missing from the rows         here
 *      2  a wrong join gives each customer the device of another  here
 *      3  a join gives devices to two customers                   here
 *      4  the source gives no rows                                here
 *      5  the source fails                                        here
 *      6  Tencent does not answer: it may have applied a request  here
 *      7  nothing listens at the address of the credential        here
 *      8  its host does not exist, or it is not https              here
 *      9  the App Secret is wrong                                 here
 *     10  Tencent refuses three customers                         here
 *     11  more within the hour: the next message has the sum      here
 *     12  all of them are well again                              here
 *     13  rows are incomplete                                     here
 *     14  'Dry Run' was left switched on                          here
 *     15  n8n is killed while it sends: heals without anybody     here
 *     16  all tables of Sync are deleted                          here
 *     17  the credential is deleted                               here
 *     18  customers leave the rows                                straightLines
 *     19  the tables have no space left                           redEnds
 *
 *         a lock has moved to another customer                    here
 *         a plan is rejected; a second person, a page opened late straightLines
 *         a plan is approved, or heals before somebody decides    straightLines
 *         the robot refuses, is silent twice, and is back         straightLines
 *         the table of the log is deleted                         straightLines
 *         the workflow is copied                                  straightLines
 */

const CUSTOMERS = 60;
const CREDENTIAL_OF_NODE = 'tencentCloudIotApi';

/** So long it takes until all is well again; a busy machine is slow. Milliseconds. */
const LONGEST_CALMING_MS = 120_000;

/** After a kill a run waits for up to a minute; a busy machine is slow. Milliseconds. */
const LONGEST_HEALING_MS = 180_000;

let nights: Nights;
let forms: ExampleForms;
let sync: ScheduledSync;

const sql = async (statement: string) => await nights.postgres.query(statement);

/** What a night is about, and what the phone says of it. */
interface PlayedNight {
	readonly night: string;
	readonly begins: () => Promise<unknown>;
	readonly ends: () => Promise<unknown>;
	readonly isRed: boolean;
	/** What happened, in Chinese and English. */
	readonly happened: readonly [chinese: RegExp, english: RegExp];
	/** What of it may have been applied at Tencent. */
	readonly applied: readonly [chinese: RegExp, english: RegExp];
	/** What to do. */
	readonly toDo: readonly [chinese: RegExp, english: RegExp];
}

/** The rows of the CRM as they are on a good day. */
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

/** Changes the devices of some customers, so that they are sent. */
async function changeSome(suffix: string, { from = 1, to }: { from?: number; to: number }): Promise<void> {
	await sql(
		`UPDATE crm_devices SET serial_no = 'SN-' || substr(device_id, 8) || '${suffix}' WHERE substr(device_id, 8)::int BETWEEN ${from} AND ${to}`,
	);
}

/** Lets the credential of the node lead elsewhere. */
async function editCredential(change: Readonly<Record<string, string>>): Promise<void> {
	const { client } = nights.scene.server;
	const { credential, credentialData } = nights.scene;
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
	nights = await openNights({ quietMinutes: QUIET_MINUTES.phone });
	await nights.importExample('approve-a-plan');
	const support = await nights.importExample('customer-support-form');
	const { client } = nights.scene.server;
	forms = new ExampleForms(client.session.origin, formUrlOf(support, client));
	await restoreRows();
	sync = await nights.importSync('crm-to-iot-sync');
	assert.equal((await sync.run()).isRed, false);
});
after(async () => {
	await nights?.end();
});

const PLAYED: readonly PlayedNight[] = [
	{
		night: 'half of the customers are missing',
		begins: async () => await sql("UPDATE crm_customers SET active = false WHERE customer_id > 'KH0030'"),
		ends: restoreRows,
		isRed: true,
		happened: [/原有 60 个客户，30 个已不在数据中/, /30 of 60 customers are missing from the rows/],
		applied: nothingSent,
		toDo: [/在一次运行中给出全部客户的数据行/, /Give Sync the rows of all customers in one run/],
	},
	{
		night: 'a wrong join gives each customer the device of another one',
		begins: async () =>
			await sql(
				`UPDATE crm_devices SET device_id = 'CAM01/c' || (substr(device_id, 8)::int % ${CUSTOMERS} + 1)`,
			),
		ends: restoreRows,
		isRed: true,
		happened: [/其中 60 台将换到另一个客户/, /60 of 60 devices would move to another customer/],
		applied: nothingSent,
		toDo: [
			/检查查询及其 JOIN|修正映射或数据行/,
			/Check the query and its joins|Correct the mapping or the rows/,
		],
	},
	{
		night: 'a join gives each device to two customers',
		begins: async () =>
			await sql(
				`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
				SELECT 'KH' || lpad((substr(device_id, 8)::int % ${CUSTOMERS} + 1)::text, 4, '0'), serial_no, device_id, product FROM crm_devices`,
			),
		ends: restoreRows,
		isRed: true,
		happened: [/“CAM01\/c1” 在第 \d+ 行也属于客户“KH0002”/, /'CAM01\/c1' is also under customer 'KH0002'/],
		applied: notSent,
		toDo: [/修正 120 行中的 DeviceId/, /Correct 'DeviceId' in 120 rows/],
	},
	{
		night: 'the source gives no rows',
		begins: async () => await sql('UPDATE crm_customers SET active = false'),
		ends: restoreRows,
		isRed: true,
		happened: [/数据源没有给出任何数据行/, /The source gave no rows/],
		applied: nothingSent,
		toDo: [/检查其查询或过滤条件/, /Check its query or filter/],
	},
	{
		night: 'the source fails',
		begins: async () => await sql('ALTER TABLE crm_devices RENAME TO elsewhere'),
		ends: async () => await sql('ALTER TABLE elsewhere RENAME TO crm_devices'),
		isRed: true,
		happened: [
			/数据源出错，没有给出任何数据行.*crm_devices/s,
			/The source failed, and gave no rows.*crm_devices/s,
		],
		applied: nothingSent,
		toDo: [/前一个节点|数据源/, /Correct what the node before reports|source/],
	},
	{
		night: 'Tencent does not answer',
		begins: async () => {
			nights.fault = { kind: 'applyThenReset' };
			await changeSome('b', { to: 5 });
		},
		ends: async () => {
			nights.fault = undefined;
			await restoreRows();
		},
		isRed: true,
		happened: [/连接在收到完整响应之前中断/, /The connection closed before a complete response arrived/],
		applied: [/3 个结果不明（腾讯云可能已应用）/, /3 unclear \(Tencent may or may not have applied them\)/],
		toDo: [/暂无需处理：下次运行会推送其余客户/, /Nothing has to be done now: the next run sends the rest/],
	},
	{
		night: 'nothing listens at the address of the credential',
		begins: async () => {
			await editCredential({ endpoint: 'http://127.0.0.1:9/' });
			await changeSome('c', { to: 5 });
		},
		ends: async () => {
			await editCredential({});
			await restoreRows();
		},
		isRed: true,
		happened: [/拒绝连接/, /refused the connection/],
		applied: notSent,
		toDo: [/暂无需处理/, /Nothing has to be done now/],
	},
	{
		night: 'the address of the credential is not https',
		begins: async () => await editCredential({ endpoint: 'http://iot.example.com/' }),
		ends: async () => await editCredential({}),
		isRed: true,
		happened: [/接口地址不以 https 开头/, /The endpoint does not start with https\./],
		applied: nothingSent,
		toDo: [/修正凭证中的 Endpoint/, /Correct 'Endpoint' in the credential/],
	},
	{
		night: 'the address of the credential has no host',
		begins: async () => {
			await editCredential({ endpoint: 'https://iot.invalid/' });
			await changeSome('h', { to: 5 });
		},
		ends: async () => {
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
		night: 'the App Secret is wrong',
		begins: async () => {
			await editCredential({ appSecret: 'not the secret any more' });
			await changeSome('d', { to: 5 });
		},
		ends: async () => {
			await editCredential({});
			await restoreRows();
		},
		isRed: true,
		happened: [/签名未通过验证/, /Signature is not valid/],
		applied: [/被拒绝（没有任何更改）；\d+ 个未发送/, /refused \(nothing was changed\); \d+ not sent/],
		toDo: [/检查凭证中的 App Key 和 App Secret/, /Check App Key and App Secret in the credential/],
	},
];

/** Lets Sync run until it has nothing to tell any more. */
async function untilQuiet(): Promise<void> {
	await eventually(
		async () => assert.deepEqual(await sync.run(), { isRed: false, told: [] }),
		LONGEST_CALMING_MS,
	);
}

/** Lets Sync run until it has told something: whoever failed has its turn in one of three runs. */
async function untilTold(...patterns: readonly RegExp[]): Promise<void> {
	const told: string[] = [];
	await eventually(async () => {
		told.push(...(await sync.run()).told);
		for (const pattern of patterns) {
			assert.match(told.join('\n'), pattern);
		}
	}, LONGEST_CALMING_MS);
}

/** Lets the service refuse some customers. */
function refuse(ids: readonly string[]): void {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	const refuseCustomers = Object.fromEntries(ids.map((id) => [id, refusal]));
	nights.scene.simulator.setOptions({ refuseCustomers });
}

const threeCustomers = ['KH0031', 'KH0032', 'KH0033'];
const threeMore = ['KH0042', 'KH0044', 'KH0046'];

test('The phone knows: Tencent refuses three customers.', async () => {
	refuse(threeCustomers);
	await changeSome('e', { from: 31, to: 35 });
	const night = await sync.run();
	assert.deepEqual([night.isRed, night.told.length], [false, 1]);
	const [message = ''] = night.told;
	assert.match(message, /3 个客户本次开始失败（KH0031、KH0032、KH0033）/);
	assert.match(message, /3 customers newly failed \('KH0031', 'KH0032', 'KH0033'\)/);
	assert.match(message, /3 个被拒绝（没有任何更改）/);
	assert.match(message, /3 refused \(nothing was changed\)/);
	assert.match(message, /修正消息指出的内容/);
	assert.match(message, /Correct what Tencent names/);
});

test('The phone rings once an hour: more are refused meanwhile, and the next message has the sum.', async () => {
	refuse([...threeCustomers, ...threeMore]);
	await changeSome('f', { from: 41, to: 46 });
	assert.deepEqual(await sync.run(), { isRed: false, told: [] });
	refuse([]);
	await untilTold(
		/6 个客户已恢复（KH0031、KH0032、KH0033/,
		/6 customers recovered \('KH0031', 'KH0032', 'KH0033'/,
	);
	await restoreRows();
	await untilQuiet();
});

for (const { night: name, begins, ends, isRed, happened, applied, toDo } of PLAYED) {
	test(`The phone knows: ${name}.`, async () => {
		await begins();
		const night = await sync.run();
		await ends();
		await untilQuiet();
		assert.deepEqual([night.isRed, night.told.length], [isRed, 1]);
		const [message = ''] = night.told;
		for (const pattern of [...happened, ...applied, ...toDo]) {
			assert.match(message, pattern);
		}
	});
}

test("The phone knows: 'Dry Run' was left switched on.", async () => {
	const dry = await nights.importSync('crm-to-iot-sync', (workflow) => ({
		...workflow,
		nodes: workflow.nodes.map((of) => {
			if (of.parameters['operation'] !== 'sync') {
				return of;
			}
			const options = { ...(of.parameters['options'] as object), dryRun: true };
			return { ...of, parameters: { ...of.parameters, options } };
		}),
	}));
	const night = await dry.run();
	await nights.scene.server.client.deactivate(dry.workflow);
	assert.deepEqual([night.isRed, night.told.length], [true, 1]);
	assert.match(night.told[0]!, /Dry Run 已开启；未发送任何内容。\n?在节点中关闭 Dry Run，并发布工作流/);
	assert.match(
		night.told[0]!,
		/Dry Run is on\. Nothing was sent\.\n?\s?Switch off 'Dry Run' in the node, and publish/,
	);
});

test('The phone knows: a lock has moved to another customer.', async () => {
	await sql("UPDATE crm_devices SET customer_id = 'KH0002' WHERE device_id = 'CAM01/c1'");
	await sql(
		"INSERT INTO crm_devices (customer_id, serial_no, device_id, product) VALUES ('KH0001', 'SN-new', 'CAM01/new', '摄像头')",
	);
	const night = await sync.run();
	await restoreRows();
	await untilQuiet();
	assert.deepEqual([night.isRed, night.told.length], [false, 1]);
	assert.match(night.told[0]!, /1 台设备已换到另一个客户（CAM01\/c1：.*由 KH0001 换到 KH0002）/);
	assert.match(night.told[0]!, /1 device moved to another customer \(CAM01\/c1 from KH0001 to KH0002/);
	assert.match(night.told[0]!, /可用 Get Receipts 按设备查询/);
});

test('After n8n was killed while it sent, the next run sends what was in doubt, and nobody has to do anything.', async () => {
	const { server, simulator } = nights.scene;
	await changeSome('k', { to: 5 });
	nights.fault = { kind: 'silence' };
	const sentBefore = simulator.requests.length;
	await sync.start();
	await eventually(() => assert.ok(simulator.requests.length > sentBefore));
	await server.crash();
	nights.fault = undefined;
	await sync.start();
	await eventually(() => {
		const serials = ['KH0001', 'KH0002', 'KH0003', 'KH0004', 'KH0005'].map(
			(id) => simulator.bindings.get(id)?.[0]?.CustomerDeviceNo,
		);
		assert.deepEqual(serials, ['SN-1k', 'SN-2k', 'SN-3k', 'SN-4k', 'SN-5k']);
	}, LONGEST_HEALING_MS);
});

test('The phone knows: rows are incomplete.', async () => {
	// A Sync of its own: of this one somebody has failed within the hour.
	const fresh = await nights.importSync('crm-to-iot-sync');
	await fresh.run();
	await sql("UPDATE crm_devices SET device_id = 'no-slash' WHERE device_id IN ('CAM01/c58', 'CAM01/c59')");
	await sql("UPDATE crm_devices SET serial_no = '' WHERE device_id = 'CAM01/c60'");
	const night = await fresh.run();
	await nights.scene.server.client.deactivate(fresh.workflow);
	await restoreRows();
	assert.deepEqual([night.isRed, night.told.length], [false, 1]);
	const [message = ''] = night.told;
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

test('The phone knows: all tables of Sync are deleted. Whoever approves has every customer sent once.', async () => {
	await nights.deleteTables(/^tencent_iot_/);
	const lost = await sync.run();
	assert.deepEqual([lost.isRed, lost.told.length], [true, 1]);
	const [message = ''] = lost.told;
	assert.match(message, /同步状态已丢失.*未发送任何内容/);
	assert.match(message, /所有客户都会推送一次：请先看 Dry Run/);
	assert.match(message, /The sync state is lost.* Nothing was sent\./);
	assert.match(message, /every customer would be sent once: look at a Dry Run first/);
	const { url, page } = await forms.openApproval('王主管');
	assert.match(page, /60/);
	assert.match(await forms.decide(url, 'Approve'), /60 个请求/);
	const before = nights.scene.simulator.requests.length;
	const sent = await sync.run();
	assert.deepEqual([sent.isRed, nights.scene.simulator.requests.length - before], [false, CUSTOMERS]);
	assert.match(sent.told.join(), /此前运行的同步状态已丢失，因此须推送全部客户.*王主管 批准的计划/s);
	assert.match(
		sent.told.join(),
		/the sync state of earlier runs was lost, so every customer is sent.* 王主管 approved/s,
	);
	assert.doesNotMatch(sent.told.join(), /首次运行|first run/);
	// The log is older than the state, or was deleted with it.
	assert.match(await forms.askSupport(['nobody', '', '', 'Show']), /此前接受了什么不得而知/);
});

test('The phone knows: the credential is deleted.', async () => {
	const { scene } = nights;
	await scene.server.client.session.request('DELETE', `/credentials/${scene.credential.id}`);
	const night = await sync.run();
	assert.deepEqual([night.isRed, night.told.length], [true, 1]);
	const [message = ''] = night.told;
	assert.match(message, /凭证“Tencent Cloud IoT account”无法使用；未发送任何内容/);
	assert.match(message, /选择或创建类型为 Tencent Cloud IoT API 的凭证，并再次发布工作流/);
	assert.match(message, /The credential 'Tencent Cloud IoT account' cannot be used\. Nothing was sent\./);
	assert.match(
		message,
		/Choose or create a credential of type 'Tencent Cloud IoT API' in the node, and publish/,
	);
});
