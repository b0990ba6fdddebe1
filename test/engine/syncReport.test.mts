import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { RunReport } from '../../nodes/TencentCloudIot/run/report/runReport';
import { errorOf, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const HOUR_MS = 3_600_000;
const perRun = { outputItemPer: 'run', pushAgainAfter: 0 };

const customers = (count: number, first = 0) =>
	Array.from({ length: count }, (_, index) => row(`c${first + index}`, first + index));
const withBadRows = (rows: IDataObject[], count: number) =>
	rows.map((one, index) => (index < count ? { ...one, DeviceId: 'no slash' } : one));

/** A node whose runs report, as a schedule starts them an hour apart. */
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

test('Of 304 customers 100 are newly withheld while two were bad before: one message, and it says 100.', async () => {
	const { report } = await reportingNode();
	const rows = customers(304);
	const allowed = { safetyChecks: { stopAbove: 50 } };
	const first = await report(withBadRows(rows, 2));
	expect([first.Health, first.News, first.NewlyFailed, first.NewlyFailedIds]).toEqual([
		'degraded',
		true,
		2,
		['c0', 'c1'],
	]);
	expect((await report(withBadRows(rows, 2))).News).toBe(false);
	const broken = await report(withBadRows(rows, 102), {}, allowed);
	expect(broken).toMatchObject({
		Health: 'degraded',
		News: true,
		NewlyFailed: 100,
		NewlyFailedIds: expect.arrayContaining(['c2', 'c11']),
		Summary: `Sync is degraded: 100 customers newly failed ('c2', 'c3', 'c4' and others); 2 others failed; 202 of 304 customers are up to date, 0 pushed now; 102 rows invalid; rows 1, 2, 3 and 99 more: 'DeviceId' is not ProductId/DeviceName with exactly one "/". Correct 'DeviceId' in 102 rows and try again.`,
		SummaryZh:
			'Sync 部分异常：100 个客户本次开始失败（c2、c3、c4 等）；另有 2 个客户失败；304 个客户中 202 个已是最新，本次推送 0 个；102 行数据无效；第 1、2、3 等 102 行：DeviceId 须为 ProductId/DeviceName，且恰有一个“/”。修正 102 行中的 DeviceId。',
	});
	expect((await report(withBadRows(rows, 102), {}, allowed)).News).toBe(false);
	const repaired = await report(rows);
	expect(repaired).toMatchObject({
		Health: 'ok',
		News: true,
		Recovered: 102,
		DaysSinceLastRun: 0,
		NewlyFailed: 0,
		NewlyFailedIds: [],
		...{ FailedBefore: 102, Unchanged: 202, New: 0, Changed: 0 },
	});
	expect((await report(rows)).News).toBe(false);
});

test('The README shows the message of a run.', async () => {
	const { report, simulator } = await reportingNode();
	const rows = customers(304);
	await report(rows);
	simulator.setOptions({
		refuseCustomers: { c123: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } },
	});
	const changed = rows.map((one, index) => (index === 123 ? { ...one, DeviceId: 'LOCK01/door_9' } : one));
	const { Text } = await report(withBadRows(changed, 1));
	for (const page of ['README.md', 'docs/README.zh-CN.md'])
		expect(readFileSync(page, 'utf8')).toContain(`\`\`\`text\n${Text}\n\`\`\``);
});

test('A run that ended for its rows counts: the next one has recovered.', async () => {
	const { report, sync } = await reportingNode();
	const rows = customers(3);
	await report(rows);
	const { failure } = await sync(withBadRows(rows, 1), perRun, { onError: 'stopWorkflow' });
	expect(failure?.message).toContain('1 row invalid');
	expect(await report(rows)).toMatchObject({ Health: 'ok', News: true });
});

