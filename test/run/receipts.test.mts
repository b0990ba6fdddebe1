import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { auditOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/audit.operation';
import { NO_RECEIPTS } from '../../nodes/TencentCloudIot/run/receiptCounts';
import { RunReceipts } from '../../nodes/TencentCloudIot/run/receipts';
import { type CallResult, type RunResult, tallyRun } from '../../nodes/TencentCloudIot/run/report/result';
import type { Plan, Run, Selection } from '../../nodes/TencentCloudIot/run/run';
import { makeLastCell } from '../../nodes/TencentCloudIot/sync/last';
import { receiptFormat } from '../../nodes/TencentCloudIot/sync/log/receipt';
import type { LogMemory } from '../../nodes/TencentCloudIot/sync/log/runLog';
import { StateHashes } from '../../nodes/TencentCloudIot/sync/state/hashes';
import { eventually } from '../support/eventually.mts';
import { failureWith } from '../support/failures.mts';
import { answered, OK } from '../support/fates.mts';
import { customer, resultWith, withheldOf } from '../support/runResults.mts';
import { MemoryTables } from '../sync/log/memoryTables.mts';

const NOW_MS = Date.UTC(2026, 11, 1, 6);
const BATCH_MS = 8_000;
const LOG = 'tencent_iot_log_2026_12';
const ACCOUNT = { appKey: 'key', appSecret: 'secret', endpoint: 'https://service.example/' };
const hashes = new StateHashes(ACCOUNT as never);

/** The alarms that are set and not cancelled. Tests ring them without waiting. */
let alarms: Array<{ ms: number; ring: () => void }> = [];
let nowMs = NOW_MS;

beforeEach(() => {
	alarms = [];
	nowMs = NOW_MS;
	jest.spyOn(systemClock, 'nowMs').mockImplementation(() => nowMs);
	jest.spyOn(systemClock, 'alarm').mockImplementation((ms, ring) => {
		const alarm = { ms, ring };
		alarms.push(alarm);
		return () => {
			alarms = alarms.filter((set) => set !== alarm);
		};
	});
});
afterEach(() => void jest.restoreAllMocks());

type Sync = NonNullable<RunResult['sync']>;

/** The facts that a test sets about a run that writes receipts. */
interface Scene {
	tables?: MemoryTables;
	/** What the previous run kept about the log. */
	memory?: Partial<LogMemory>;
	sync?: Partial<Sync>;
	options?: object;
	/** Whether the run is a Push, which has no state. */
	isPush?: boolean;
	withheld?: RunResult['withheld'];
	/** The name of the credential's account in the receipts. */
	accountHash?: () => Promise<string>;
}

/** A run that writes receipts, and the indexes of the calls that it reported as written. */
async function openReceipts({
	tables = new MemoryTables(),
	memory,
	isPush,
	withheld = [],
	...scene
}: Scene = {}) {
	const { accountHash = async () => await Promise.resolve('account') } = scene;
	const log: LogMemory = { isBegun: true, repeats: [], missing: 0, inDoubt: 0, ...memory };
	const sync = { ...resultWith().sync!, last: { ...makeLastCell(1), log }, ...scene.sync };
	const facts = isPush === true ? undefined : sync;
	const written: number[] = [];
	const run = {
		execution: { workflow: { id: 'w', name: 'CRM' }, node: { id: 'n', name: 'Sync' } },
		operation: pushOperation,
		options: { keepReceipts: 3, largestLog: 50, nameCustomers: true, dryRun: false, ...scene.options },
		ports: {
			openTables: () => tables,
			credential: {
				accountHash,
				connection: async () => await Promise.resolve(ACCOUNT),
			},
		},
	} as unknown as Run;
	const selection = {
		sendOrder: [],
		facts,
		noteReceiptsWritten: (indexes: number[]) => written.push(...indexes),
	} as unknown as Selection;
	const receipts = await RunReceipts.open(run, { withheld } as unknown as Plan, selection);
	/** Ends the run with this result. */
	const end = async (changes: Partial<RunResult> = {}) =>
		await receipts!.writeRemaining(tallyRun(resultWith({ sync: facts, withheld, ...changes })));
	/** The receipts in the log, each as customer and outcome. */
	const outcomes = () =>
		tables.rowsOf(LOG).flatMap(({ account, customer: id, receipt }) => {
			const { o } = JSON.parse(String(receipt)) as { o?: string };
			return account === 'account' && o !== undefined ? `${String(id)} ${o}` : [];
		});
	/** The rows of runs and the marks in the log. */
	const rowsOf = (kind: 'runs' | 'marks') =>
		tables
			.rowsOf(LOG)
			.filter(({ account }) => account === `account ${kind}`)
			.map(({ receipt }) => JSON.parse(String(receipt)) as Record<string, unknown>);
	return { tables, receipts: receipts!, written, end, outcomes, rowsOf };
}

/** Rings the alarm of a batch, and waits until the batch is written or has failed. */
async function ringAlarm(tables: MemoryTables): Promise<void> {
	const callsBefore = tables.calls.length;
	const [alarm] = alarms.splice(0, 1);
	alarm?.ring();
	await eventually(() => tables.calls.length > callsBefore, true);
	await new Promise(setImmediate);
}

const ids = (...names: string[]): CallResult[] => names.map((id) => customer({ id }));
const refused = (id: string) =>
	customer({ id, fate: answered(failureWith({ outcome: 'REFUSED', code: 'NO' })) });

describe('Receipts are written', () => {
	test.each<[scene: string, changes: object, isWritten: boolean]>([
		['by a Push or a Sync', {}, true],
		['not by an operation that pushes no full sets', { operation: auditOperation }, false],
		['not by a Dry Run', { options: { keepReceipts: 3, nameCustomers: true, dryRun: true } }, false],
		['not for zero months', { options: { keepReceipts: 0, nameCustomers: true } }, false],
		['not without the option', { options: { nameCustomers: true } }, false],
		['not with Name Customers off', { options: { keepReceipts: 3, nameCustomers: false } }, false],
		['not by a workflow that was never saved', { execution: { workflow: { id: '' } } }, false],
	])('%s', async (_, changes, isWritten) => {
		const run = {
			execution: { workflow: { id: 'w' } },
			operation: pushOperation,
			options: { keepReceipts: 3, nameCustomers: true },
			ports: { openTables: () => new MemoryTables() },
			...changes,
		} as unknown as Run;
		expect(RunReceipts.areWritten(run)).toBe(isWritten);
		const receipts = await RunReceipts.open(run, { withheld: [] } as unknown as Plan, {} as Selection);
		expect(receipts !== undefined).toBe(isWritten);
	});
});

describe('While a run sends,', () => {
	test('receipts of all calls that end before the alarm rings are written together', async () => {
		const { receipts, tables, written, outcomes } = await openReceipts();
		const [a, b, c] = ids('a', 'b', 'c');
		receipts.addResult(0, a!);
		receipts.addResult(1, b!);
		expect([alarms.map(({ ms }) => ms), written, tables.calls]).toEqual([[BATCH_MS], [], []]);
		await ringAlarm(tables);
		expect([written, outcomes()]).toEqual([
			[0, 1],
			['a OK', 'b OK'],
		]);
		receipts.addResult(2, c!);
		expect(alarms).toHaveLength(1);
		await ringAlarm(tables);
		expect([written, outcomes()]).toEqual([
			[0, 1, 2],
			['a OK', 'b OK', 'c OK'],
		]);
	});

	test.each(['unchanged', 'notTried', 'postponed', 'earlierAttempt'] as const)(
		'a call without a response has no receipt: %s',
		async (kind) => {
			const { receipts } = await openReceipts();
			const why = failureWith({ outcome: 'NOT_SENT' });
			receipts.addResult(0, customer({ fate: { kind, why, outcome: OK } as CallResult['fate'] }));
			expect(alarms).toEqual([]);
		},
	);

	test('a batch that fails is written with the next one', async () => {
		const { receipts, tables, written, outcomes, end } = await openReceipts();
		const [a, b] = ids('a', 'b');
		tables.failure = new Error('SQLITE_BUSY');
		receipts.addResult(0, a!);
		await ringAlarm(tables);
		expect([written, outcomes()]).toEqual([[], []]);
		tables.failure = undefined;
		receipts.addResult(1, b!);
		await ringAlarm(tables);
		expect([written, outcomes()]).toEqual([
			[0, 1],
			['a OK', 'b OK'],
		]);
		expect(await end({ calls: [a!, b!] })).toMatchObject({ writtenCount: 2, missing: 0 });
		expect(outcomes()).toEqual(['a OK', 'b OK']);
	});

	test('the state no longer waits for receipts after two failed batches in a row, and the end of the run retries them', async () => {
		const { receipts, tables, written, outcomes, end } = await openReceipts();
		const calls = ids('a', 'b', 'c');
		tables.failure = new Error('SQLITE_BUSY');
		receipts.addResult(0, calls[0]!);
		await ringAlarm(tables);
		receipts.addResult(1, calls[1]!);
		await ringAlarm(tables);
		expect(written).toEqual([0, 1]);
		receipts.addResult(2, calls[2]!);
		expect([written, alarms]).toEqual([[0, 1, 2], []]);
		tables.failure = undefined;
		expect(await end({ calls })).toMatchObject({ writtenCount: 3, missing: 0, why: undefined });
		expect(outcomes()).toEqual(['a OK', 'b OK', 'c OK']);
	});

	test('a written batch resets the count of failed batches', async () => {
		const { receipts, tables, written } = await openReceipts();
		for (const [index, call] of ids('a', 'b', 'c', 'd').entries()) {
			tables.failure = index % 2 === 0 ? new Error('SQLITE_BUSY') : undefined;
			receipts.addResult(index, call);
			await ringAlarm(tables);
		}
		expect(written).toEqual([0, 1, 2, 3]);
	});

	test('the end cancels the alarm and writes the remaining receipts', async () => {
		const { receipts, outcomes, rowsOf, end } = await openReceipts({ withheld: [withheldOf('h')] });
		const calls = ids('a');
		receipts.addResult(0, calls[0]!);
		expect(await end({ calls })).toMatchObject({ writtenCount: 2, missing: 0 });
		expect([alarms, outcomes()]).toEqual([[], ['a OK', 'h NOT_SENT']]);
		expect(rowsOf('runs')).toMatchObject([{ receipts: 2, missing: 0, runs: 1, health: 'degraded' }]);
	});

	test('a receipt has the node, and says if the node is a Push', async () => {
		for (const isPush of [false, true]) {
			const { tables, end } = await openReceipts({ isPush });
			await end({ calls: ids('a') });
			const [row] = tables.rowsOf(LOG);
			const receipt = JSON.parse(String(row!['receipt'])) as object;
			expect(receipt).toEqual({
				o: 'OK',
				n: 'w n',
				p: isPush ? 1 : undefined,
				r: 'r0',
				d: expect.any(Array),
			});
		}
	});
});

describe('A continuing failure', () => {
	test('has one receipt, and when it ends the log says until when it lasted', async () => {
		const tables = new MemoryTables();
		const first = await openReceipts({ tables });
		const { logMemory } = await first.end({ calls: [refused('a')] });
		expect([first.outcomes(), logMemory?.repeats[0]?.keys]).toEqual([['a REFUSED'], [expect.any(String)]]);
		nowMs += 1_000;
		const second = await openReceipts({ tables, memory: logMemory! });
		const repeated = await second.end({ calls: [refused('a')] });
		expect(second.outcomes()).toEqual(['a REFUSED']);
		expect(repeated).toMatchObject({ writtenCount: 0, missing: 0 });
		expect(repeated.logMemory).toMatchObject({ repeats: [{ lastMs: nowMs }], stretch: { runs: 1 } });
		const third = await openReceipts({ tables, memory: repeated.logMemory! });
		const over = await third.end({ calls: ids('a') });
		expect([third.outcomes(), over.logMemory?.repeats]).toEqual([['a REFUSED', 'a OK'], []]);
		expect(JSON.stringify(tables.rowsOf(LOG))).toContain(`until\\":${nowMs}`);
	});

	test('that a batch has written is remembered at the end of the run', async () => {
		const { receipts, tables, end } = await openReceipts();
		const calls = [refused('a')];
		receipts.addResult(0, calls[0]!);
		await ringAlarm(tables);
		expect((await end({ calls })).logMemory?.repeats[0]?.keys).toHaveLength(1);
	});

	test('gets a new receipt if a receipt could not be written', async () => {
		const first = await openReceipts();
		const { logMemory } = await first.end({ calls: [refused('a')] });
		first.tables.failure = new Error('SQLITE_BUSY');
		const second = await openReceipts({ tables: first.tables, memory: logMemory! });
		expect((await second.end({ calls: [refused('a'), ...ids('b')] })).logMemory).toMatchObject({
			repeats: [],
		});
	});
});

describe('A run without receipts', () => {
	test('writes nothing, and adds itself to the runs before it', async () => {
		const { tables, end } = await openReceipts();
		const { logMemory, ...counts } = await end({ calls: [] });
		expect([counts, tables.calls]).toEqual([NO_RECEIPTS, []]);
		const next = await openReceipts({ tables, memory: logMemory! });
		expect((await next.end({ calls: [] })).logMemory).toMatchObject({
			stretch: { runs: 2, sinceMs: NOW_MS - 12 },
		});
		expect(tables.calls).toEqual([]);
	});

	test('writes those runs if it ended in another way than they did', async () => {
		const { tables, end } = await openReceipts();
		const { logMemory } = await end({ calls: [] });
		const next = await openReceipts({ tables, memory: logMemory! });
		const blocked = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
		const { logMemory: after } = await next.end({ calls: [], blocked });
		expect(next.rowsOf('runs')).toMatchObject([
			{ health: 'ok', code: '' },
			{ health: 'failing', code: 'TOO_MANY_CHANGES' },
		]);
		expect(after?.stretch).toBeUndefined();
	});

	test('writes nothing and keeps nothing if it is a Push', async () => {
		const { tables, end } = await openReceipts({ isPush: true });
		expect(await end({ calls: [], sync: undefined })).toEqual(NO_RECEIPTS);
		expect(tables.calls).toEqual([]);
	});

	test('writes and keeps nothing if it was blocked before it read the state', async () => {
		const { tables, end } = await openReceipts({ sync: { last: undefined! } });
		expect(await end({ blocked: failureWith({ code: 'ALREADY_RUNNING' }) })).toEqual(NO_RECEIPTS);
		expect(tables.calls).toEqual([]);
	});
});

describe('The log says since when it has all receipts of a node:', () => {
	test.each<[scene: string, facts: Scene, kinds: string[]]>([
		['from its first run on', { memory: { isBegun: false }, sync: { isFirstForAccount: true } }, ['first']],
		['from this run on', { memory: { isBegun: false } }, ['begin']],
		[
			'from this run on, if the state of earlier ones is lost',
			{ memory: { isBegun: false }, sync: { isFirstForAccount: true, stateCondition: 'lost' } },
			['begin'],
		],
		['no new mark if it has one already', {}, []],
		['no mark from a Push', { isPush: true }, []],
		['without those that earlier runs could not write', { memory: { missing: 2, missingMs: 5 } }, ['gap']],
		[
			'from this run on, if the table is gone',
			{ memory: { tableId: 'of the table that was deleted' } },
			['begin'],
		],
	])('%s', async (_, facts, kinds) => {
		const { end, rowsOf } = await openReceipts(facts);
		const { logMemory } = await end({ calls: ids('a') });
		expect(rowsOf('marks').map(({ kind }) => kind)).toEqual(kinds);
		const after = { isBegun: true, missing: 0, tableId: expect.any(String) };
		expect(logMemory).toEqual(facts.isPush ? undefined : expect.objectContaining(after));
	});

	test.each([
		[{ tableId: 'of the table that was deleted' }, true],
		[{}, false],
	])('only the first run that finds its table gone reports it: %j', async (memory, isLogLost) => {
		const { end } = await openReceipts({ memory });
		expect((await end({ calls: ids('a') })).isLogLost).toBe(isLogLost);
	});
});

describe('Receipts that cannot be written', () => {
	test('are counted, for this message and for the next run that can write', async () => {
		const { tables, end } = await openReceipts({ memory: { missing: 2, missingMs: 5 } });
		tables.failure = new Error('SQLITE_BUSY');
		expect(await end({ calls: ids('a', 'b', 'c') })).toMatchObject({
			writtenCount: 0,
			missing: 3,
			why: 'notUsable',
			isLogLost: false,
			logMemory: { missing: 5, missingMs: NOW_MS, repeats: [] },
		});
	});

	test('do not make the run fail, even if the credential cannot be read', async () => {
		const accountHash = async () => await Promise.reject(new Error('No credential'));
		const { receipts, tables, written, end } = await openReceipts({ accountHash });
		receipts.addResult(0, customer());
		alarms.shift()!.ring();
		expect(await end({ calls: ids('a') })).toEqual(NO_RECEIPTS);
		expect([tables.calls, written]).toEqual([[], []]);
	});

	test('because the log is as large as it may be', async () => {
		const { tables, end } = await openReceipts({ options: { largestLog: 0.0001 } });
		const counts = await end({ calls: ids('a') });
		expect(counts).toMatchObject({ writtenCount: 0, missing: 1, why: 'tooLarge' });
		expect(tables.rowsOf(LOG).length).toBeGreaterThan(0);
		expect(counts.logMemory).toMatchObject({ isBegun: true, missing: 0, repeats: [] });
	});

	test('because their months are no longer kept', async () => {
		const { tables, end } = await openReceipts({ options: { keepReceipts: 1 } });
		await tables.run([{ do: 'create', name: 'tencent_iot_log_2026_11', columns: {} }]);
		await end({ calls: ids('a') });
		expect(tables.names).toEqual([LOG]);
	});
});

describe('Customers that an interrupted run may have sent', () => {
	const inDoubt = { sendableIndexes: [0, 1, 5], unsendableCount: 2 };

	test('have no receipt for good, unless this run has pushed them', async () => {
		const { end, rowsOf } = await openReceipts({ sync: { inDoubt } });
		const { logMemory } = await end({ calls: [...ids('a'), refused('b')] });
		// Not accepted in this run: b, one that is no longer among the calls, and two that cannot be sent.
		expect(rowsOf('marks')).toEqual([{ kind: 'gap', missing: 4 }]);
		expect(logMemory).toMatchObject({ missing: 0, inDoubt: 0 });
	});

	test('stay in doubt if this run was stopped', async () => {
		const { end, rowsOf } = await openReceipts({ sync: { inDoubt } });
		const blocked = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
		const { logMemory } = await end({ calls: [], blocked });
		expect([rowsOf('marks'), logMemory?.inDoubt, logMemory?.missing]).toEqual([[], 5, 0]);
	});
});

describe('A Sync that writes no receipts', () => {
	const memory: LogMemory = { isBegun: true, repeats: [], missing: 1, missingMs: 5, inDoubt: 0 };
	const count = (log: LogMemory | undefined, changes: Partial<RunResult> = {}, sync: Partial<Sync> = {}) => {
		const facts = { ...resultWith().sync!, last: { ...makeLastCell(1), log }, ...sync };
		return RunReceipts.countUnwritten(tallyRun(resultWith({ sync: facts, ...changes })));
	};
	const unclear = customer({ fate: answered(failureWith({ outcome: 'UNKNOWN' })) });

	test('counts the missing receipts of customers that Tencent may have', () => {
		const calls = [...ids('a'), unclear, refused('c'), customer({ fate: { kind: 'unchanged' } })];
		expect(count(memory, { calls })).toEqual({
			...NO_RECEIPTS,
			logMemory: { ...memory, missing: 3, missingMs: NOW_MS },
		});
	});

	test('counts none if it has sent nothing', () => {
		expect(count(memory, { calls: [] }).logMemory).toEqual(memory);
	});

	test('counts customers in doubt, with the time when the run started', () => {
		const inDoubt = { sendableIndexes: [], unsendableCount: 2 };
		const { logMemory } = count(memory, { calls: [], durationMs: 1_000 }, { inDoubt });
		expect(logMemory).toMatchObject({ missing: 3, missingMs: NOW_MS - 1_001 });
	});

	test('counts none if the node has never written receipts or the run has not read the state', () => {
		expect(count({ ...memory, isBegun: false })).toEqual(NO_RECEIPTS);
		expect(count(undefined)).toEqual(NO_RECEIPTS);
		expect(count(memory, {}, { last: undefined! })).toEqual(NO_RECEIPTS);
	});
});

describe('A customer that has left the rows', () => {
	const GONE = hashes.customerHash('gone');
	const FORMER = hashes.customerHash('former');
	const LEFT_EARLIER = hashes.customerHash('earlier');

	/** A log in which these customers have a receipt. */
	async function logOf(...customers: string[]): Promise<MemoryTables> {
		const { tables, end } = await openReceipts();
		await end({ calls: ids(...customers) });
		for (const row of tables.rowsOf(LOG)) {
			Object.assign(row, row['account'] === 'account' && { account: hashes.applicationHash });
		}
		return tables;
	}

	const move = { deviceId: 'P/D', deviceHash: 'h', newOwnerId: 'a', leftMinute: 1, isSentBefore: true };
	const moveFrom = (formerOwnerKey: string, formerOwnerId?: string) => ({
		...move,
		formerOwnerKey,
		formerOwnerId,
	});

	test.each<[scene: string, sync: Partial<Sync>, found: string[]]>([
		['since the last run', { missingKeys: [GONE] }, ['gone']],
		['in an earlier run that no report has named', { goneKeys: [[LEFT_EARLIER, true]] }, ['earlier']],
		['whose device has moved', { movedDevices: [moveFrom(FORMER)] }, ['former']],
		['not if the rows name the former owner', { movedDevices: [moveFrom(FORMER, 'former')] }, []],
		['none', {}, []],
	])('is found by its last receipt: %s', async (_, sync, found) => {
		const tables = await logOf('gone', 'earlier', 'former', 'still there');
		const { receipts } = await openReceipts({ tables });
		const ended = tallyRun(resultWith({ sync: { ...resultWith().sync!, ...sync } }));
		const receiptsOfGone = await receipts.findLastReceiptsOfGone(ended);
		expect([...receiptsOfGone!.values()].map(({ customerId }) => customerId)).toEqual(found);
	});

	test('is found for the plan of a stopped run, by the missing customers of the plan', async () => {
		const tables = await logOf('gone', 'earlier', 'former');
		const { receipts } = await openReceipts({ tables });
		const changes = { newIds: [], changedIds: [], missingKeys: [GONE], movedDevices: [moveFrom(FORMER)] };
		const blocked = { ...failureWith({ scope: 'run' }), planId: 'p', planFacts: { changes } };
		const sync = { ...resultWith().sync!, missingKeys: [LEFT_EARLIER] };
		const ended = { ...tallyRun(resultWith({ sync })), blocked } as ReturnType<typeof tallyRun>;
		const found = await receipts.findLastReceiptsOfGone(ended);
		expect([...found!.values()].map(({ customerId }) => customerId).sort()).toEqual(['former', 'gone']);
	});

	/** A log in which these customers have a receipt each, the oldest first. */
	async function longLogOf(names: readonly string[]): Promise<MemoryTables> {
		const tables = await logOf('first');
		const rows = names.map((customerId) => {
			const receipt = { customerId, atMs: NOW_MS, outcome: 'OK', nodeKey: 'w n', devices: [] } as const;
			return { ...receiptFormat.write(hashes.applicationHash, receipt) };
		});
		await tables.run([{ do: 'insert', table: { id: tables.byName.get(LOG)!.id }, rows }]);
		return tables;
	}

	const ELEVEN = Array.from({ length: 11 }, (_, index) => `gone${index}`);
	const customersStillThere = (count: number) => new Array<string>(count).fill('still there');

	test.each<[scene: string, log: string[], ofStopped: number, ofOther: number]>([
		['until it has ten', ['gone0', ...customersStillThere(1_000), ...ELEVEN.slice(1)], 10, 11],
		['among 5,000 receipts', ['gone0', ...customersStillThere(5_000)], 0, 1],
	])('is searched for %s if the run was stopped', async (_, log, ofStopped, ofOther) => {
		const { receipts } = await openReceipts({ tables: await longLogOf(log) });
		const missingKeys = ELEVEN.map((name) => hashes.customerHash(name));
		const changes = { newIds: [], changedIds: [], missingKeys, movedDevices: [] };
		const stop = { ...failureWith({ scope: 'run' }), planId: 'p', planFacts: { changes } };
		const sync = { ...resultWith().sync!, missingKeys };
		const counts = [];
		for (const blocked of [stop, undefined]) {
			const ended = { ...tallyRun(resultWith({ sync })), blocked } as ReturnType<typeof tallyRun>;
			counts.push((await receipts.findLastReceiptsOfGone(ended))!.size);
		}
		expect(counts).toEqual([ofStopped, ofOther]);
	});

	test('is not named if the log cannot be read', async () => {
		const { receipts, tables } = await openReceipts();
		tables.failure = new Error('SQLITE_BUSY');
		const sync = { ...resultWith().sync!, missingKeys: [GONE] };
		expect(await receipts.findLastReceiptsOfGone(tallyRun(resultWith({ sync })))).toBeUndefined();
	});

	test.each([
		['has a receipt that says so', undefined, ['gone GONE']],
		[
			'has no such receipt if the run is stopped, because nobody has approved that',
			failureWith({ scope: 'run' }),
			[],
		],
	])('%s', async (_, blocked, outcomes) => {
		const run = await openReceipts({ sync: { missingKeys: [GONE, 'without a name'] } });
		const receipt = { customerId: 'gone', outcome: 'OK', atMs: 1, nodeKey: 'w n', devices: [] } as const;
		const lastReceiptsOfGone = new Map([[GONE, receipt]]);
		await run.end({ calls: [], blocked, lastReceiptsOfGone });
		expect(run.outcomes()).toEqual(outcomes);
	});
});
