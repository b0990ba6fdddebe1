import { test } from '@jest/globals';
import fc from 'fast-check';
import { anySheet, expectLinear } from './growth.mts';

test('No sheet that is twice as large takes three times the operations, the memory or the time', async () => {
	await fc.assert(
		fc.asyncProperty(anySheet, async ({ sheet, size }) => await expectLinear(sheet, size)),
		{ numRuns: 40 },
	);
}, 1_200_000);
