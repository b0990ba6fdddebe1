import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData, dataTablesBeside, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { confirmAllNews } from '../support/confirmedNews.mts';
import { errorOf, push, row, type PushRun } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const onError = 'continueErrorOutput' as const;

const hint = ({ hints }: NodeResult) => hints[0]?.message;
const idsOf = (rows: readonly IDataObject[]) => rows.map(({ CustomerId }) => CustomerId);
/** Long enough for some of thirty customers. */
const HALF_A_SECOND = { concurrency: 1, requestsPerSecond: 20, longestRun: 0.5 / 60 };
const customers = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));

test('Sync sends new and changed customers, and does not resend what was accepted.', async () => {
	const { sync } = await syncTimeline();
	const rows = [row('a', 1), row('b', 2), row('b', 3)];
	const first = await sync(rows);
	expect(first.sent).toEqual(['a', 'b']);
	expect(hint(first)).toContain('this is the first run of the node, so every customer is sent');
	const second = await sync([...rows].reverse());
	expect([second.sent, second.success, second.error]).toEqual([[], [], []]);
	expect(hint(second)).toBe('0 of 2 customers needed a push, all are up to date');
	const third = await sync([row('a', 1), row('b', 2), row('c', 4)]);
	expect(third.sent).toEqual(['b', 'c']);
	expect(hint(third)).toBe('3 customers are up to date, 2 pushed now (2 devices)');
});

test('Sync does not take a lost state for a first run: it sends nothing until the plan is approved, and the approval holds once.', async () => {
	const { sync, lose } = await syncTimeline();
	const rows = customers(30);
	await sync(rows);
	for (let round = 0; round < 2; round++) {
		await lose();
		const stopped = await sync(rows);
		const { code, message, planId } = errorOf(stopped.error[0]!)!;
		expect([stopped.sent, code]).toEqual([[], 'STATE_LOST']);
		expect(message).toMatch(/^The sync state is lost: its Data Tables or rows were deleted, /);
		const approved = { safetyChecks: { approvedPlan: String(planId) } };
		const passed = await sync(rows, {}, approved);
		expect(passed.sent).toHaveLength(30);
		expect(hint(passed)).toContain('the sync state of earlier runs was lost, so every customer is sent');
		expect(hint(passed)).not.toContain('first run');
		await lose();
		expect((await sync(rows, {}, approved)).sent).toEqual([]);
		expect((await sync(rows, { dryRun: true })).hints[0]?.message).toMatch(/The sync state is lost/);
		const next = errorOf((await sync(rows)).error[0]!)!;
		await sync(rows, {}, { safetyChecks: { approvedPlan: String(next.planId) } });
	}
});

test('A state that may not have been written makes the run degraded and news, and message and hint say which customers the next run repeats.', async () => {
	const { sync, processedData } = await syncTimeline({}, { confirmsNews: false });
	const rows = customers(20);
	await sync(rows);
	confirmAllNews(processedData);
	const changed = [...rows.slice(1), row('c0', 99)];
	const tables = dataTablesBeside(processedData);
	// Nothing can be written after the first request.
	const { updateRows } = tables;
	let updates = 0;
	tables.updateRows = (...update) => {
		updates++;
		if (updates > 1) {
			throw new Error('read-only');
		}
		return updateRows.apply(tables, update);
	};
	const { sent, success, hints, logs } = await sync(changed, { outputItemPer: 'run' });
	tables.updateRows = updateRows;
	expect(sent).toEqual(['c0']);
	expect(success[0]?.json).toMatchObject({ Health: 'degraded', News: true, StateKept: false });
	const why =
		/n8n's database did not respond within [\d.]+ s, so .* repeats the customers that were sent last/;
	expect(success[0]?.json.Summary).toMatch(why);
	expect(success[0]?.json.Message).toMatch(why);
	expect(hints[0]?.message).toMatch(why);
	expect(JSON.stringify(logs)).toMatch(why);
	const next = await sync(changed, { outputItemPer: 'run' });
	expect(next.sent).toEqual(['c0']);
	expect(next.success[0]?.json).toMatchObject({ Health: 'ok', News: true, State: 'interrupted' });
});

test('Send: Every Customer pushes all customers and stores them as accepted; a Dry Run shows verdicts and changes nothing.', async () => {
	const { sync } = await syncTimeline();
	const rows = [row('a', 1), row('b', 2)];
	await sync(rows);
	const dry = await sync([row('a', 1), row('b', 9)], { dryRun: true });
	expect(dry.success.map(({ json }) => [json.CustomerId, json.Status])).toEqual([
		['b', 'WOULD_SEND'],
		['a', 'UNCHANGED'],
	]);
	expect(dry.sent).toEqual([]);
	expect((await sync(rows)).sent).toEqual([]);
	expect((await sync(rows, { send: 'every' })).sent).toEqual(['a', 'b']);
	expect((await sync(rows)).sent).toEqual([]);
});

