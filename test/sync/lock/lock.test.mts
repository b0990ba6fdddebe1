import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { describe, expect, test } from '@jest/globals';
import { readLastCell } from '../../../nodes/TencentCloudIot/sync/last';
import { HEARTBEAT_MS, HELD_MS, quietMsOf } from '../../../nodes/TencentCloudIot/sync/lock/lock';
import { STEPS_AFTER_ATTEMPT } from '../../../nodes/TencentCloudIot/sync/lock/stepsAfterAttempt';
import { NOBODY, type SyncTable } from '../../../nodes/TencentCloudIot/sync/lock/table';
import type { Disturbance, MemoryTable } from '../state/memoryTable.mts';
import { DEAD_MS, endOf, Node, TIMEOUT_MS } from '../state/syncRuns.mts';

type ChangeIntent = keyof typeof STEPS_AFTER_ATTEMPT;

type AttemptResult = keyof (typeof STEPS_AFTER_ATTEMPT)[ChangeIntent];

const BEFORE = { a: '1', b: '1', c: '1' };
const CHANGED = { ...BEFORE, a: '2' };

async function nodeThatKnows(): Promise<Node> {
	const node = new Node();
	await node.run(BEFORE);
	return node;
}

test('Before another run takes over, the last request of an owner has ended', () => {
	for (const timeoutMs of [1000, TIMEOUT_MS, 600_000]) {
		// The last request starts within HELD_MS after the last change of the row, is signed within a second, and ends by its Timeout.
		expect(quietMsOf(timeoutMs)).toBeGreaterThan(HELD_MS + timeoutMs + 1000);
	}
	// Between two beats there is time for a statement that times out after 8 s, and for a second attempt.
	expect(HELD_MS).toBeGreaterThanOrEqual(HEARTBEAT_MS + 8000 + 1000);
});

test('A sending run changes the row with each heartbeat until it ends', async () => {
	const node = await nodeThatKnows();
	const run = await node.beginSending(CHANGED);
	const stamps = new Set([node.memory.lock.stamp]);
	for (let beat = 1; beat <= 4; beat++) {
		// A heartbeat may take a moment itself.
		await node.clock.advance(HEARTBEAT_MS + 100);
		stamps.add(node.memory.lock.stamp);
		expect(stamps.size).toBe(1 + beat);
	}
	await node.end(run, ['accepted', 'accepted', 'accepted']);
	const { stamp } = node.memory.lock;
	await node.clock.advance(3 * HEARTBEAT_MS);
	expect(node.memory.lock.stamp).toBe(stamp);
});

describe('After an attempt', () => {
	const results = Object.keys(STEPS_AFTER_ATTEMPT.claim) as AttemptResult[];

	test.each(Object.keys(STEPS_AFTER_ATTEMPT) as ChangeIntent[])(
		'to %s, only a change that took effect counts as done',
		(intent) => {
			const done = results.filter((result) => STEPS_AFTER_ATTEMPT[intent][result] === 'done');
			expect(done).toEqual(intent === 'release' ? ['changed', 'releasedByMe'] : ['changed']);
		},
	);

	test.each(Object.keys(STEPS_AFTER_ATTEMPT) as ChangeIntent[])(
		'to %s, another run is never overwritten',
		(intent) => {
			for (const result of ['notMine', 'gone'] as const) {
				expect(STEPS_AFTER_ATTEMPT[intent][result]).toBe('taken');
			}
		},
	);
});

describe.each<Disturbance>(['rejected', 'answerLost', 'neverAnswered'])(
	'One statement is %s',
	(disturbance) => {
		test.each(Array.from({ length: 14 }, (_, at) => at))(
			'statement %i of a run: no customer is skipped wrongly',
			async (at) => {
				const node = await nodeThatKnows();
				const first = node.memory.statements.length;
				node.memory.disturb = () =>
					node.memory.statements.length - 1 === first + at ? disturbance : undefined;
				const startedRun = await node.begin(CHANGED);
				if (startedRun.kind === 'sending') {
					expect(startedRun.facts.verdicts).toEqual(['changed', 'unchanged', 'unchanged']);
					expect(await node.until(startedRun.mayStart(0))).toBe(true);
					startedRun.noteOutcome(0, 'OK');
				}
				const kept = await node.until(endOf(startedRun, ['accepted', 'accepted', 'accepted']));
				// Undefined: the run ended before it had written anything.
				expect([undefined, 'kept']).toContain(kept?.kind);
				node.memory.disturb = () => undefined;
				const next = await node.run(CHANGED);
				expect(next.whyStopped).toBeUndefined();
				expect(next.sent).toEqual(startedRun.kind === 'sending' ? [] : ['a']);
				expect(node.memory.lock.owner).toBe(NOBODY);
			},
		);
	},
);

