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
		['c22', 'WOULD_SEND', 'Other devices than were accepted last: 1 device'],
		['new', 'WOULD_SEND', 'New customer: 1 device'],
		['c2', 'UNCHANGED', 'Tencent accepted exactly this last'],
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
	expect(new Set(success.map(({ json }) => json.Message))).toEqual(
		new Set(['What has changed is unknown: 1 device']),
	);
});
