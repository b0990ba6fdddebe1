import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../support/fakeClock.mts';
import type { Sending, StartFacts } from '../../../nodes/TencentCloudIot/sync/syncRun';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { HEARTBEAT_MS } from '../../../nodes/TencentCloudIot/sync/lock/lock';
import { StateHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';
import {
	ACCOUNT,
	type Contents,
	DEAD_MS,
	endOf,
	HASHES,
	manyCustomers,
	NO_CHECKS,
	Node,
	until,
} from './syncRuns.mts';
import type { MemoryTable } from './memoryTable.mts';

const accepted = (contents: Contents) => Object.keys(contents).map(() => 'accepted' as const);

/** Sends the first `count` customers of a run, one every `everyMs`; the service accepts each. */
async function send(clock: FakeClock, run: Sending, count: number, everyMs: number): Promise<void> {
	for (const index of run.facts.sendOrder.slice(0, count)) {
		expect(await until(clock, run.mayStart(index))).toBe(true);
		run.noteOutcome(index, 'OK');
		await clock.advance(everyMs);
	}
}

describe('Before its first request a run has written', () => {
	test('which customers it sends first, and that the node has a state, even for a single customer', async () => {
		const node = new Node();
		await node.beginSending({ a: '1' });
		expect(node.memory.entries).toBe(1);
		expect(node.memory.parts).toHaveLength(1);
	});

	test('that the node has a state: if that fails, it sends nothing', async () => {
		const node = new Node();
		node.memory.disturb = (statement) => (statement === 'ensureStoreEntry' ? 'rejected' : undefined);
		expect((await node.run({ a: '1' })).whyStopped?.code).toBe('STATE_NOT_USABLE');
		node.memory.disturb = () => undefined;
		expect(await node.run({ a: '1' })).toMatchObject({ sent: ['a'], whyStopped: undefined });
	});
});

describe('A request', () => {
	const many = manyCustomers(200, '1');

	/** A run, and a customer that it does not name before its first request. */
	async function beginWithUnnamed(settings: Partial<SyncSettings> = {}): Promise<[Node, Sending, number]> {
		const node = new Node();
		const run = await node.beginSending(many, settings);
		return [node, run, run.facts.sendOrder[150]!];
	}

	test('for a customer that need not be sent does not start', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		const run = await node.beginSending({ a: '2', b: '1' });
		expect(await node.until(run.mayStart(1))).toBe(false);
		expect(await node.until(run.mayStart(0))).toBe(true);
		await node.end(run, ['accepted', 'accepted']);
	});

	test('waits until the state has its customer in doubt, even if a statement fails', async () => {
		const [node, run, index] = await beginWithUnnamed();
		node.memory.disturb = () => 'rejected';
		let mayStart: boolean | undefined;
		void run.mayStart(index).then((may) => {
			mayStart = may;
		});
		await node.clock.advance(5000);
		expect(mayStart).toBeUndefined();
		node.memory.disturb = () => undefined;
		await node.clock.advance(5000);
		expect(mayStart).toBe(true);
	});

	test('does not start if no statement succeeds before another run may take over', async () => {
		const [node, run, index] = await beginWithUnnamed();
		node.memory.disturb = () => 'rejected';
		expect(await node.until(run.mayStart(index))).toBe(false);
		expect(run.mayLeave).toBe(false);
	});

	test('does not start once the execution is cancelled', async () => {
		const execution = new AbortController();
		const [node, run, index] = await beginWithUnnamed({ signal: execution.signal });
		execution.abort();
		expect(await node.until(run.mayStart(index))).toBe(false);
	});
});