test('One Output Item Per: Run reports the whole run in one item, with a change for the better or worse as news.', async () => {
	const { sync, simulator } = await syncTimeline();
	const options = { outputItemPer: 'run' };
	const rows = [row('a', 1), row('b', 2), row('c', 'no slash')];
	const first = await sync(rows, options);
	const reports = first.success.map(({ json }) => json).filter((json) => !('Records' in json));
	expect(reports).toEqual([
		expect.objectContaining({
			Health: 'degraded',
			News: true,
			Customers: 3,
			Pushed: 2,
			Withheld: 1,
			Devices: 2,
			Rows: 3,
			InvalidRows: 1,
			Requests: 2,
			State: 'empty',
		}),
	]);
	expect(first.error.map((item) => errorOf(item)?.code)).toEqual(['INVALID_ROWS']);
	const second = await sync([row('a', 1), row('b', 2)], options);
	expect(second.success[0]?.json).toMatchObject({
		Health: 'ok',
		News: true,
		Customers: 2,
		Pushed: 0,
		Unchanged: 2,
		State: 'used',
		Requests: 0,
	});
	expect((await sync([row('a', 1), row('b', 2)], options)).success[0]?.json).toMatchObject({
		News: false,
	});
	expect(simulator.requests).toHaveLength(2);
});

test('One Output Item Per: Input Row says of each row whether it was pushed or is unchanged.', async () => {
	const { sync } = await syncTimeline();
	await sync([row('a', 1)]);
	const { success } = await sync([row('a', 1, { city: '深圳' }), row('b', 2)], { outputItemPer: 'row' });
	expect(success.map(({ json }) => [json.DeviceId, json.Status, json.city])).toEqual([
		['P/D1', 'UNCHANGED', '深圳'],
		['P/D2', 'OK', undefined],
	]);
});

test('Retry On Fail does not resend an accepted customer, and the sync state has the customers of both attempts.', async () => {
	const simulator = await runSimulator({
		faults: [{ on: 'b', kind: 'error', times: 1, Code: 'FailedOperation.Timeout', Message: 'slow' }],
	});
	const processedData = createProcessedData();
	const rows = [row('a', 1), row('b', 2)];
	const run = { operation: 'sync', processedData, options: { maxAttempts: 1 } };
	const retried = await push(rows, simulator, {
		...run,
		onError: 'stopWorkflow',
		retryOnFail: { maxTries: 2, waitBetweenTries: 1 },
	});
	expect(retried.success.map(({ json }) => [json.CustomerId, json.AlreadyDone])).toEqual([
		['a', true],
		['b', undefined],
	]);
	expect(hint(retried)).toBe(
		'2 customers are up to date, 2 pushed now (2 devices); 1 already done in an earlier attempt',
	);
	const before = simulator.requests.length;
	await push(rows, simulator, run);
	expect(simulator.requests).toHaveLength(before);
});

test('A Dry Run shows that a safety check would stop the run, and says once that nothing was sent.', async () => {
	const { sync } = await syncTimeline();
	await sync(customers(120));
	const stopped = await sync(customers(3), { dryRun: true });
	expect(hint(stopped)).toMatch(
		new RegExp(
			'^Dry run: nothing was sent\\. A run would send nothing: 117 of 120 customers are missing from the rows, ' +
				"above the limit of 20 % in 'Stop Above \\(% Changed\\)'\\. 117 of 120 devices of the last run are in no row, " +
				"above the limit of 3 % in 'Stop When Devices Drop \\(%\\)'\\. The plan has no requests; 3 unchanged; " +
				"117 customers are no longer in the rows; Tencent keeps their devices\\. .*set 'Approved Plan' under 'Safety Checks' to \\w{16} and run again",
		),
	);
});

test('Customers that Longest Run leaves unsent are postponed, not failed, and the next run sends them.', async () => {
	const { sync, simulator } = await syncTimeline();
	const rows = customers(30);
	const options = { ...HALF_A_SECOND, outputItemPer: 'row' };
	const first = await sync(rows, options);
	const pushed = first.sent.length;
	expect(pushed).toBeGreaterThan(0);
	expect(pushed).toBeLessThan(30);
	expect(first.error).toEqual([]);
	expect(first.success.map(({ json }) => json.Status)).toEqual(
		rows.map((_, index) => (index < pushed ? 'OK' : 'POSTPONED')),
	);
	expect(first.success.at(-1)?.json.Message).toBe("The run reached its time limit, 'Longest Run (Minutes)'.");
	expect(hint(first)).toContain(
		`${30 - pushed} customers left for the next run: The run reached its time limit, 'Longest Run (Minutes)'; this is the first run`,
	);
	const second = await sync(rows, { concurrency: 1 });
	expect([...second.sent].sort()).toEqual(idsOf(rows.slice(pushed)).sort());
	expect(simulator.requests).toHaveLength(30);
});

