import { test } from '@jest/globals';
import { expectExactPush } from './exactPush.mts';

test('20,000 rows of 4,000 customers become 4,000 requests with the exact devices, in a heap of 160 MiB.', async () => {
	await expectExactPush(20_000, 4_000, 160);
});
