import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { reportRun } from '../../nodes/TencentCloudIot/run/report/runReport';
import { errorOf, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

type RunReport = ReturnType<typeof reportRun>;

const HOUR_MS = 3_600_000;
const perRun = { outputItemPer: 'run', pushAgainAfter: 0 };

const customers = (count: number, first = 0) =>
	Array.from({ length: count }, (_, index) => row(`c${first + index}`, first + index));

/** A node that a schedule starts every hour. `report` runs it once and returns the report with the customers that were sent. */
async function reportingNode(options = {}) {
	const node = await syncTimeline(options);
	return {
		...node,
		report: async (rows: IDataObject[], runOptions: IDataObject = {}, run = {}) => {
			node.clock.startMs += HOUR_MS;
			const { success, sent } = await node.sync(rows, { ...perRun, ...runOptions }, run);
			return { ...(success[0]?.json as unknown as RunReport), sent };
		},
	};
}

test('The first scheduled run is news even if it is ok and a manual run has already pushed every customer.', async () => {
	const { report } = await reportingNode();
	const rows = customers(3);
	const byHand = await report(rows, {}, { mode: 'manual' });
	expect(byHand).toMatchObject({ News: false, Health: 'ok', Pushed: 3 });
	expect(await report(rows)).toMatchObject({ News: true, Health: 'ok', Pushed: 0, Unchanged: 3 });
	expect(await report(rows)).toMatchObject({ News: false, Unchanged: 3 });
});

test('The picture in README shows exactly the message of such a run, uncut.', async () => {
	const { report, simulator } = await reportingNode();
	const rows = customers(304);
	await report(rows);
	simulator.setOptions({
		refuseCustomers: { c123: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } },
	});
	const changed = rows.map((cells, index) => {
		const isWithoutNumber = index === 17;
		const isMoved = index === 123;
		return {
			...cells,
			CustomerDeviceNo: isWithoutNumber ? '' : cells['CustomerDeviceNo'],
			DeviceId: isMoved ? 'LOCK01/door_9' : cells['DeviceId'],
		};
	});
	const { Text } = await report(changed);
	expect(`${Text}\n`).toBe(readFileSync('docs/images/message.txt', 'utf8'));
	expect(Text).not.toContain('…');
});

test('When customers with long ids get new ids, the message names fewer of them instead of being cut.', async () => {
	const { report } = await reportingNode();
	const renamed = (prefix: string, count: number) =>
		Array.from({ length: 80 }, (_, index) => {
			const customer = Math.floor(index / 2);
			const id = `${customer < count ? prefix : 'customer'}_2026_13800138${String(100 + customer)}`;
			return row(id, `PRODUCT_ABC/front_door_lock_${index}`);
		});
	await report(renamed('customer', 0));
	const { Text, Gone, Moved, GoneExamples, MovedExamples } = await report(renamed('client', 7));
	expect([Gone, Moved, GoneExamples?.length, MovedExamples?.length]).toEqual([7, 14, 5, 5]);
	expect(Buffer.byteLength(String(Text))).toBeLessThanOrEqual(1700);
	expect(Text).not.toContain('…');
	expect(Text).toMatch(
		/（customer_2026_13800138100：最后一次被接受 .* 等）；14 台设备已换到另一个客户（.* 等）/,
	);
	expect(Text).toMatch(
		/\(customer_2026_13800138100: last accepted .* and others\); 14 devices moved .* and others\)/,
	);
	expect(Text).not.toMatch(/Missing|缺失/);
	expect(Text).toMatch(/\n如果推送.*\n.*\nIf pushes only add devices, .* under 'Moved Devices'\.$/);
});

test.each([
	['without an App Secret', { appSecret: '' }, 'CREDENTIAL_INCOMPLETE'],
	['with an invalid endpoint', { endpoint: 'nonsense' }, 'ENDPOINT_NOT_USABLE'],
])(
	'A run with a credential %s is reported as failing, and the next run as ok.',
	async (_, credential, code) => {
		const { report } = await reportingNode();
		await report(customers(30));
		const broken = await report(customers(30), {}, { credential });
		expect(broken).toMatchObject({ News: true, Health: 'failing', sent: [] });
		expect(broken.Text).toContain(`Sync is failing (${code})`);
		expect(await report(customers(30))).toMatchObject({ News: true, Health: 'ok', sent: [] });
	},
);