describe('After a kill the next run sends', () => {
	test.each([
		['', 0],
		[', also if customers are pushed again after some days', 7],
	])(
		'what a first run had not sent yet, plus at most what it sent within two heartbeats%s',
		async (_, pushAgainAfterDays) => {
			const node = new Node();
			node.settings = { pushAgainAfterDays };
			const many = manyCustomers(2000, '1');
			// The killed process has a clock of its own, which then stands still.
			const clock = new FakeClock(node.clock.nowMs());
			const startedRun = await until(clock, node.start(many, { clock, nodeKey: node.anotherProcess() }));
			await send(clock, startedRun as Sending, 1000, 50);
			await node.clock.advance(clock.elapsedMs() + DEAD_MS);
			const next = await node.begin(many);
			const unchanged = next.facts.verdicts.filter((verdict) => verdict === 'unchanged').length;
			expect(next.facts.stateCondition).toBe('interrupted');
			expect(next.facts.sendOrder).toHaveLength(Object.keys(many).length - unchanged);
			expect(1000 - unchanged).toBeLessThanOrEqual((2 * HEARTBEAT_MS) / 50);
		},
	);

	test('after a later run only those in doubt and those that have changed', async () => {
		const node = new Node();
		const many = manyCustomers(300, '1');
		await node.run(many);
		const changed = { ...many, ...manyCustomers(100, '2') };
		await node.dieAfter(Object.keys(manyCustomers(40, '2')), changed, { checks: NO_CHECKS });
		const next = await node.run(changed, { settings: { checks: NO_CHECKS } });
		expect(next.sent).toEqual(Object.keys(manyCustomers(60, '2', 40)));
	});

	test('a customer in doubt, even if its rows are again what was accepted before', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		await node.die({ a: '2', b: '1' });
		expect((await node.run({ a: '1', b: '1' })).sent).toEqual(['a']);
	});

	test('nothing unchecked: the safety checks compare customers in doubt with what may have been sent', async () => {
		const node = new Node();
		const many = manyCustomers(200, '1');
		await node.die(many);
		expect((await node.run(manyCustomers(200, 'broken'))).whyStopped?.code).toBe('TOO_MANY_CHANGES');
		expect(await node.run(many)).toMatchObject({ whyStopped: undefined, sent: { length: 200 } });
	});
});

describe('A run that waited with its rows sends nothing if a run with newer rows finished in between', () => {
	test.each([
		['and has sent', { a: '3' }, 'ALREADY_RUNNING'],
		['and found nothing to send', { a: '1' }, 'ALREADY_RUNNING'],
		['but sends if the clock of that run was ahead', { a: '3' }, undefined],
	])('%s', async (_, newer, code) => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.clock.advance(1000);
		const gotRowsMs = node.clock.nowMs();
		await node.clock.advance(30_000);
		const isAhead = code === undefined;
		const beganMs = node.clock.nowMs() + (isAhead ? 600_000 : 0);
		await node.run(newer, { settings: { rowsReceivedMs: beganMs } });
		const { whyStopped } = (await node.begin({ a: '2' }, { rowsReceivedMs: gotRowsMs })).facts;
		expect(whyStopped?.code).toBe(code);
	});

	test('but the next run sends', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.begin({ a: '2' }, { rowsReceivedMs: node.clock.nowMs() - 1000 });
		expect((await node.run({ a: '2' })).sent).toEqual(['a']);
	});
});

test('A process that was suspended during a takeover notes which customers it may have sent, and the next run sends them again', async () => {
	const node = new Node();
	await node.run({ a: '1', b: '1' });
	const clock = new FakeClock(node.clock.nowMs());
	const startedRun = await until(
		clock,
		node.start({ a: '2', b: '1' }, { clock, nodeKey: node.anotherProcess() }),
	);
	const run = startedRun as Sending;
	expect(await until(clock, run.mayStart(0))).toBe(true);
	// The process is suspended right before its request.
	await node.clock.advance(clock.elapsedMs() + DEAD_MS);
	expect((await node.run({ a: '3', b: '1' })).sent).toEqual(['a']);
	expect(run.mayLeave).toBe(true);
	await clock.stall(2 * DEAD_MS);
	expect(run.mayLeave).toBe(false);
	run.noteOutcome(0, 'OK');
	expect(await until(clock, endOf(run, ['accepted', 'accepted']))).toMatchObject({ kind: 'takenOver' });
	// Once while its request was under way, and once when that had ended.
	expect(node.memory.parts.filter(({ kind }) => kind === 'late')).toHaveLength(2);
	expect((await node.run({ a: '3', b: '1' })).sent).toEqual(['a']);
	expect(node.memory.parts.filter(({ kind }) => kind === 'late')).toEqual([]);
	expect((await node.run({ a: '3', b: '1' })).sent).toEqual([]);
});

