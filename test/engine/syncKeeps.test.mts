import { describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeParameters, OnError } from 'n8n-workflow';
import { dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import { confirmAllNews } from '../support/confirmedNews.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, push, type PushRun, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const WECOM = { messageFor: 'wecom', approvalForm: 'https://n8n.example.com/form/approve-a-plan' };
const DELIVERED = { statusCode: 200, body: { errcode: 0, errmsg: 'ok' } };

const customers = (count: number, change = 0) =>
	Array.from({ length: count }, (_, index) => row(`c${index}`, index + change));

/** A scheduled Sync, and the operations on its stored data. */
async function keptTimeline(simulatorOptions = {}) {
	const timeline = await syncTimeline(simulatorOptions, { confirmsNews: false });
	const { simulator, processedData } = timeline;
	const sync = async (rows: IDataObject[], options: IDataObject = {}, run: PushRun = {}) => {
		const { success, error, sent } = await timeline.sync(
			rows,
			{ outputItemPer: 'run', ...options },
			{ messages: WECOM, ...run },
		);
		const [report = {}] = success.map(({ json }) => json);
		return { report, text: textOf(report), failures: error.map(({ json }) => json), sent };
	};
	const run = async (
		operation: string,
		parameters: INodeParameters = {},
		input: IDataObject = {},
		onError: OnError = 'stopWorkflow',
	) => {
		const { success, error, failure } = await runOperation(simulator, {
			operation: `sync.${operation}`,
			rows: [input],
			parameters,
			processedData,
			mode: 'trigger',
			onError,
		});
		return {
			item: success[0]?.json ?? {},
			error: error[0] && errorOf(error[0]),
			items: success.map(({ json }) => json),
			failure: failure?.message,
		};
	};
	return { ...timeline, sync, run, tables: dataTablesBeside(processedData) };
}

/** The text that the robot shows. */
function textOf({ Message }: IDataObject): string {
	if (Message === undefined || Message === '') {
		return '';
	}
	return (JSON.parse(String(Message)) as { text: { content: string } }).text.content;
}

test("After 'Name Customers' is switched off, waiting news and plans name no customer, and the message says what was left out", async () => {
	const { sync, run, tables } = await keptTimeline();
	const secret = (count: number) =>
		customers(count).map((cells) => ({ ...cells, CustomerId: `qzx${cells.CustomerId}` }));
	await sync(secret(40));
	// Unconfirmed news, and a plan that waits.
	expect((await sync([...secret(39), row('qzxbad', 'no slash')])).text).toContain('qzx');
	expect((await sync(secret(10))).text).toContain('qzx');
	expect(String((await run('getStatus')).item['PlanText'])).toContain('qzx');
	const { text } = await sync(secret(10), { nameCustomers: false });
	const { item } = await run('getStatus');
	expect(item['PlanWaits']).toBe(true);
	const shownAndStored = [text, item, tables.rowsOf('tencent_iot_sync')];
	expect(JSON.stringify(shownAndStored)).not.toContain('qzx');
	// The next message says how many were left out.
	const { text: laterText } = await sync(secret(40), { nameCustomers: false });
	expect(laterText).toContain('3 earlier messages could not be kept');
	expect(laterText).not.toContain('qzx');
});

describe('A Sync keeps receipts', () => {
	test('of the customers that it has sent, one for each, and Get Receipts shows what is known about a customer', async () => {
		const { sync, run } = await keptTimeline();
		expect((await sync(customers(3))).report).toMatchObject({ Receipts: 3, ReceiptsMissing: 0 });
		expect((await sync(customers(3))).report).toMatchObject({ Receipts: 0 });
		await sync([row('c0', 7), ...customers(3).slice(1)]);
		const { item } = await run('getReceipts', { customerId: 'c0' });
		expect(item).toMatchObject({ Known: 'accepted', Count: 2 });
		expect(item['Accepted']).toEqual([
			{ DeviceId: 'P/D7', CustomerDeviceNo: 'SN-7', ProductName: 'Smart Lock' },
		]);
		expect((await run('getReceipts', { customerId: 'c1' })).item).toMatchObject({ Count: 1 });
		expect((await run('getReceipts', { customerId: 'c9' })).item).toMatchObject({ Known: 'neverSent' });
	});

	test('A customer that keeps failing has one receipt, and a second one when it fails for another reason', async () => {
		let code = 'InvalidParameterValue';
		const faults = ({ CustomerId }: { CustomerId?: string }) =>
			CustomerId === 'c1' ? { kind: 'error' as const, Code: code, Message: 'no' } : undefined;
		const { sync, run } = await keptTimeline({ faults });
		for (let round = 0; round < 4; round++) {
			await sync(customers(3));
		}
		const receiptsOfC1 = { customerId: 'c1', receiptsAs: 'each' };
		expect((await run('getReceipts', receiptsOfC1)).items.map(({ Outcome }) => Outcome)).toEqual(['REFUSED']);
		code = 'ResourceNotFound';
		for (let round = 0; round < 4; round++) {
			await sync(customers(3));
		}
		expect((await run('getReceipts', receiptsOfC1)).items).toHaveLength(2);
	});

	test('Get Receipts says that a customer is no longer in the rows, and still shows what Tencent accepted last', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(30));
		await sync(customers(29));
		const { item } = await run('getReceipts', { customerId: 'c29' });
		expect(item).toMatchObject({ Known: 'accepted', Count: 2 });
		expect(item['Text']).toMatch(/No longer in the rows of Sync 'Workflow' since 20\d\d-/);
	});

	test('Message, report and plan name a customer that left the rows with its last receipt, even if its device moved to another customer', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(30));
		const withoutTwo = customers(28);
		const { report, text } = await sync([...withoutTwo, row('c0', 29)]);
		expect(text).toMatch(
			/2 customers are no longer .* \(c28: last accepted \d\d-\d\d \d\d:\d\d, c29: last accepted /,
		);
		expect(text).toMatch(/2 个客户已不在数据中.*（c28：最后一次被接受 \d\d-\d\d \d\d:\d\d，c29：最后一次/);
		expect(text).toMatch(/1 device moved to another customer \(P\/D29 from c29 to c0 since /);
		const { items } = await run('getReceipts', { customerId: 'c29', receiptsAs: 'each' });
		const [{ RequestId = '' } = {}] = items.filter(({ Outcome }) => Outcome === 'OK');
		expect(report['GoneExamples']).toContainEqual(
			expect.objectContaining({ CustomerId: 'c29', LastOutcome: 'OK', LastRequestId: RequestId }),
		);
		expect(report['MovedExamples']).toMatchObject([{ DeviceId: 'P/D29', From: 'c29', To: 'c0' }]);
		const stopped = await sync([...customers(20), row('c0', 29)]);
		const { Examples, Text } = stopped.report['Plan'] as IDataObject & { Examples: IDataObject[] };
		const missing = Examples.filter(({ Kind }) => Kind === 'missing');
		expect(missing.map(({ CustomerId }) => CustomerId)).toEqual(['c20', 'c21', 'c22', 'c23', 'c24']);
		expect(Text).toMatch(/· missing: c2\d: last accepted /);
		// Without names, a stopped run shows no examples.
		expect(
			(await sync([...customers(20), row('c0', 29)], { nameCustomers: false })).report['Plan'],
		).toMatchObject({
			Examples: [],
		});
	});

	test('A customer that left the rows in a manual run is named by the next report', async () => {
		const { sync } = await keptTimeline();
		await sync(customers(30));
		await sync(customers(28), {}, { mode: 'manual' });
		const { report, text } = await sync([...customers(28), row('c29', 29)]);
		expect(text).toMatch(
			/1 customer is no longer in the rows; Tencent keeps its devices \(c28: last accepted /,
		);
		expect(report).toMatchObject({ Gone: 1, GoneExamples: [{ CustomerId: 'c28', LastOutcome: 'OK' }] });
	});

	test('No message says that Tencent keeps the devices of a customer that was never pushed', async () => {
		const faults = ({ CustomerId }: { CustomerId?: string }) =>
			CustomerId === 'typo' ? { kind: 'error' as const, Code: 'ResourceNotFound', Message: 'no' } : undefined;
		const { sync } = await keptTimeline({ faults });
		await sync([...customers(30), row('typo', 30)]);
		const { text } = await sync(customers(30));
		expect(text).toMatch(
			/1 customer is no longer in the rows; this Sync never pushed it \(typo: last refused /,
		);
		expect(text).toMatch(/1 个客户已不在数据中，本 Sync 从未推送成功（typo：最后一次被拒绝 /);
		await sync([...customers(30), row('typo', 30)], {}, { mode: 'manual' });
		const { text: next } = await sync(customers(29));
		expect(next).toMatch(
			/2 customers are no longer .*; Tencent keeps the devices of 1, this Sync never pushed the others \(c29: /,
		);
		expect(next).toMatch(
			/2 个客户已不在数据中，其中 1 个的设备在腾讯侧仍然保留，其余的本 Sync 从未推送成功（c29：/,
		);
	});

	test('No message says that a customer was never pushed if it returned with an invalid row and left again', async () => {
		const { sync } = await keptTimeline();
		await sync([...customers(30), row('c', 30)]);
		await sync(customers(30));
		await sync([...customers(30), row('c', 'no slash')]);
		const { text } = await sync(customers(30));
		expect(text).toMatch(
			/1 customer is no longer in the rows; Tencent keeps its devices \(c: last not sent /,
		);
	});

	test('A run that a safety check stops names the customers that left earlier, like any other run', async () => {
		const { sync } = await keptTimeline();
		await sync(customers(42));
		await sync(customers(40), {}, { mode: 'manual' });
		const { report, text } = await sync([...customers(20), ...customers(20, 100)]);
		expect(report).toMatchObject({ Gone: 2, GoneExamples: [{ CustomerId: 'c40' }, { CustomerId: 'c41' }] });
		expect(text).toMatch(/2 customers are no longer .* \(c40: last accepted /);
	});

	test('After somebody deleted the log, Sync starts a new one and says so', async () => {
		const { sync, run, tables } = await keptTimeline();
		await sync(customers(3));
		for (const { id } of tables.list('tencent_iot_log')) {
			tables.drop(id);
		}
		expect((await run('getReceipts', { customerId: 'c0' })).item).toMatchObject({
			Known: 'beforeLog',
			Count: 0,
		});
		const { report, text } = await sync([row('c0', 7), ...customers(3).slice(1)]);
		expect(report).toMatchObject({ Receipts: 1 });
		expect(text).toContain('更早的回执已不在');
		// Reported once: the next run repeats it only because nobody confirmed it.
		const next = await sync([row('c0', 8), ...customers(3).slice(1)]);
		expect(next.text.split('更早的回执已不在')).toHaveLength(2);
		const receiptsOfChanged = (await run('getReceipts', { customerId: 'c0', receiptsAs: 'each' })).items;
		expect(receiptsOfChanged).toHaveLength(2);
		const { item } = await run('getReceipts', { customerId: 'c1' });
		expect(item).toMatchObject({ Known: 'beforeLog' });
		// The log starts now, not at the beginning of the month, whose first table is gone.
		const [, since = ''] = /It begins on (.+?): what/.exec(String(item['Text'])) ?? [];
		const restartedAtMs = Date.parse(String(receiptsOfChanged[1]?.['At']));
		expect(Math.abs(Date.parse(since) - restartedAtMs)).toBeLessThan(60_000);
	});

	test('When n8n has no space left, Sync deletes old receipts and sends nothing without a state; with space it sends again', async () => {
		const { sync, run, tables } = await keptTimeline();
		await sync(customers(3));
		const { maxBytes } = tables;
		tables.maxBytes = 0;
		const changed = [row('c0', 7), ...customers(3).slice(1)];
		const full = await sync(changed);
		expect([full.sent, full.report['Health']]).toEqual([[], 'failing']);
		expect(tables.list('tencent_iot_log')).toEqual([]);
		tables.maxBytes = maxBytes;
		expect((await sync(changed)).sent).toEqual(['c0']);
		expect((await run('getReceipts', { customerId: 'c0' })).item).toMatchObject({
			Known: 'accepted',
			Count: 1,
		});
	});

	test.each([
		['switched off', { keepReceipts: 0 }],
		['not written because customers must not be named', { nameCustomers: false }],
	])(
		'Get Receipts counts receipts as missing for requests sent while receipts were %s',
		async (_, options) => {
			const { sync, run, clock } = await keptTimeline();
			const receiptsOf = async (customerId: string) => (await run('getReceipts', { customerId })).item;
			await sync(customers(3));
			const rows = [row('c0', 7), ...customers(3).slice(1), row('new', 8)];
			expect((await sync(rows, options)).sent).toHaveLength(2);
			// At once, and after the next run that writes receipts.
			for (let round = 0; round < 2; round++) {
				expect(await receiptsOf('c0')).toMatchObject({
					Known: 'accepted',
					Text: expect.stringContaining('Since then the log lacks 2 receipts'),
				});
				expect(await receiptsOf('new')).toMatchObject({
					Known: 'beforeLog',
					Text: expect.stringMatching(/^The log lacks 2 receipts/),
				});
				clock.startMs += 60_000;
				await sync([...rows, row('other', 9)]);
			}
			expect(await receiptsOf('other')).toMatchObject({
				Known: 'accepted',
				Text: expect.not.stringContaining('lacks'),
			});
		},
	);

	test('Get Receipts counts a receipt as missing if somebody made it unreadable', async () => {
		const { sync, run, tables } = await keptTimeline();
		await sync(customers(3));
		await sync([row('c0', 7), ...customers(3).slice(1)]);
		const [log] = tables.list('tencent_iot_log');
		const [newest] = tables
			.rowsOf(log!.name)
			.filter(({ customer }) => customer === 'c0')
			.reverse();
		const thisRow = { columnName: 'id', condition: 'eq', value: newest!.id } as const;
		tables.edit(log!.name, { type: 'and', filters: [thisRow] }, { receipt: 'ok' });
		const { item } = await run('getReceipts', { customerId: 'c0' });
		expect(item).toMatchObject({ Text: expect.stringContaining('Since then the log lacks 1 receipt') });
	});

	test('Messages report the number of receipts that could not be written once a day, not in every run', async () => {
		const { sync, processedData, tables, clock } = await keptTimeline();
		clock.startMs = Date.UTC(2026, 0, 5);
		tables.create('tencent_iot_log_2026_01', [{ name: 'mine', type: 'string' }]);
		const reported: string[] = [];
		for (let hour = 0; hour < 30; hour++) {
			clock.startMs += 3_600_000;
			const { report, text } = await sync([row('c0', 100 + hour), ...customers(3).slice(1)], {
				pushAgainAfter: 0,
			});
			expect(report['ReceiptsMissing']).toBe(hour === 0 ? 3 : 1);
			if (text !== '') {
				reported.push(`${hour}: ${/(\d+) 条回执未写入/.exec(text)?.[1]}`);
			}
			confirmAllNews(processedData);
		}
		expect(reported).toEqual(['0: 3', '24: 24']);
	});

	test('only if customers may be named', async () => {
		const { sync, tables } = await keptTimeline();
		const { report } = await sync(customers(3), { nameCustomers: false });
		expect(report).toMatchObject({ Receipts: 0 });
		expect(tables.list('tencent_iot_log')).toEqual([]);
	});

	test('A Push writes receipts if the option is set, and Get Receipts shows them', async () => {
		const { sync, run, simulator, processedData } = await keptTimeline();
		await sync(customers(3));
		const pushRows = async (options: IDataObject) => {
			await push([row('c0', 9)], simulator, { options, processedData, nodeId: 'push' });
		};
		await pushRows({});
		expect((await run('getReceipts', { customerId: 'c0' })).item).toMatchObject({ Count: 1 });
		await pushRows({ keepReceipts: 13 });
		const { item } = await run('getReceipts', { customerId: 'c0' });
		expect(item).toMatchObject({ Known: 'accepted', Count: 2 });
		expect(item['Accepted']).toMatchObject([{ DeviceId: 'P/D9' }]);
	});
});

describe('News stays until it is confirmed', () => {
	test('A run repeats the news after a message that was not delivered or was refused', async () => {
		const { sync, run } = await keptTimeline();
		const first = await sync(customers(3));
		expect(first.report).toMatchObject({ News: true, Health: 'ok' });
		expect(first.text).toMatch(/^Workflow：Sync 正常：/);
		const { failure } = await run('confirmNews', {}, { error: { message: 'socket hang up' } });
		expect(failure).toMatch(/^The message was not accepted: socket hang up/);
		const second = await sync(customers(3));
		expect(second.report).toMatchObject({ News: true });
		expect(second.text).toContain('首次运行');
		expect((await run('confirmNews', {}, { statusCode: 200, body: { errcode: 93000 } })).failure).toContain(
			'93000',
		);
		expect((await sync(customers(3))).report).toMatchObject({ News: true });
	});

	test('A sub-workflow cannot confirm news, because it is a separate execution, and says so', async () => {
		const { sync, run } = await keptTimeline();
		expect((await sync(customers(3))).report).toMatchObject({ News: true });
		expect((await run('confirmNews', { sync: 'Workflow' }, DELIVERED)).failure).toMatch(
			/^Sync 'Workflow' has news that nobody has confirmed, and this execution has sent none of it/,
		);
		expect((await sync(customers(3))).report).toMatchObject({ News: true });
	});
});

describe('A plan waits in the table', () => {
	/** A Sync of 40 customers that was stopped because 20 of them changed. */
	async function stopped() {
		const timeline = await keptTimeline();
		await timeline.sync(customers(40));
		const wrong = [...customers(20, 100), ...customers(40).slice(20)];
		const { report, text } = await timeline.sync(wrong);
		const { item } = await timeline.run('getStatus');
		const decide = async (decision: string, by: string) =>
			(await timeline.run('approvePlan', { planId: String(item['Plan']), decision, by })).item;
		return { ...timeline, wrong, report, text, status: item, decide };
	}

	test('The message has the address of the form, and the status shows what would be sent', async () => {
		const { report, text, status } = await stopped();
		expect(report).toMatchObject({ Health: 'failing', News: true });
		expect(text).toContain(WECOM.approvalForm);
		expect(status).toMatchObject({ PlanWaits: true, PlanState: 'waiting', Requests: 20 });
		expect(String(status['Page'])).toContain('20');
	});

	test('After an approval the next run sends exactly this plan once and says who approved it', async () => {
		const { sync, run, wrong, decide } = await stopped();
		expect(await decide('Approve', '王主管')).toMatchObject({ Done: true, PlanState: 'approved' });
		expect(await decide('Reject', 'Li')).toMatchObject({ Done: false, PlanState: 'approved', By: '王主管' });
		const { sent, text } = await sync(wrong);
		expect(sent).toHaveLength(20);
		expect(text).toContain('王主管');
		expect((await run('getStatus')).item).toMatchObject({
			PlanWaits: false,
			PlanState: 'sent',
			PlanBy: '王主管',
		});
		expect(await decide('Approve', 'Li')).toMatchObject({ Done: false, PlanState: 'sent' });
		expect((await sync(wrong)).sent).toEqual([]);
	});

	test("An approval in the form counts, even if 'Approved Plan' still has an earlier plan", async () => {
		const { sync, run, wrong, decide } = await stopped();
		const withEarlierPlan = { safetyChecks: { approvedPlan: 'q3BzX0yAf9LmK2dV' } };
		await decide('Approve', '王主管');
		const { sent, text } = await sync(wrong, {}, withEarlierPlan);
		expect(sent).toHaveLength(20);
		expect(text).toContain('这是 王主管 批准的计划');
		expect((await run('getStatus')).item).toMatchObject({ PlanState: 'sent', PlanBy: '王主管' });
	});

	test('A plan without requests says what its approval does, and that Tencent keeps the missing devices', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(40));
		const { report } = await sync(customers(20));
		const { PlanId, Text } = report['Plan'] as IDataObject;
		expect(Text).toMatch(
			/\nApprove sends nothing\. From then on these rows count as complete; Tencent keeps /,
		);
		await run('approvePlan', { planId: String(PlanId), decision: 'Approve', by: '王主管' });
		const passed = await sync(customers(20));
		expect(passed.sent).toEqual([]);
		expect(passed.text).toContain('20 customers are no longer in the rows; Tencent keeps their devices');
		expect(passed.text).toContain('这是 王主管 批准的计划');
	});

	test('No text says that only the next run sends an approved plan while a run is in progress', async () => {
		const { run, decide, interrupt } = await stopped();
		await decide('Approve', '王主管');
		const expected = /王主管 approved the plan on .* The run that is under way may be sending it/;
		await interrupt();
		expect((await run('getStatus')).item['Text']).toMatch(expected);
		expect((await decide('Approve', 'Li'))['Text']).toMatch(expected);
	});

	test('After a rejection nothing is sent, the rejection is news once, and each later message repeats it', async () => {
		const { sync, run, wrong, decide, status, clock, processedData } = await stopped();
		await run('confirmNews', {}, DELIVERED);
		await sync(wrong);
		expect(await decide('Reject', '王主管')).toMatchObject({ Done: true, PlanState: 'rejected' });
		const { sent, text, report } = await sync(wrong);
		expect([sent, report['News']]).toEqual([[], true]);
		expect(text).toContain('王主管 已拒绝');
		expect((await run('getStatus')).item['Text']).toMatch(/王主管 rejected the plan on .* nothing was sent/);
		confirmAllNews(processedData);
		expect(await sync(wrong)).toMatchObject({ report: { News: false }, text: '' });
		clock.startMs += 25 * 3_600_000;
		expect((await sync(wrong)).text).toContain('王主管 已拒绝');
		const passed = await sync(wrong, {}, { safetyChecks: { approvedPlan: String(status['Plan']) } });
		expect(passed.sent).toHaveLength(20);
		// The person who rejected the plan is not named as its approver.
		expect(passed.text).toContain("the plan in the node's option 'Approved Plan'");
		expect(passed.text).not.toContain('王主管 批准');
	});

	test('If the rows changed after the approval, nothing is sent and the new plan waits', async () => {
		const { sync, run, decide } = await stopped();
		await decide('Approve', '王主管');
		const { sent } = await sync([...customers(21, 100), ...customers(40).slice(21)]);
		expect(sent).toEqual([]);
		expect((await run('getStatus')).item).toMatchObject({ PlanWaits: true, Requests: 21 });
		expect(await decide('Approve', '王主管')).toMatchObject({ Done: false });
	});

	test.each([
		['Approve', '批准', 'approved'],
		['Reject', '拒绝', 'rejected'],
	])('If the rows changed after %s, one message asks about the new plan', async (decision, zh, word) => {
		const { sync, run, wrong, decide } = await stopped();
		await run('confirmNews', {}, DELIVERED);
		await sync(wrong);
		await decide(decision, '王主管');
		const other = [...customers(21, 100), ...customers(40).slice(21)];
		const { report, text } = await sync(other);
		expect(report).toMatchObject({ News: true, Health: 'failing' });
		expect(text).toContain(`王主管 ${zh}的是另一份计划`);
		expect(text).toContain(`王主管 ${word} another plan`);
		expect(text).toContain(`approve plan ${String((report['Plan'] as IDataObject)['PlanId'])}:`);
		expect(text).toContain(WECOM.approvalForm);
		const { text: next } = await sync(other);
		expect(next.split('另一份计划')).toHaveLength(2);
	});

	test('A Dry Run on a schedule does not say that it sent an approved plan', async () => {
		const { sync, run, wrong, decide } = await stopped();
		await decide('Approve', '王主管');
		expect((await sync(wrong, { dryRun: true })).text).not.toContain('王主管');
		expect((await run('getStatus')).item).toMatchObject({ PlanState: 'approved' });
		const { sent, text } = await sync(wrong);
		expect(sent).toHaveLength(20);
		expect(text).toContain('这是 王主管 批准的计划');
	});

	test('A plan is over when later rows pass the safety checks without an approval', async () => {
		const { sync, decide } = await stopped();
		await sync(customers(40));
		expect(await decide('Approve', '王主管')).toMatchObject({ Done: false, PlanState: 'over' });
	});
});

describe('The other operations', () => {
	test('Get Status before the first run does not fail', async () => {
		const { run } = await keptTimeline();
		expect((await run('getStatus')).item).toMatchObject({ Health: 'none', PlanWaits: false });
		expect((await run('confirmNews', {}, DELIVERED)).failure).toMatch(/^No Sync has run/);
	});

	test('Get Status shows the last runs, also those that are not in the log yet because they wrote no receipt', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(3));
		await sync(customers(3));
		await sync(customers(3));
		const { item } = await run('getStatus');
		expect(item['Runs']).toMatchObject([
			{ Runs: 2, Receipts: 0, Summary: expect.stringContaining('0 of 3 customers needed a push') },
			{ Runs: 1, Receipts: 3 },
		]);
		expect((await run('getStatus', { limit: 1 })).item['Runs']).toMatchObject([{ Runs: 2 }]);
	});

	test('Forget deletes the row, the state and the receipts of a Sync', async () => {
		const { sync, run, tables } = await keptTimeline();
		await sync(customers(3));
		expect((await run('forget', { sync: 'Workflow' })).item).toMatchObject({ Forgotten: true });
		expect((await run('getStatus')).item).toMatchObject({ Health: 'none' });
		const { item } = await run('getReceipts', { customerId: 'c0' });
		// It must not claim that Tencent accepted nothing.
		expect(item).toMatchObject({ Count: 0, Known: 'beforeLog' });
		expect(item['Text']).toMatch(/^The log lacks 3 receipts: one of them may belong to this customer/);
		expect(tables.list('tencent_iot_s')).toHaveLength(2);
	});

	test('Forget does not touch a Sync while its run is in progress', async () => {
		const { sync, run, tables } = await keptTimeline();
		await sync(customers(3));
		const free = { columnName: 'owner', condition: 'eq', value: 'nobody' } as const;
		tables.edit('tencent_iot_sync', { type: 'and', filters: [free] }, { owner: 'a run in progress' });
		expect((await run('forget', { sync: 'Workflow' })).failure).toMatch(
			/^A run of Sync 'Workflow' is under way, or was killed less than 15 minutes ago\. Unpublish/,
		);
		expect((await run('getStatus')).item).toMatchObject({ Health: 'ok' });
	});

	test('The failure of a refused message does not say whether anything was sent to Tencent', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(3));
		const refusal = { statusCode: 200, body: { errcode: 93000, errmsg: 'invalid webhook url' } };
		const { error } = await run('confirmNews', {}, refusal, 'continueErrorOutput');
		expect(error).toMatchObject({
			code: 'MESSAGE_NOT_TAKEN',
			message: 'The message was not accepted: 200 {"errcode":93000,"errmsg":"invalid webhook url"}.',
		});
	});

	test('Confirm News fails while the Sync is failing, and says where to look', async () => {
		const { sync, run } = await keptTimeline();
		await sync(customers(40));
		await sync(customers(40, 100));
		expect((await run('confirmNews', {}, DELIVERED)).failure).toMatch(/^Sync 'Workflow' is failing\. Read/);
		await sync(customers(40));
		expect((await run('confirmNews', {}, { Health: 'ok', News: false })).failure).toBeUndefined();
		expect((await run('confirmNews', {}, { Health: 'ok', News: true })).failure).toMatch(
			/no message was sent/,
		);
	});
});