test('A Dry Run shows those first that a run would send; with one item for the run, counts by verdict.', async () => {
	const { sync, report } = await reportingNode();
	const rows = customers(30);
	await report(rows);
	const given = [
		...rows.slice(2).map((one, index) => (index === 20 ? { ...one, DeviceId: 'P/x' } : one)),
		row('new', 'P/n'),
	];
	const items = await sync(given, { dryRun: true });
	expect(items.success.slice(0, 3).map(({ json }) => [json.CustomerId, json.Status, json.Message])).toEqual([
		['c22', 'WOULD_SEND', 'Other devices than were accepted last'],
		['new', 'WOULD_SEND', 'New customer'],
		['c2', 'UNCHANGED', ''],
	]);
	const options = { ...perRun, dryRun: true };
	const byHand = { mode: 'manual' } as const;
	const { success, error, sent } = await sync([...given, row('bad', 'no slash')], options, byHand);
	expect([success.length, error.map((item) => errorOf(item)?.CustomerId), sent]).toEqual([1, ['bad'], []]);
	expect(success[0]?.json).toEqual({
		Summary: expect.stringContaining('Dry run: nothing was sent. 2 customers, 2 devices: 2 requests'),
		DryRun: true,
		Customers: 30,
		...{ New: 1, Changed: 1, Waiting: 0, FailedBefore: 0 },
		Gone: 2,
		Requests: 2,
	});
	const stopped = await sync(
		rows.slice(0, 1).map((one) => ({ ...one, ProductName: 'x' })),
		options,
		byHand,
	);
	expect(stopped.success[0]?.json).toMatchObject({ Customers: 1, Requests: 1 });
});

test.each([
	['before the first run', false],
	['after one that has sent', true],
])('A Dry Run in a published workflow is news once, then daily: %s.', async (_, hasSent) => {
	const { report, sync } = await reportingNode();
	const rows = customers(3);
	if (hasSent) await report(rows);
	const dryRun = { dryRun: true };
	expect(await report(rows, dryRun)).toMatchObject({
		Health: 'failing',
		News: true,
		DryRun: true,
		...{ Customers: 3, NotSent: 3 },
		Summary:
			"Sync is failing (DRY_RUN): Dry Run is on: nothing is sent. Switch off 'Dry Run' in the node, and publish the workflow.",
		SummaryZh: 'Sync 失败（DRY_RUN）：Dry Run 已开启，不会推送任何数据。在节点中关闭 Dry Run，并发布工作流。',
		Failures: [{ code: 'DRY_RUN', advice: "Switch off 'Dry Run' in the node, and publish the workflow" }],
	});
	await sync(rows, { ...perRun, ...dryRun }, { mode: 'manual' });
	const news: number[] = [];
	for (let hour = 1; hour <= 25; hour++) if ((await report(rows, dryRun)).News) news.push(hour);
	expect(news).toEqual([24]);
	expect(await report(rows)).toMatchObject({ Health: 'ok', News: true });
	expect((await report(rows)).News).toBe(false);
});

test('A Dry Run beside a run under way says that what has changed is unknown.', async () => {
	const { sync, interrupt } = await syncTimeline();
	const rows = customers(3);
	await sync(rows);
	await interrupt();
	const { hints, success } = await sync(rows, { dryRun: true });
	expect(hints[0]?.message).toContain(
		'another run of this node is active or was interrupted, so what has changed is unknown',
	);
	expect(new Set(success.map(({ json }) => json.Message))).toEqual(new Set(['What has changed is unknown']));
});

test('One customer pushed behind a Filter, as for a first try or a support case, does a later Sync no harm.', async () => {
	const { sync, simulator } = await syncTimeline();
	const rows = customers(30);
	await sync(rows);
	expect((await sync(rows.slice(4, 5), {}, { operation: 'push' })).sent).toEqual(['c4']);
	expect((await sync(rows)).sent).toEqual([]);
	const changed = rows.map((one, index) => (index === 4 ? { ...one, ProductName: 'other' } : one));
	expect((await sync(changed.slice(4, 5), {}, { operation: 'push' })).sent).toEqual(['c4']);
	expect((await sync(changed)).sent).toEqual(['c4']);
	expect((await sync(changed)).sent).toEqual([]);
	expect(simulator.bindings.get('c4')?.map(({ ProductName }) => ProductName)).toEqual(['other']);
});