describe('What is written', () => {
	test('by a run without changes is no part, in two statements', async () => {
		const node = new Node();
		await node.run(manyCustomers(1000, '1'));
		const before = node.memory.insertedLength;
		node.memory.statements.length = 0;
		await node.run(manyCustomers(1000, '1'));
		expect(node.memory.insertedLength).toBe(before);
		expect(node.memory.statements).toEqual(['read', 'changeLockRow']);
	});

	test('by a long run is less than 3.5 times the whole state', async () => {
		const node = new Node();
		const many = manyCustomers(3000, '1');
		const run = await node.beginSending(many);
		await send(node.clock, run, 3000, 50);
		await node.end(run, accepted(many));
		const whole = node.memory.parts.map(({ content }) => content.length);
		expect(whole).toHaveLength(1);
		expect(node.memory.insertedLength / whole[0]!).toBeLessThan(3.5);
		expect(node.memory.statements.filter((statement) => statement === 'changeLockRow').length).toBeLessThan(
			40,
		);
	});

	test('by runs with few changes is little, and the number of parts stays small', async () => {
		const node = new Node();
		const many = manyCustomers(1000, '1');
		await node.run(many);
		const whole = node.memory.insertedLength;
		let contents = many;
		let most = 0;
		for (let round = 0; round < 60; round++) {
			contents = { ...contents, ...manyCustomers(10, `changed ${round}`, 10 * round) };
			expect((await node.run(contents)).sent).toHaveLength(10);
			most = Math.max(most, node.memory.parts.length);
		}
		expect(node.memory.insertedLength - whole).toBeLessThan(7 * whole);
		expect(most).toBeLessThan(40);
		expect((await node.run(contents)).sent).toEqual([]);
	});

	test('by 30 runs that are killed one after the other does not pile up', async () => {
		const node = new Node();
		const many = manyCustomers(300, '1');
		await node.run(many);
		const whole = node.memory.parts[0]!.content.length;
		for (let round = 0; round < 30; round++) {
			// The customers get one of two devices. A device that a customer has lost takes 12 bytes for 400 days.
			await node.die({ ...many, ...manyCustomers(100, `changed ${round % 2}`) }, { checks: NO_CHECKS });
		}
		const leftLength = node.memory.parts.reduce((sum, { content }) => sum + content.length, 0);
		expect(leftLength).toBeLessThan(2 * whole);
	});
});

