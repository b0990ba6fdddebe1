import { afterEach, expect, jest, test } from '@jest/globals';
import { inBatches, inGroups } from '../../nodes/TencentCloudIot/input/batches';
import { runInTurns } from '../../nodes/TencentCloudIot/input/pausing';

afterEach(() => void jest.restoreAllMocks());

/** It never goes back: all passes of a process share when the event loop had its last turn. Milliseconds. */
let nowMs = 0;

/** Reads entries of which each takes so long, and gives the size of each batch. Milliseconds. */
async function batchSizes(count: number, eachMs: number): Promise<number[]> {
	jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
	const entries = Array.from({ length: count }, (_, index) => index);
	const read: number[] = [];
	const sizes: number[] = [];
	for await (const batch of inBatches(entries)) {
		const before = read.length;
		for (const entry of batch) {
			nowMs += eachMs;
			read.push(entry);
		}
		sizes.push(read.length - before);
	}
	expect(read).toEqual(entries);
	return sizes;
}

test('A batch of what takes long ends by time: the event loop waits for one entry more than 50 ms at most', async () => {
	expect(await batchSizes(12, 20)).toEqual([3, 3, 3, 3]);
	expect(await batchSizes(3, 1_000)).toEqual([1, 1, 1]);
});

test('A batch of what is quick ends by its size', async () => {
	expect(await batchSizes(600, 0)).toEqual([256, 256, 88]);
	expect(await batchSizes(0, 0)).toEqual([]);
});

/** Does some work, and counts the turns that the event loop has had meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
	let turns = 0;
	let isDone = false;
	const turn = () => {
		turns++;
		if (!isDone) {
			setImmediate(turn);
		}
	};
	setImmediate(turn);
	await work();
	isDone = true;
	return turns;
}

test('Between batches that take long the event loop has a turn, and between quick ones it has none', async () => {
	expect(await turnsDuring(async () => await batchSizes(12, 20))).toBeGreaterThanOrEqual(3);
	expect(await turnsDuring(async () => await batchSizes(600, 0))).toBe(0);
});

/** A pass of steps of which each takes so long, milliseconds. */
async function takeSteps(count: number, eachMs: number): Promise<number> {
	jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
	function* steps(): Generator<void, number> {
		for (let step = 0; step < count; step++) {
			nowMs += eachMs;
			yield;
		}
		return count;
	}
	return await runInTurns(steps());
}

test('A pass that takes long gives the event loop a turn each 50 ms, and a quick one gives it none', async () => {
	expect(await turnsDuring(async () => expect(await takeSteps(12, 20)).toBe(12))).toBeGreaterThanOrEqual(3);
	expect(await turnsDuring(async () => expect(await takeSteps(600, 0)).toBe(600))).toBe(0);
});

test.each([
	[0, []],
	[1000, [1000]],
	[2001, [1000, 1000, 1]],
])('%i records stand in texts of these sizes: %j', (count, sizes) => {
	const records = Array.from({ length: count }, (_, index) => index);
	expect(inGroups(records).map(({ length }) => length)).toEqual(sizes);
	expect(inGroups(records).flat()).toEqual(records);
});
