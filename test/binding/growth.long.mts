import { test } from '@jest/globals';
import fc from 'fast-check';
import { anySheet, expectLinear } from './growth.mts';

test('Twice as much takes less than three times the operations, the memory and the time: any sheet, large by its cells, its rows or its columns', async () => {
	await fc.assert(
		fc.asyncProperty(anySheet, async ({ sheet, size }) => await expectLinear(sheet, size)),
		{ numRuns: 30, endOnFailure: true },
	);
}, 600_000);