describe('A state', () => {
	test.each<[what: string, lose: (memory: MemoryTable) => void]>([
		['the rows of the node are deleted', (memory) => memory.drop()],
		['the lock row is deleted', (memory) => memory.dropLocks()],
		['its part is deleted', (memory) => memory.dropParts()],
	])('of a single customer is lost when %s, and an approval counts once', async (_what, lose) => {
		const node = new Node();
		await node.run({ a: '1' });
		lose(node.memory);
		const { whyStopped } = await node.run({ a: '1' });
		expect(whyStopped?.code).toBe('STATE_LOST');
		const checks = {
			stopAbovePercent: 50,
			stopWhenDevicesDropPercent: 100,
			approvedPlan: asStop(whyStopped)?.planId ?? '',
		};
		expect((await node.run({ a: '1' }, { settings: { checks } })).sent).toEqual(['a']);
		expect((await node.run({ a: '1' })).sent).toEqual([]);
		lose(node.memory);
		expect((await node.run({ a: '1' }, { settings: { checks } })).whyStopped?.code).toBe('STATE_LOST');
	});

	test('is not lost if another run replaced it after the lock row was read', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const { memory } = node;
		const { read } = memory;
		memory.read = async () => {
			const rows = await read.call(memory);
			memory.edit({ stamp: 'free by the other run' });
			return { ...rows, parts: [] };
		};
		expect((await node.run({ a: '2' })).whyStopped?.code).toBe('ALREADY_RUNNING');
	});

	test('that cannot be read stops the run and stays unchanged', async () => {
		const node = new Node();
		node.memory.disturb = () => 'rejected';
		const run = await node.begin({ a: '1', b: '1' });
		expect(run.kind).toBe('stopped');
		expect(run.facts).toMatchObject({
			whyStopped: { code: 'STATE_NOT_USABLE' },
			verdicts: ['changed', 'changed'],
		});
		expect(await node.until(endOf(run, []))).toBeUndefined();
	});

	test('of the old format is reported as another version, and an approval counts once', async () => {
		const node = new Node();
		node.memory.entries = 500;
		const many = manyCustomers(30, '1');
		const { whyStopped } = await node.run(many);
		expect(whyStopped?.code).toBe('OTHER_VERSION');
		const checks = {
			stopAbovePercent: 50,
			stopWhenDevicesDropPercent: 100,
			approvedPlan: asStop(whyStopped)?.planId ?? '',
		};
		expect((await node.run(many, { settings: { checks } })).sent).toHaveLength(30);
		expect(node.memory.entries).toBe(1);
		expect((await node.run(many)).sent).toEqual([]);
	});

	test('that is partly lost and whose owner is dead does not stop an approved run again', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		await node.die({ a: '2', b: '1' });
		node.memory.parts = node.memory.parts.slice(1);
		const { whyStopped } = await node.run({ a: '2', b: '1' });
		expect(whyStopped?.code).toBe('STATE_LOST');
		const checks = {
			stopAbovePercent: 50,
			stopWhenDevicesDropPercent: 100,
			approvedPlan: asStop(whyStopped)?.planId ?? '',
		};
		expect((await node.run({ a: '2', b: '1' }, { settings: { checks } })).sent).toEqual(['a', 'b']);
		expect((await node.run({ a: '2', b: '1' })).sent).toEqual([]);
	});

	const otherAppKey = new StateHashes({ ...ACCOUNT, appKey: 'other' });
	const otherSecret = new StateHashes({ ...ACCOUNT, appSecret: 'new' });
	type End = OutcomeName | 'killed';
	// With another secret the requests reach the customers of the same application.
	test.each<[what: string, hashes: StateHashes, end: End, isKept: boolean]>([
		['App Key is kept if no customer was accepted', otherAppKey, 'REFUSED', true],
		['App Key is kept if nobody knows whether a customer was accepted', otherAppKey, 'UNKNOWN', true],
		['App Key is kept if the run with the other one was killed', otherAppKey, 'killed', true],
		['App Key is replaced once a customer was accepted', otherAppKey, 'OK', false],
		['App Secret is kept if no customer was accepted', otherSecret, 'REFUSED', true],
		['App Secret is replaced if nobody knows whether a customer was accepted', otherSecret, 'UNKNOWN', false],
		['App Secret is replaced if the run with the other one was killed', otherSecret, 'killed', false],
		['App Secret is replaced once a customer was accepted', otherSecret, 'OK', false],
	])('of an %s, and the next run has the first account again', async (_, hashes, end, isKept) => {
		const node = new Node();
		node.settings = { checks: NO_CHECKS };
		const many = manyCustomers(50, '1');
		const changed = { ...many, user_1: '2' };
		await node.run(many);
		if (end === 'killed') {
			await node.dieAfter(['user_1'], changed, { hashes });
		} else {
			const outcomeOf = (id: string) => (id === 'user_1' ? end : 'REFUSED');
			const { stateCondition } = await node.run(changed, { settings: { hashes }, outcomeOf });
			expect(stateCondition).toMatch(/^other(Account|Secret)$/);
		}
		expect((await node.run(many)).sent).toHaveLength(isKept ? 0 : 50);
		expect((await node.run(many)).sent).toEqual([]);
	});
});

