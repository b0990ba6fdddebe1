import { beforeEach, describe, expect, test } from '@jest/globals';
import { makeLastCell, type LastCell } from '../../../nodes/TencentCloudIot/sync/last';
import { claimInProcess } from '../../../nodes/TencentCloudIot/sync/lock/claimInProcess';
import {
	HEARTBEAT_MS,
	HELD_MS,
	Lock,
	type LockHost,
	quietMsOf,
	responseInTime,
	RowTaken,
} from '../../../nodes/TencentCloudIot/sync/lock/lock';
import { type LockRow, NOBODY } from '../../../nodes/TencentCloudIot/sync/lock/table';
import { TableUnusable } from '../../../nodes/TencentCloudIot/tables/dataTables';
import { FakeClock } from '../../support/fakeClock.mts';
import { MemoryTable } from '../state/memoryTable.mts';
import { TIMEOUT_MS, until } from '../state/syncRuns.mts';

let clock: FakeClock;
let memory: MemoryTable;
/** A process remembers which row it watched by the node's key, so each test has its own node. */
let nodeKey = '';
let nodeCount = 0;

beforeEach(() => {
	clock = new FakeClock();
	memory = new MemoryTable();
	nodeCount++;
	nodeKey = `lock row ${nodeCount}`;
});

/** A run that has read the lock row. */
async function readLock(host: Partial<LockHost> = {}): Promise<Lock> {
	const wholeHost = { clock, signal: undefined, nodeKey, timeoutMs: TIMEOUT_MS, ...host };
	return await until(clock, Lock.readOrCreate(memory, wholeHost, 1));
}

/** A run that may send. */
async function claimLock(host: Partial<LockHost> = {}): Promise<Lock> {
	const lock = await readLock(host);
	await until(clock, lock.claim({}));
	return lock;
}

/** A run that has ended. */
async function runOnce(runId: string): Promise<void> {
	let idCount = 0;
	const makeId = () => {
		idCount++;
		// The first id that a run makes is its own; the others are stamps.
		return idCount === 1 ? runId : `${runId} ${idCount}`;
	};
	await readLock();
	const lock = await claimLock({ makeId });
	await until(clock, lock.release({}));
}

/** Disturbs the next statement of a kind, and no other. `before` happens right before the statement. */
function disturbOnce(
	statement: keyof MemoryTable,
	kind: 'rejected' | 'answerLost' | undefined,
	before?: () => void,
): void {
	let isOver = false;
	memory.disturb = (name) => {
		if (isOver || name !== statement) {
			return undefined;
		}
		isOver = true;
		before?.();
		return kind;
	};
}

function turnOf(turn: number) {
	return (before: LastCell): LastCell => ({ ...before, turn });
}

describe('The lock row shows', () => {
	test('when it is new, that it is free and has no state', async () => {
		const lock = await readLock();
		expect(memory.lockRows).toHaveLength(1);
		expect(memory.lock).toMatchObject({ owner: NOBODY, stateName: '', closedBy: '' });
		expect(memory.lock.stamp).toMatch(/^free /);
		expect([lock.mayBeOwnedByOther, lock.isHeld, lock.partChain]).toEqual([false, false, []]);
	});

	test.each<[intent: string, change: (lock: Lock) => Promise<void>, isOwned: boolean]>([
		['a claim', async () => {}, true],
		['a heartbeat', async (lock) => await lock.keepLock({}), true],
		['a release', async (lock) => await lock.release({}), false],
		['a release after a failure', async (lock) => await lock.releaseAfterFailure(), false],
	])('after %s who owns it', async (_intent, change, isOwned) => {
		const lock = await claimLock();
		await until(clock, change(lock));
		expect(memory.lock.owner !== NOBODY).toBe(isOwned);
		expect(memory.lock.stamp).toMatch(isOwned ? /^held / : /^free /);
		expect(memory.lock.closedBy !== '').toBe(!isOwned);
		expect(lock.mayBeOwnedByOther).toBe(false);
		expect((await readLock()).mayBeOwnedByOther).toBe(isOwned);
	});

	test('a report, even if no run has sent', async () => {
		const lock = await readLock();
		await until(clock, lock.report(turnOf(2)));
		expect(memory.last).toMatchObject({ turn: 2 });
		expect(memory.lock).toMatchObject({ owner: NOBODY, closedBy: '' });
		expect(lock.isHeld).toBe(false);
	});

	test('the last five runs that released it, the newest first', async () => {
		for (const runId of ['run1', 'run2', 'run3', 'run4', 'run5', 'run6']) {
			await runOnce(runId);
		}
		expect(memory.lock.closedBy).toBe('run6,run5,run4,run3,run2');
	});

	test.each<[how: string, edit: Partial<LockRow>]>([
		['a run owns it, but its stamp says that it is free', { owner: 'run', stamp: 'free 1' }],
		['nobody owns it, but its stamp says that it is held', { owner: NOBODY, stamp: 'held 1' }],
	])('something inconsistent, so that another run may own it: %s', async (_how, edit) => {
		await readLock();
		memory.edit(edit);
		expect((await readLock()).mayBeOwnedByOther).toBe(true);
	});
});

