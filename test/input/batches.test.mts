import { afterEach, expect, jest, test } from '@jest/globals';
import { inBatches, inGroups } from '../../nodes/TencentCloudIot/input/batches';

afterEach(() => void jest.restoreAllMocks());

/** Reads entries of which each takes so long, and gives the size of each batch. Milliseconds. */
async function batchSizes(count: number, eachMs: number): Promise<number[]> {
	let nowMs = 0;
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

test.each([
	[0, []],
	[1000, [1000]],
	[2001, [1000, 1000, 1]],
])('%i records stand in texts of these sizes: %j', (count, sizes) => {
	const records = Array.from({ length: count }, (_, index) => index);
	expect(inGroups(records).map(({ length }) => length)).toEqual(sizes);
	expect(inGroups(records).flat()).toEqual(records);
});