describe('A run is the first one', () => {
	const many = manyCustomers(30, '1');
	const otherSecret = { hashes: new StateHashes({ ...ACCOUNT, appSecret: 'new' }) };
	const otherAccount = { hashes: new StateHashes({ ...ACCOUNT, appKey: 'new' }) };
	const runs: Array<
		[StartFacts['stateCondition'], boolean, (node: Node) => Promise<unknown>, Partial<SyncSettings>]
	> = [
		['empty', true, async () => undefined, {}],
		['interrupted', true, async (node) => await node.dieAfter(['user_1'], many), {}],
		['used', false, async (node) => await node.run(many), {}],
		['otherSecret', true, async (node) => await node.run(many), otherSecret],
		['otherAccount', true, async (node) => await node.run(many), otherAccount],
		[
			'interrupted',
			false,
			async (node) => {
				await node.run(many);
				await node.die({ ...many, user_1: '2' });
			},
			{},
		],
		[
			'lost',
			true,
			async (node) => {
				await node.run(many);
				node.memory.drop();
			},
			{},
		],
		[
			'otherVersion',
			true,
			async (node) => {
				node.memory.entries = 500;
			},
			{},
		],
		[
			'none',
			false,
			async (node) => {
				node.table = undefined;
			},
			{},
		],
	];

	test.each(runs)('if the state is %s: %j', async (state, isFirstForAccount, before, settings) => {
		const node = new Node();
		await before(node);
		expect((await node.begin(many, settings)).facts).toMatchObject({
			stateCondition: state,
			isFirstForAccount,
		});
	});
});

test('A row that cannot be sent explains why a customer is missing, but not one that had left before', async () => {
	const node = new Node();
	const namedDevices = {
		deviceCount: 3,
		deviceCountByProduct: new Map<string, number>(),
		invalidDeviceIds: new Set(['P/4']),
	};
	const presumedWithheldIn = async (contents: Contents = { a: 'P/1', b: 'P/2' }) => {
		const run = await node.begin(contents, { namedDevices, withheldIds: ['x'], dryRun: true });
		return [...(run.facts.presumedWithheldKeys ?? [])];
	};
	await node.run({ a: 'P/1', b: 'P/2', c: 'P/4' });
	expect(await presumedWithheldIn()).toEqual([HASHES.customerHash('c')]);
	// The rows name c, with another device.
	expect(await presumedWithheldIn({ a: 'P/1', b: 'P/2', c: 'P/5' })).toEqual([]);
	await node.run({ a: 'P/1', b: 'P/2' });
	expect(await presumedWithheldIn()).toEqual([]);
});

test('Only devices that moved are reported, with the former and the new customer', async () => {
	const node = new Node();
	await node.run({ a: 'P/1', b: 'P/2', c: 'P/3' });
	const moved = async (contents: Contents) => {
		const { facts } = await node.begin(contents, { dryRun: true });
		return facts.movedDevices;
	};
	expect(await moved({ a: 'P/2', b: 'P/1', c: 'P/4' })).toMatchObject([
		{ deviceId: 'P/1', formerOwnerId: 'a', newOwnerId: 'b' },
		{ deviceId: 'P/2', formerOwnerId: 'b', newOwnerId: 'a' },
	]);
	expect(await moved({ a: 'P/3', b: 'P/2' })).toMatchObject([
		{ deviceId: 'P/3', formerOwnerId: undefined, newOwnerId: 'a' },
	]);
	expect(await moved({ a: 'P/1', b: 'P/2', c: 'P/3' })).toEqual([]);
});