test('A stop for missing customers names them with their last receipt, in the time zone of the workflow.', async () => {
	const { report, sync } = await reportingNode();
	await report(customers(30));
	const stopped = await report(customers(20));
	expect(stopped.Text).toMatch(
		/\nMissing: c20: last accepted \d\d-\d\d \d\d:\d\d, c21: .* and others\. Still in the rows: /,
	);
	expect(stopped.Text).toMatch(/\n缺失的客户：c20：最后一次被接受 .* 等。仍在数据中：/);
	const { success, hints } = await sync(customers(30), perRun);
	const [, since] = /the stop reported at (\S+ \S+) is over/.exec(String(success[0]?.json['Text'])) ?? [];
	expect(hints[0]?.message).toContain(`The stop reported at ${since} is over`);
});

test('A Dry Run lists what would be sent first; with one item per run, it counts the customers by verdict.', async () => {
	const { sync, report } = await reportingNode();
	const rows = customers(30);
	await report(rows);
	const changedRows = [
		...rows.slice(2).map((wholeRow, index) => (index === 20 ? { ...wholeRow, DeviceId: 'P/x' } : wholeRow)),
		row('new', 'P/n'),
	];
	const items = await sync(changedRows, { dryRun: true });
	expect(items.success.slice(0, 3).map(({ json }) => [json.CustomerId, json.Status, json.Message])).toEqual([
		['c22', 'WOULD_SEND', 'Other devices than were accepted last: 1 device'],
		['new', 'WOULD_SEND', 'New customer: 1 device'],
		['c2', 'UNCHANGED', 'Tencent accepted exactly this last'],
	]);
	const options = { ...perRun, dryRun: true };
	const byHand = { mode: 'manual' } as const;
	const { success, error, sent } = await sync([...changedRows, row('bad', 'no slash')], options, byHand);
	expect([success.length, error.map((item) => errorOf(item)?.CustomerId), sent]).toEqual([1, ['bad'], []]);
	expect(success[0]?.json).toEqual({
		Summary: expect.stringContaining('Dry run: nothing was sent. 2 customers, 2 devices: 2 requests'),
		DryRun: true,
		Customers: 30,
		New: 1,
		Changed: 1,
		Waiting: 0,
		FailedBefore: 0,
		Gone: 2,
		DevicesAdded: 2,
		DevicesGone: 1,
		DevicesKept: 0,
		Requests: 2,
	});
	const stopped = await sync(
		rows.slice(0, 1).map((wholeRow) => ({ ...wholeRow, ProductName: 'x' })),
		options,
		byHand,
	);
	expect(stopped.success[0]?.json).toMatchObject({ Customers: 1, Requests: 1 });
});

test('A Dry Run shows which devices of each customer are added, gone and kept since the last run, with the same columns in every item.', async () => {
	const { sync, report } = await reportingNode();
	const device = (CustomerId: string, name: string) => ({ ...row(CustomerId, 0), DeviceId: `P/${name}` });
	const rows = [
		device('a', 'a1'),
		device('a', 'a2'),
		device('a', 'a3'),
		device('b', 'b1'),
		device('c', 'c1'),
	];
	await report(rows);
	const changedRows = [
		// a2 moves to b, a3 is no longer in any row, and a4 is new.
		device('a', 'a1'),
		device('a', 'a4'),
		device('b', 'b1'),
		device('b', 'a2'),
		device('c', 'c1'),
		device('d', 'd1'),
	];
	const byHand = { mode: 'manual' } as const;
	const { success, sent } = await sync(changedRows, { dryRun: true }, byHand);
	expect(sent).toEqual([]);
	const changes = success.map(({ json: { CustomerId, Added, Gone, Kept } }) => [
		CustomerId,
		Added,
		Gone,
		Kept,
	]);
	expect(new Map(changes.map(([customer, ...deviceChanges]) => [customer, deviceChanges]))).toEqual(
		new Map([
			['a', ['1: P/a4', '2: P/a2 (now b), in no row', 1]],
			['b', ['1: P/a2', '', 1]],
			['c', ['', '', 1]],
			['d', ['1: P/d1', '', 0]],
		]),
	);
	expect(new Set(success.map(({ json }) => Object.keys(json).join()))).toHaveProperty('size', 1);
	const { success: reportOfRun } = await sync(changedRows, { ...perRun, dryRun: true }, byHand);
	expect(reportOfRun[0]?.json).toMatchObject({ DevicesAdded: 3, DevicesGone: 2, DevicesKept: 2 });
});