describe('With Stop Workflow and one item per run', () => {
	const STOP = { onError: 'stopWorkflow' } as const;

	test('a run outputs exactly one item and throws nothing, whatever failed or stopped it', async () => {
		const faults = ({ CustomerId }: { CustomerId?: string }) =>
			CustomerId === 'c1' ? { kind: 'error' as const, Code: 'X', Message: 'no' } : undefined;
		const { sync, run } = await keptTimeline({ faults });
		const first = await sync(customers(40), {}, STOP);
		expect(new Set(first.sent).size).toBe(40);
		expect(first.report).toMatchObject({ Health: 'degraded', News: true, RecordCount: 40 });
		expect(JSON.parse(String(first.report['Records']))).toHaveLength(40);
		const wrong = await sync(customers(40, 100), {}, STOP);
		expect(wrong.report).toMatchObject({ Health: 'failing', News: true, Records: '[]' });
		const failed = await sync([{ error: 'connection terminated: [x](https://evil.example)' }], {}, STOP);
		expect(failed.report).toMatchObject({ Health: 'failing', News: true });
		expect(failed.text).toContain('connection terminated');
		expect(failed.text).not.toContain('https://evil');
		expect((await run('confirmNews', {}, DELIVERED)).failure).toMatch(/is failing/);
	});
});
