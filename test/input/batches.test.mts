import { afterEach, expect, jest, test } from '@jest/globals';
import { inBatches, inGroups } from '../../nodes/TencentCloudIot/input/batches';
import { runInTurns } from '../../nodes/TencentCloudIot/input/pausing';

afterEach(() => void jest.restoreAllMocks());

/** The virtual time, in milliseconds. It never goes back: all passes of a process share the time of the event loop's last turn. */
let nowMs = 0;

/** Reads entries that take `eachMs` each, and returns the batch sizes. */
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

test('A batch of slow entries ends by time: the event loop waits at most 50 ms plus one entry', async () => {
	expect(await batchSizes(12, 20)).toEqual([3, 3, 3, 3]);
	expect(await batchSizes(3, 1_000)).toEqual([1, 1, 1]);
});

test('A batch of fast entries ends by size', async () => {
	expect(await batchSizes(600, 0)).toEqual([256, 256, 88]);
	expect(await batchSizes(0, 0)).toEqual([]);
});

/** Counts the turns of the event loop during some work. */
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

test('The event loop gets a turn between slow batches, and none between fast ones', async () => {
	expect(await turnsDuring(async () => await batchSizes(12, 20))).toBeGreaterThanOrEqual(3);
	expect(await turnsDuring(async () => await batchSizes(600, 0))).toBe(0);
});

/** Runs a pass of steps that take `eachMs` each. */
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

test('A slow pass gives the event loop a turn every 50 ms, and a fast one gives it none', async () => {
	expect(await turnsDuring(async () => expect(await takeSteps(12, 20)).toBe(12))).toBeGreaterThanOrEqual(3);
	expect(await turnsDuring(async () => expect(await takeSteps(600, 0)).toBe(600))).toBe(0);
});

test.each([
	[0, []],
	[1000, [1000]],
	[2001, [1000, 1000, 1]],
])('%i records are split into texts of these sizes: %j', (count, sizes) => {
	const records = Array.from({ length: count }, (_, index) => index);
	expect(inGroups(records).map(({ length }) => length)).toEqual(sizes);
	expect(inGroups(records).flat()).toEqual(records);
});