describe('A run may start requests', () => {
	test('less than 20 s after its last change', async () => {
		const lock = await claimLock();
		await clock.advance(HELD_MS - 1);
		expect(lock.isHeld).toBe(true);
		await until(clock, lock.keepLock({}));
		await clock.advance(HELD_MS - 1);
		expect(lock.isHeld).toBe(true);
		await clock.advance(1);
		expect(lock.isHeld).toBe(false);
	});

	test('but not after the machine was suspended, which only the wall clock shows', async () => {
		const lock = await claimLock();
		clock.startMs += HELD_MS;
		expect(lock.isHeld).toBe(false);
	});

	test('until it knows that another run owns the row', async () => {
		const lock = await claimLock();
		memory.edit({ owner: 'another run', stamp: 'held 2' });
		await expect(until(clock, lock.keepLock({}))).rejects.toThrow(RowTaken);
		expect([lock.isTakenByOther, lock.isHeld]).toEqual([true, false]);
		await until(clock, lock.releaseAfterFailure());
		expect(memory.lock).toMatchObject({ owner: 'another run', stamp: 'held 2' });
	});
});

describe('A change', () => {
	test('whose attempt fails is attempted once more', async () => {
		const lock = await claimLock();
		disturbOnce('changeLockRow', 'rejected');
		await until(clock, lock.keepLock({ changeLastCell: turnOf(2) }));
		expect(memory.last).toMatchObject({ turn: 2 });
	});

	test('without any response fails, even if no other run may own the row', async () => {
		const lock = await claimLock();
		memory.disturb = () => 'rejected';
		await expect(until(clock, lock.keepLock({}))).rejects.not.toThrow(RowTaken);
		await until(clock, lock.releaseAfterFailure());
		expect(lock.isTakenByOther).toBe(false);
	});

	test('of a table that cannot be used fails with that reason', async () => {
		const lock = await readLock();
		memory.changeLockRow = async () => await Promise.reject(new TableUnusable('notAllowed'));
		await expect(until(clock, lock.claim({}))).rejects.toThrow(TableUnusable);
	});

	test('of a row that is gone has no effect', async () => {
		const lock = await claimLock();
		memory.dropLocks();
		await expect(until(clock, lock.keepLock({}))).rejects.toThrow(RowTaken);
		expect(lock.isTakenByOther).toBe(true);
	});

	test('builds on what an operation has written to `last` in between', async () => {
		const lock = await claimLock();
		const approved = { planId: 'p' };
		memory.edit({ stamp: 'held by the operation', last: JSON.stringify({ ...makeLastCell(1), approved }) });
		await until(clock, lock.keepLock({ changeLastCell: turnOf(2) }));
		expect(memory.last).toMatchObject({ approved, turn: 2 });
	});

	test('of a run that only reports gives way to a run that claims the row', async () => {
		const reporting = await readLock();
		await claimLock();
		await expect(until(clock, reporting.report(turnOf(2)))).rejects.toThrow(RowTaken);
		expect(memory.last).toMatchObject({ turn: 0 });
	});

	test('points the row to its new part, or back to an earlier one', async () => {
		const lock = await readLock();
		await until(clock, lock.claim({ addition: { content: 'whole', isWholeState: true } }));
		const wholeName = memory.lock.stateName;
		await until(clock, lock.keepLock({ addition: { content: 'added', isWholeState: false } }));
		expect(memory.parts).toMatchObject([
			{ name: wholeName, after: '', kind: 'part', content: 'whole' },
			{ name: memory.lock.stateName, after: wholeName, kind: 'part', content: 'added' },
		]);
		expect(lock.partChain?.map(({ contentLength }) => contentLength)).toEqual([5, 5]);
		await until(clock, lock.release({ stateName: wholeName }));
		expect(memory.lock.stateName).toBe(wholeName);
	});
});