test('A change that succeeds at the second attempt counts from the start of the first one, because other runs may have seen it since then', async () => {
	const node = await nodeThatKnows();
	let isSlow = true;
	// The claim and the look-up after it take effect, but both time out without a response.
	node.memory.disturb = (statement) => {
		const isHeldUp = isSlow && (statement === 'changeLockRow' || statement === 'readLockRows');
		return isHeldUp ? 'neverAnswered' : undefined;
	};
	const beginning = node.start(CHANGED);
	await node.clock.advance(16_100);
	isSlow = false;
	const run = await node.until(beginning);
	if (run.kind !== 'sending') {
		throw new Error(run.kind);
	}
	// 16.5 s have passed since the first attempt. Counted from the second one, the row would still be held.
	await node.clock.stall(HELD_MS - 16_000);
	const mayStart = run.mayStart(0);
	await node.clock.advance(100);
	expect(await mayStart).toBe(true);
	// It had to make another change first.
	expect(node.memory.statements.at(-1)).toBe('changeLockRow');
	await node.end(run, ['accepted', 'accepted', 'accepted']);
});

describe('While a run sends', () => {
	test('the next one waits for its heartbeat, and stops as soon as it has seen one', async () => {
		const node = await nodeThatKnows();
		const run = await node.beginSending(CHANGED);
		const waits: number[] = [];
		const startMs = node.clock.elapsedMs();
		const other = await node.begin(CHANGED, { onWait: (ms) => waits.push(ms) });
		expect(other.facts.whyStopped?.code).toBe('ALREADY_RUNNING');
		expect(waits).toEqual([quietMsOf(TIMEOUT_MS)]);
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(2 * HEARTBEAT_MS);
		expect(await node.end(run, ['accepted', 'accepted', 'accepted'])).toBe(true);
	});

	test('the next one waits longer for a run with a longer Timeout', async () => {
		const node = await nodeThatKnows();
		await node.die(CHANGED, { timeoutMs: 120_000 });
		const waits: number[] = [];
		await node.begin(CHANGED, { onWait: (ms) => waits.push(ms) });
		expect(waits).toEqual([quietMsOf(120_000)]);
	});

	test('the next one waits no longer than for the longest Timeout, even if a person wrote a huge quiet time into the row of a dead run', async () => {
		const node = await nodeThatKnows();
		await node.die(CHANGED);
		node.memory.edit({ quietMs: 1e15 });
		const waits: number[] = [];
		const startedRun = node.start(CHANGED, { onWait: (ms) => waits.push(ms) });
		await node.clock.advance(1_000);
		expect(waits).toEqual([quietMsOf(600_000)]);
		await node.clock.advance(quietMsOf(600_000));
		expect((await startedRun).kind).toBe('sending');
	});

	test.each<[what: string, edit: (memory: MemoryTable) => void]>([
		['sets the owner of its row to nobody', (memory) => memory.edit({ owner: NOBODY })],
		['empties the owner', (memory) => memory.edit({ owner: '' })],
		['empties the stamp', (memory) => memory.edit({ stamp: '' })],
		['writes another stamp', (memory) => memory.edit({ stamp: 'x' })],
		['writes a huge quiet time', (memory) => memory.edit({ quietMs: 1e15 })],
		['writes no quiet time', (memory) => memory.edit({ quietMs: Number.NaN })],
		['deletes the row', (memory) => memory.dropLocks()],
		['deletes all parts', (memory) => memory.dropParts()],
		['deletes everything', (memory) => memory.drop()],
	])('a person %s: no other run sends at the same time, and the state recovers', async (_what, edit) => {
		const node = await nodeThatKnows();
		const run = await node.beginSending(CHANGED);
		edit(node.memory);
		const other = await node.begin(CHANGED, { nodeKey: node.anotherProcess() });
		// A run that finds no state at all may report it as lost; it sends nothing either.
		expect(other.kind).not.toBe('sending');
		await node.until(run.mayStart(0));
		run.noteOutcome(0, 'OK');
		await node.until(endOf(run, ['accepted', 'accepted', 'accepted']));
		await node.clock.advance(quietMsOf(600_000));
		const { whyStopped } = await node.run(CHANGED);
		if (whyStopped !== undefined) {
			expect(whyStopped.code).toBe('STATE_LOST');
			const checks = { ...node.settings.checks, stopAbovePercent: 50, stopWhenDevicesDropPercent: 100 };
			await node.run(CHANGED, {
				settings: { checks: { ...checks, approvedPlan: asStop(whyStopped)?.planId ?? '' } },
			});
		}
		expect(await node.run(CHANGED)).toMatchObject({ sent: [], whyStopped: undefined });
		expect(node.memory.lock.owner).toBe(NOBODY);
	});
});

