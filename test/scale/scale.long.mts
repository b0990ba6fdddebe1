import { test } from '@jest/globals';
import { expectCopiesWell } from './copiesAtOnce.mts';
import { expectExactPush } from './exactPush.mts';

test('20,000 rows of 4,000 customers become 4,000 requests with the exact devices, in a heap of 160 MiB.', async () => {
	await expectExactPush(20_000, 4_000, 160);
});

test.each([
	{ copies: 16, customers: 2_000, devices: 5, heapMib: 2_048 },
	{ copies: 4, customers: 100_000, devices: 1, heapMib: 6_144 },
])(
	'$copies copies of a Sync of $customers customers that start together in one process all end well.',
	async (copies) => {
		await expectCopiesWell(copies);
	},
	1_800_000,
);