describe('A release whose response is lost', () => {
	test.each<[what: string, edit: () => Partial<LockRow>, isReleased: boolean]>([
		['has taken effect', () => ({}), true],
		[
			'has taken effect, and another run owns the row now',
			() => ({ owner: 'another run', stamp: 'held 2' }),
			true,
		],
		[
			'has taken effect, and another run has released the row since',
			() => ({ stamp: 'free 2', closedBy: `another run,${memory.lock.closedBy}` }),
			true,
		],
		[
			'has not taken effect if the row names only another run',
			() => ({ owner: 'another run', stamp: 'held 2', closedBy: 'another run' }),
			false,
		],
	])('%s', async (_what, edit, isReleased) => {
		const lock = await claimLock();
		let changed = 'not yet';
		memory.disturb = (statement) => {
			if (statement === 'changeLockRow' && changed === 'not yet') {
				changed = 'without a response';
				return 'answerLost';
			}
			if (statement === 'readLockRows' && changed === 'without a response') {
				changed = 'by others too';
				memory.edit(edit());
			}
			return undefined;
		};
		const released = until(clock, lock.release({}));
		await (isReleased ? released : expect(released).rejects.toThrow(RowTaken));
		expect(lock.isTakenByOther).toBe(!isReleased);
	});
});

describe('A run that waits until the owner is dead', () => {
	const quietMs = quietMsOf(TIMEOUT_MS);

	async function waitForOwner(): Promise<number[]> {
		const waits: number[] = [];
		const lock = await readLock({ onWait: (ms) => waits.push(ms) });
		await until(clock, lock.waitUntilOwnerDead());
		return waits;
	}

	test('continues the wait of an earlier run in its process; once the owner is dead no run waits', async () => {
		await claimLock();
		const execution = new AbortController();
		const lock = await readLock({ signal: execution.signal });
		const interruptedWait = lock.waitUntilOwnerDead();
		await clock.advance(10_000);
		execution.abort();
		await expect(interruptedWait).rejects.toThrow(RowTaken);
		expect(await waitForOwner()).toEqual([quietMs - 10_000]);
		expect(await waitForOwner()).toEqual([]);
	});

	test('starts a new wait for another owner', async () => {
		await claimLock();
		await waitForOwner();
		await claimLock();
		expect(await waitForOwner()).toEqual([quietMs]);
	});

	test.each<[change: string, edit: () => void]>([
		['the owner writes a heartbeat', () => memory.edit({ stamp: 'held 2' })],
		['the row is deleted', () => memory.dropLocks()],
	])('gives up when %s', async (_change, edit) => {
		await claimLock();
		const lock = await readLock();
		const waited = lock.waitUntilOwnerDead();
		await clock.advance(1000);
		edit();
		await expect(until(clock, waited)).rejects.toThrow(RowTaken);
	});

	test('continues to wait if a look-up gets no response', async () => {
		await claimLock();
		disturbOnce('readLockRows', 'rejected');
		expect(await waitForOwner()).toEqual([quietMs]);
	});
});

describe('Of several lock rows', () => {
	const row = { owner: NOBODY, quietMs: 0, closedBy: '', last: '' };
	const free = { ...row, stamp: 'free 0', stateName: '' };
	const owned = { ...free, owner: 'another run', stamp: 'held 0' };

	test.each<[which: string, rows: LockRow[], keptId: number]>([
		[
			'the oldest',
			[
				{ ...free, id: 2 },
				{ ...free, id: 1 },
				{ ...free, id: 3 },
			],
			1,
		],
		[
			'the one with a state',
			[
				{ ...free, id: 1 },
				{ ...free, id: 2, stateName: 'part' },
			],
			2,
		],
	])('%s stays', async (_which, rows, keptId) => {
		memory.lockRows = rows;
		await readLock();
		expect(memory.lockRows.map(({ id }) => id)).toEqual([keptId]);
	});

	test('that of another run is deleted once the run is dead; then the next run continues', async () => {
		memory.lockRows = [
			{ ...owned, id: 1 },
			{ ...free, id: 2 },
		];
		const startMs = clock.elapsedMs();
		await expect(readLock()).rejects.toThrow(RowTaken);
		expect(clock.elapsedMs() - startMs).toBeGreaterThanOrEqual(quietMsOf(TIMEOUT_MS));
		expect((await readLock()).row.id).toBe(2);
		expect(memory.lockRows).toHaveLength(1);
	});

	test('one that another run has just deleted does not stop a run', async () => {
		memory.lockRows = [
			{ ...free, id: 1 },
			{ ...free, id: 2 },
		];
		disturbOnce('removeLockRow', undefined, () => memory.lockRows.pop());
		expect((await readLock()).row.id).toBe(1);
	});
});

test('If there is a lock row, a run begins with one statement', async () => {
	await readLock();
	memory.statements.length = 0;
	await readLock();
	expect(memory.statements).toEqual(['read']);
});

test('A run that cannot find the row that it has inserted does not begin', async () => {
	memory.insertLockRow = async () => await Promise.resolve();
	await expect(readLock()).rejects.toThrow();
});

