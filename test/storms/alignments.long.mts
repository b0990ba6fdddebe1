import { expect, test } from '@jest/globals';
import { tryAlignments } from './alignments.mts';

test.each([
	[2, 0, 1],
	[3, 0, 1],
	[2, 1, 61],
	[3, 1, 127],
	[2, 2, 400_009],
	[3, 2, 940_031],
] as const)(
	'%i runs that begin together keep every promise with %i disturbances',
	async (runs, disturbances, every) => {
		const { count, broken } = await tryAlignments({ runs, disturbances, every });
		console.log(`${runs} runs, ${disturbances} disturbances: ${count} histories`);
		expect(broken).toEqual([]);
	},
	3_000_000,
);