test('A request that waits for its retry ends when Longest Run is over.', async () => {
	const { sync, simulator, clock } = await syncTimeline();
	const rows = customers(4);
	await sync(rows.slice(0, 1));
	// The service asks for a pause of a minute, which the run would otherwise keep to.
	simulator.setOptions({
		rateLimit: { perSecond: 1, startsAfterRequests: 0, answer: 'http429', retryAfter: '60' },
	});
	const beginMs = clock.elapsedMs;
	const run = await sync(rows, { concurrency: 1, longestRun: 2 / 60 });
	expect(clock.elapsedMs - beginMs).toBeLessThan(5000);
	expect(run.sent.length).toBeLessThan(3);
	expect(hint(run)).toContain('left for the next run');
});

test('A Push reports its run in one item, too, without a sync state; failed customers are separate error items.', async () => {
	const simulator = await runSimulator({
		refuseCustomers: { no: { Code: 'InvalidParameterValue', Message: 'no' } },
	});
	const rows = [row('a', 1), row('a', 2), row('no', 3), row('b', 'no slash')];
	const { success, error } = await push(rows, simulator, { onError, options: { outputItemPer: 'run' } });
	const [report, records, ...further] = success.map(({ json }) => json);
	expect(further).toEqual([]);
	expect(JSON.parse(String(records!.Records))).toMatchObject([
		{ CustomerId: 'a', Outcome: 'OK' },
		{ CustomerId: 'no', Outcome: 'REFUSED', Code: 'InvalidParameterValue' },
		{ CustomerId: 'b', Outcome: 'NOT_SENT', Code: 'INVALID_ROWS', Devices: [], RequestId: null },
	]);
	expect(report).toMatchObject({
		Health: 'degraded',
		Customers: 3,
		Pushed: 1,
		Refused: 1,
		Withheld: 1,
		Unchanged: 0,
		Devices: 2,
		Rows: 4,
		InvalidRows: 1,
		Requests: 2,
	});
	expect(report).not.toHaveProperty('State');
	expect(error.map((item) => errorOf(item)?.CustomerId)).toEqual(['no', 'b']);
});

test.each<[string, (rows: IDataObject[]) => [IDataObject[], PushRun?], string]>([
	['the column of the CustomerId has another name', (rows) => [rows.map(renamed)], 'COLUMN_NOT_FOUND'],
	['the CRM comes out empty', () => [[{}]], 'NO_ROWS'],
	['the query fails', () => [[{ error: 'connection refused' }]], 'SOURCE_FAILED'],
	['one of its pages fails', (rows) => [[...rows.slice(1), { error: 'timed out' }]], 'SOURCE_FAILED'],
	[
		'the expression of a number gives nothing',
		(rows) => [rows, { options: { outputItemPer: 'run', requestsPerSecond: '={{ $json.rate }}' } }],
		'INVALID_OPTION',
	],
])(
	'When nothing can be sent because %s, the failure is news once, and the recovery is news once.',
	async (...args) => {
		const [, broken, code] = args;
		const { sync } = await syncTimeline();
		const rows = [row('a', 1), row('b', 2)];
		const columns = Object.fromEntries(Object.keys(rows[0]!).map((name) => [name, `={{ $json.${name} }}`]));
		const report = async (sourceRows: IDataObject[], run: PushRun = {}) => {
			const { success, error, sent } = await sync(sourceRows, { outputItemPer: 'run' }, { columns, ...run });
			const { Health, News, Failures } = success[0]!.json;
			const codes = (Failures as IDataObject[]).map((failure) => failure.code);
			return { Health, News, codes, errors: error.map((item) => errorOf(item)?.code), sent };
		};
		const ok = { Health: 'ok', codes: [], errors: [], sent: [] };
		const failing = { Health: 'failing', codes: [code], errors: [code], sent: [] };
		expect(await report(rows)).toMatchObject({ Health: 'ok', News: true, sent: ['a', 'b'] });
		expect(await report(...broken(rows))).toEqual({ ...failing, News: true });
		expect(await report(...broken(rows))).toEqual({ ...failing, News: false });
		expect(await report(rows)).toEqual({ ...ok, News: true });
		expect(await report(rows)).toEqual({ ...ok, News: false });
	},
);

function renamed({ CustomerId, ...columns }: IDataObject): IDataObject {
	return { customer: CustomerId, ...columns };
}