test.each<[string, IDataObject[] | undefined]>([
	['before the first run', undefined],
	['after a run that sent customers', customers(3)],
	['after a customer has left the rows', [...customers(3), row('gone', 7)]],
	['after a device has moved', [...customers(2), row('c2', 9), row('gone', 2)]],
])('A Dry Run in a published workflow is news once, then daily: %s.', async (_, sentBefore) => {
	const { report, sync } = await reportingNode();
	const rows = customers(3);
	if (sentBefore !== undefined) {
		await report(sentBefore);
	}
	const dryRun = { dryRun: true };
	expect(await report(rows, dryRun)).toMatchObject({
		Health: 'failing',
		News: true,
		DryRun: true,
		Customers: 3,
		NotSent: 3,
		Summary:
			"Sync is failing (DRY_RUN): Dry Run is on. Nothing was sent. Switch off 'Dry Run' in the node, and publish the workflow.",
		SummaryZh: 'Sync 失败（DRY_RUN）：Dry Run 已开启；未发送任何内容。在节点中关闭 Dry Run，并发布工作流。',
		Failures: [{ code: 'DRY_RUN', advice: "Switch off 'Dry Run' in the node, and publish the workflow" }],
		// What the workflow posts to the group.
		Message: expect.stringMatching(/Dry Run 已开启；未发送任何内容.*Dry Run is on\. Nothing was sent/s),
	});
	const { success: byHand } = await sync(rows, { ...perRun, ...dryRun }, { mode: 'manual' });
	expect(byHand[0]?.json).not.toHaveProperty('Message');
	const news: number[] = [];
	for (let hour = 1; hour <= 25; hour++) {
		if ((await report(rows, dryRun)).News) {
			news.push(hour);
		}
	}
	expect(news).toEqual([24]);
	expect(await report(rows)).toMatchObject({ Health: 'ok', News: true });
	expect((await report(rows)).News).toBe(false);
});

test('A Dry Run during another run shows exactly what would be sent, and sends nothing.', async () => {
	const { sync, interrupt } = await syncTimeline();
	const rows = customers(3);
	await sync(rows);
	await interrupt();
	const { hints, sent } = await sync(changed(rows, 0, { DeviceId: 'P/new' }), { dryRun: true });
	expect(hints[0]?.message).toContain('1 request; 2 unchanged');
	expect(sent).toEqual([]);
});

const changed = (rows: IDataObject[], at: number, columns: IDataObject) =>
	rows.map((wholeRow, index) => (index === at ? { ...wholeRow, ...columns } : wholeRow));

/** Accidents with the rows of 30 customers, and the message: what happened, whether anything was applied, what to do. */
const NIGHTS: Array<
	[what: string, rows: (everyRow: IDataObject[]) => IDataObject[], chinese: RegExp, english: RegExp]
> = [
	[
		'a wrong join',
		(everyRow) =>
			everyRow.map((wholeRow, index) => ({
				...wholeRow,
				DeviceId: everyRow[(index + 1) % everyRow.length]!.DeviceId,
			})),
		/TOO_MANY_CHANGES.*30 个客户中 30 个.*未发送任何内容.*修正映射或数据行/s,
		/TOO_MANY_CHANGES.*30 of 30 customers.*Nothing was sent\..*Correct the mapping or the rows/s,
	],
	[
		'an empty source',
		() => [{}],
		/NO_ROWS.*未发送任何内容.*检查/s,
		/NO_ROWS.*Nothing was sent\..*Check its query/s,
	],
	[
		'a part of the rows',
		(everyRow) => everyRow.slice(0, 9),
		/TOO_FEW_CUSTOMERS.*21 个已不在数据中.*未发送任何内容.*给出全部客户的数据行/s,
		/TOO_FEW_CUSTOMERS.*21 of 30 customers.*Nothing was sent\..*Give Sync the rows of all customers/s,
	],
	[
		'a typing error',
		(everyRow) => changed(everyRow, 4, { DeviceId: 'no slash' }),
		/30 个客户中 29 个已是最新，本次推送 0 个.*第 5 行.*DeviceId.*修正/s,
		/29 of 30 customers are up to date, 0 pushed now.*row 5.*'DeviceId'.*Correct 'DeviceId'/s,
	],
	[
		'an outage',
		(everyRow) => changed(everyRow, 3, { DeviceId: 'P/new' }),
		/29 个已是最新，本次推送 0 个；1 个结果不明（腾讯云可能已应用）.*暂无需处理/s,
		/29 of 30.*0 pushed now; 1 unclear \(Tencent may or may not have applied.*Nothing has to be done now/s,
	],
];

test.each(NIGHTS)(
	'After %s both languages say what happened, whether anything was applied, and what to do, with and without names.',
	async (_, spoil, chinese, english) => {
		for (const nameCustomers of [true, false]) {
			const { report, simulator } = await reportingNode();
			const rows = customers(30);
			await report(rows);
			simulator.setOptions({ outage: true });
			const { Text } = await report(spoil(rows), { nameCustomers, maxAttempts: 1 });
			expect(Text).toMatch(new RegExp(`${chinese.source}.*\\nSync .*${english.source}`, 's'));
			if (!nameCustomers) {
				expect(Text).not.toMatch(/\bc\d+\b|P\/D/);
			}
		}
	},
);