test('A run finds by its id whether the row is unchanged', async () => {
	const lock = await readLock();
	memory.lockRows.unshift({ ...memory.lock, id: 0, stamp: 'free 0' });
	expect(await until(clock, lock.isRowUnchanged())).toBe(true);
	memory.lockRows[1]!.stamp = 'held 2';
	expect(await until(clock, lock.isRowUnchanged())).toBe(false);
	memory.lockRows.pop();
	expect(await until(clock, lock.isRowUnchanged())).toBe(false);
});

describe('The parts that the row points to', () => {
	const whole = { name: 'whole', after: '', kind: 'part', content: '12345' } as const;
	const added = { name: 'added', after: 'whole', kind: 'part', content: '123' } as const;
	const unused = { name: 'unused', after: 'whole', kind: 'part', content: '1' } as const;
	const late = { name: 'late', after: '', kind: 'late', content: '1' } as const;

	beforeEach(async () => {
		await readLock();
		memory.parts = [late, added, unused, whole];
		memory.edit({ stateName: 'added' });
	});

	test('are in the order in which they were added', async () => {
		expect((await readLock()).partChain).toEqual([
			{ name: 'whole', after: '', contentLength: 5 },
			{ name: 'added', after: 'whole', contentLength: 3 },
		]);
	});

	test.each([
		['one is missing', [added, unused]],
		['they form a circle', [added, { ...whole, after: 'added' }]],
	])('are unknown if %s, and nothing is deleted', async (_, parts) => {
		memory.parts = parts;
		const lock = await readLock();
		expect(lock.partChain).toBeUndefined();
		await until(clock, lock.removeUnusedParts([]));
		expect(memory.parts).toBe(parts);
	});

	test('are kept, and so are those that are named; the others are deleted', async () => {
		const lock = await readLock();
		await until(clock, lock.removeUnusedParts(['late']));
		expect(memory.parts).toEqual([late, added, whole]);
		const nextLock = await readLock();
		memory.statements.length = 0;
		await until(clock, nextLock.removeUnusedParts(['late']));
		expect(memory.statements).toEqual([]);
	});

	test('do not stop a run if the others cannot be deleted', async () => {
		const lock = await readLock();
		disturbOnce('removeParts', 'rejected');
		await until(clock, lock.removeUnusedParts([]));
		expect(memory.parts).toHaveLength(4);
	});
});

test('A late part is inserted without changing the row, and the run learns whether that worked', async () => {
	const lock = await readLock();
	const rowBefore = { ...memory.lock };
	disturbOnce('insertPart', 'rejected');
	expect(await until(clock, lock.insertLatePart('x'))).toBe(false);
	expect(await until(clock, lock.insertLatePart('x'))).toBe(true);
	expect(memory.parts).toMatchObject([{ after: '', kind: 'late', content: 'x' }]);
	expect(memory.lock).toEqual(rowBefore);
});

describe('After a failure before its first request', () => {
	test('a run that had not claimed the row leaves it unchanged', async () => {
		const lock = await readLock();
		memory.statements.length = 0;
		await until(clock, lock.releaseAfterFailure());
		expect(memory.statements).toEqual([]);
	});

	test('a run that cannot free the row ends anyway', async () => {
		const lock = await claimLock();
		memory.disturb = () => 'rejected';
		await until(clock, lock.releaseAfterFailure());
		expect(memory.lock.owner).not.toBe(NOBODY);
	});
});

describe('Heartbeats end', () => {
	test.each<[how: string, end: (lock: Lock) => unknown]>([
		['when they are stopped', (lock) => lock.stopHeartbeats()],
		['with the release', async (lock) => await lock.release({})],
	])('%s, even while one is under way', async (_how, end) => {
		const lock = await claimLock();
		let count = 0;
		lock.startHeartbeats(async () => {
			count++;
			await clock.sleep(1000);
		});
		await clock.advance(HEARTBEAT_MS + 500);
		void end(lock);
		await clock.advance(3 * HEARTBEAT_MS);
		expect(count).toBe(1);
	});
});

describe('A response', () => {
	test('in time leaves no timer', async () => {
		expect(await responseInTime(clock, Promise.resolve('yes'))).toBe('yes');
		expect(clock.waiting).toBe(0);
	});

	test('that is late counts as none', async () => {
		await expect(until(clock, responseInTime(clock, clock.sleep(8001)))).rejects.toThrow();
		expect(await until(clock, responseInTime(clock, clock.sleep(7999)))).toBeUndefined();
	});
});

test('In one process only one run of each node is active at a time', () => {
	const endFirst = claimInProcess(nodeKey);
	expect(claimInProcess(nodeKey)).toBeUndefined();
	const endOther = claimInProcess(`another ${nodeKey}`);
	endFirst!();
	const endSecond = claimInProcess(nodeKey);
	expect(endSecond).toBeDefined();
	endSecond!();
	endOther!();
});
