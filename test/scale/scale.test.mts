import { expect, test } from '@jest/globals';
import { expectExactPush } from './exactPush.mts';
import { expectCopiesWell } from './copiesAtOnce.mts';
import { pushMany } from './pushManyProcess.mts';

test('5,000 rows of 1,000 customers become 1,000 requests with the exact devices, in a heap of 160 MiB.', async () => {
	await expectExactPush(5_000, 1_000, 160);
});

test('A Dry Run of 20,000 rows shows 4,000 requests, in the same heap.', async () => {
	const report = await pushMany({ rows: 20_000, customers: 4_000, heapMib: 160 });
	expect(report).toMatchObject({ items: 4_000, failed: 0 });
});

test('Six copies of a Sync of 300 customers that start together in one process all end ok.', async () => {
	await expectCopiesWell({ copies: 6, customers: 300, devices: 2, heapMib: 512 });
});
