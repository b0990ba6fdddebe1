import { test } from '@jest/globals';
import fc from 'fast-check';
import { anySheet, expectLinear } from './growth.mts';

test('Any sheet of twice the size takes less than three times the operations, memory and time, whether its cells, rows or columns are large', async () => {
	await fc.assert(
		fc.asyncProperty(anySheet, async ({ sheet, size }) => await expectLinear(sheet, size)),
		{ numRuns: 30, endOnFailure: true },
	);
}, 600_000);