test('The state has the devices that a customer was sent with last, even if the request had to wait for the next run', async () => {
	const node = new Node();
	await node.run({ a: 'P/1' });
	await node.run({ a: 'P/2' }, { outcomeOf: () => undefined });
	await node.run({ a: 'P/2' });
	const { facts } = await node.begin({ a: 'P/3' }, { dryRun: true });
	expect(facts.movedDevices).toEqual([]);
	expect((await node.begin({ b: 'P/2' }, { dryRun: true })).facts.movedDevices).toMatchObject([
		{ deviceId: 'P/2', newOwnerId: 'b' },
	]);
});

test('A refused push changes nothing: what was accepted before counts', async () => {
	const node = new Node();
	await node.run({ a: 'P/1' });
	await node.run({ a: 'P/2' }, { outcomeOf: () => 'REFUSED' });
	expect((await node.begin({ b: 'P/2', c: 'P/1' }, { dryRun: true })).facts.movedDevices).toMatchObject([
		{ deviceId: 'P/1', newOwnerId: 'c' },
	]);
});

test('A process that was suspended during a takeover notes its customer even if it dies before the request ends', async () => {
	const node = new Node();
	await node.run({ a: '1', b: '1', c: '1' });
	const clock = new FakeClock(node.clock.nowMs());
	const rows = { a: '2', b: '2', c: '1' };
	const startedRun = await until(
		clock,
		node.start(rows, { clock, nodeKey: node.anotherProcess(), checks: NO_CHECKS }),
	);
	const run = startedRun as Sending;
	expect(await until(clock, run.mayStart(0))).toBe(true);
	expect(await until(clock, run.mayStart(1))).toBe(true);
	run.noteOutcome(1, 'OK');
	await node.clock.advance(clock.elapsedMs() + DEAD_MS);
	await node.run({ a: '3', b: '3', c: '1' }, { settings: { checks: NO_CHECKS } });
	// It wakes: its overdue heartbeat finds another owner.
	await clock.stall(2 * DEAD_MS);
	await clock.advance(100);
	expect(run.isLockTakenByOther).toBe(true);
	expect(node.memory.parts.filter(({ kind }) => kind === 'late')).toHaveLength(1);
	// Later heartbeats do not note them again.
	await clock.advance(10 * HEARTBEAT_MS);
	expect(node.memory.parts.filter(({ kind }) => kind === 'late')).toHaveLength(1);
	expect((await node.run({ a: '3', b: '3', c: '1' })).sent).toEqual(['a']);
});

test('What a run has reported and sent stays known although a suspended process puts the customer in doubt later', async () => {
	const node = new Node();
	node.settings = { checks: NO_CHECKS };
	await node.run({ a: 'P/1', b: 'P/2' });
	const clock = new FakeClock(node.clock.nowMs());
	const run = (await until(
		clock,
		node.start({ a: 'P/3', b: 'P/2' }, { clock, nodeKey: node.anotherProcess() }),
	)) as Sending;
	expect(await until(clock, run.mayStart(0))).toBe(true);
	await node.clock.advance(clock.elapsedMs() + DEAD_MS);
	await node.run({ a: 'P/4', b: 'P/2' });
	await node.run({ a: 'P/5', b: 'P/2' }, { outcomeOf: () => 'REFUSED', failing: ['a'] });
	// It wakes: its overdue heartbeat finds that other runs have changed the row.
	await clock.stall(2 * DEAD_MS);
	await clock.advance(100);
	expect(node.memory.parts.filter(({ kind }) => kind === 'late')).toHaveLength(1);
	const { facts } = await node.begin({ a: 'P/5', c: 'P/4', d: 'P/3', b: 'P/2' }, { dryRun: true });
	expect(facts.verdicts[0]).toBe('waiting');
	expect([...facts.reportedFailures]).toEqual(['a']);
	expect(facts.movedDevices.map(({ deviceId }) => deviceId).sort()).toEqual(['P/3', 'P/4']);
});
