import { describe, expect, test } from '@jest/globals';
import { FencedStore, timingFor } from '../../../nodes/TencentCloudIot/sync/state/store';
import { Lease } from '../../../nodes/TencentCloudIot/sync/state/lease';
import { FakeClock } from '../../support/fakeClock.mts';
import { customersOf, Node } from './syncRuns.mts';

const { settleMs } = timingFor(0);
const PASSING_MS = 400;
/** How long a run waits between two looks, and how often it looks, when somebody else has left entries. */
const LOOK_AGAIN_MS = 2000;
const LOOKS = 5;

const ROWS = { a: '2', b: '1' };

describe('While a run settles that has found a closed state', () => {
	/** A run that waits to own the state. */
	async function settling() {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		const before = (await node.row())!.toSorted();
		const cancel = new AbortController();
		const startMs = node.clock.elapsedMs();
		const run = node.start(ROWS, { signal: cancel.signal });
		await node.clock.advance(1000);
		return { node, before, run, cancel, passedMs: () => node.clock.elapsedMs() - startMs };
	}

	test('and nobody else writes, it owns the state when all others have written', async () => {
		const { node, run, passedMs } = await settling();
		const { begun } = await node.until(run);
		expect(begun).toMatchObject({ state: 'used', verdicts: ['changed', 'unchanged'], stopped: undefined });
		expect(passedMs()).toBeGreaterThanOrEqual(settleMs);
		expect(passedMs()).toBeLessThan(settleMs + 500);
	});

	test('what another run has overwritten is restored, without another wait', async () => {
		const { node, run, passedMs } = await settling();
		await node.store!.forget([customersOf(ROWS)[0]!.fingerprint]);
		const { begun } = await node.until(run);
		expect(begun).toMatchObject({ state: 'used', verdicts: ['changed', 'unchanged'] });
		expect(passedMs()).toBeLessThan(settleMs + 500);
	});

	test('and somebody else leaves an entry for good, nothing counts as unchanged, and requests may start', async () => {
		const { node, run, passedMs } = await settling();
		await node.store!.record(['of another run']);
		const owner = await node.until(run);
		expect(owner.begun).toMatchObject({
			state: 'interrupted',
			verdicts: ['changed', 'changed'],
			stopped: undefined,
		});
		expect(passedMs()).toBeGreaterThanOrEqual(settleMs + LOOKS * LOOK_AGAIN_MS);
		expect(passedMs()).toBeLessThan(settleMs + LOOKS * LOOK_AGAIN_MS + 500);
		expect(await owner.mayStart()).toBe(true);
	});

	test('it sends nothing when it is cancelled, and leaves the state as it was', async () => {
		const { node, before, run, cancel } = await settling();
		cancel.abort();
		expect((await node.until(run)).begun.stopped?.code).toBe('CANCELLED');
		await node.clock.advance(settleMs);
		expect((await node.row())!.toSorted()).toEqual(before);
	});
});

test('What a run that leaves has removed, and another one has brought back, it removes once more', async () => {
	const { clock, store } = new Node();
	const lease = new Lease(new FencedStore(store!, clock), 0, clock);
	await lease.open(['queried']);
	const added = [...lease.added];
	const leaving = lease.leave();
	await clock.advance(0);
	expect(await store!.count()).toBe(0);
	await store!.record(added);
	await clock.advance(PASSING_MS);
	await leaving;
	expect(await store!.count()).toBe(0);
});

describe('What a passing run disturbs is attempted', () => {
	const leaseAt = (clock: FakeClock) => new Lease(new FencedStore(new Node().store!, clock), 0, clock);
	const attempts = async (until: number) => {
		const clock = new FakeClock();
		let count = 0;
		const done = leaseAt(clock).outlastPassing(async () => ++count >= until);
		for (let step = 0; step < 10; step++) await clock.advance(PASSING_MS);
		return { isDone: await done, count };
	};

	test.each([
		[1, { isDone: true, count: 1 }],
		[3, { isDone: true, count: 3 }],
		[9, { isDone: false, count: 4 }],
	])('until it is done, four times at most: %i', async (until, expected) => {
		expect(await attempts(until)).toEqual(expected);
	});

	test('and waits between two attempts', async () => {
		const clock = new FakeClock();
		let count = 0;
		const done = leaseAt(clock).outlastPassing(async () => ++count > 1);
		await clock.advance(PASSING_MS - 1);
		expect(count).toBe(1);
		await clock.advance(1);
		expect([await done, count]).toEqual([true, 2]);
	});
});