describe('An operation changes `last`', () => {
	/** As `updateLastCell` does it: the first word of the stamp stays. */
	function changeLast(node: Node, word: string): void {
		const last = JSON.stringify({ ...node.memory.last, approved: { planId: 'p' } });
		node.memory.edit({ last, stamp: `${word} by the operation` });
	}

	test('while a run sends: the change stays, and the run continues', async () => {
		const node = await nodeThatKnows();
		const run = await node.beginSending(CHANGED);
		changeLast(node, 'held');
		await node.clock.advance(3 * HEARTBEAT_MS);
		expect(await node.until(run.mayStart(0))).toBe(true);
		expect(await node.end(run, ['accepted', 'accepted', 'accepted'])).toBe(true);
		expect(node.memory.last).toMatchObject({ approved: { planId: 'p' }, hasStoreEntry: true });
		expect((await node.run(CHANGED)).sent).toEqual([]);
	});

	test('while none is running: the row stays free', async () => {
		const node = await nodeThatKnows();
		changeLast(node, 'free');
		const waits: number[] = [];
		expect((await node.run(CHANGED, { settings: { onWait: (ms) => waits.push(ms) } })).sent).toEqual(['a']);
		expect(waits).toEqual([]);
		expect(node.memory.last).toMatchObject({ approved: { planId: 'p' } });
	});
});

test('Every run keeps members of `last` that this version does not know', async () => {
	const node = await nodeThatKnows();
	node.memory.lock.last = JSON.stringify({ ...node.memory.last, ofLaterVersion: [1, 2] });
	await node.run(BEFORE);
	await node.run(CHANGED);
	expect(node.memory.last).toMatchObject({ ofLaterVersion: [1, 2] });
});

test.each(['', 'x', '[]', 'null', '{"reported":1}', '{"turn":"a","minute":{}}'])(
	'A cell `last` that somebody has changed to %j is read as that of a new row',
	(text) => {
		expect(readLastCell(text)).toMatchObject({ turn: 0, hasStoreEntry: false, reported: { health: 'ok' } });
	},
);

describe('Of several first runs', () => {
	test('only one continues, and a single row remains', async () => {
		const node = new Node();
		const startedRuns = await Promise.all(
			[1, 2, 3].map(
				async (process) => await node.until(node.start(BEFORE, { nodeKey: `process ${process}` })),
			),
		);
		const sending = startedRuns.filter(({ kind }) => kind === 'sending');
		expect(sending).toHaveLength(1);
		for (const run of sending) {
			await node.end(run, ['accepted', 'accepted', 'accepted']);
		}
		await node.clock.advance(DEAD_MS);
		await node.run(BEFORE);
		expect((await node.run(BEFORE)).sent).toEqual([]);
		expect(node.memory.lockRows).toHaveLength(1);
	});

	test('the row with a state counts, even if another row is older', async () => {
		const node = await nodeThatKnows();
		const older = { ...node.memory.lock, id: 0, stamp: 'free 0', stateName: '' };
		node.memory.lockRows.unshift(older);
		expect((await node.run(CHANGED)).sent).toEqual(['a']);
		expect(node.memory.lockRows.map(({ id }) => id)).toEqual([1]);
	});

	test('a run stops if another run claimed the second row before it could be removed', async () => {
		const node = await nodeThatKnows();
		const younger = { ...node.memory.lock, id: 2, stamp: 'free 2', stateName: '' };
		node.memory.lockRows.push(younger);
		const { removeLockRow } = node.memory;
		node.memory.removeLockRow = async (seen) => {
			younger.stamp = 'held 3';
			younger.owner = 'the run that claimed it';
			return await removeLockRow.call(node.memory, seen);
		};
		const run = await node.run(CHANGED);
		expect([run.whyStopped?.code, run.sent]).toEqual(['ALREADY_RUNNING', []]);
		expect(node.memory.lockRows.map(({ stamp }) => stamp)).toContain('held 3');
	});
});

test('A run that reads the lock row long after its start sends nothing, because its rows are old; with nothing to send it succeeds', async () => {
	const node = await nodeThatKnows();
	const { memory } = node;
	const slow: SyncTable = {
		read: async () => {
			await node.clock.sleep(12_000);
			return await memory.read();
		},
		readLockRows: memory.readLockRows.bind(memory),
		insertLockRow: memory.insertLockRow.bind(memory),
		removeLockRow: memory.removeLockRow.bind(memory),
		changeLockRow: memory.changeLockRow.bind(memory),
		insertPart: memory.insertPart.bind(memory),
		removeParts: memory.removeParts.bind(memory),
		countStoreEntries: memory.countStoreEntries.bind(memory),
		ensureStoreEntry: memory.ensureStoreEntry.bind(memory),
	};
	node.table = slow;
	expect((await node.run(BEFORE)).kind).toBe('unchanged');
	expect((await node.run(CHANGED)).whyStopped?.code).toBe('STATE_NOT_USABLE');
});
