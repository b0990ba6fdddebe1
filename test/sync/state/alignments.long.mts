import { expect, test } from '@jest/globals';
import { tryAlignments } from './alignments.mts';

test.each([
	[2, 1, 11],
	[3, 1, 47],
	[2, 2, 30_011],
	[3, 2, 90_011],
])(
	'%i runs that begin together with %i disturbances skip nobody wrongly, send one at a time and heal',
	async (runs, disturbances, every) => {
		const { histories, broken } = await tryAlignments({ runs, disturbances, every });
		console.log(`${runs} runs, ${disturbances} disturbances: ${histories} histories`);
		expect(broken).toEqual([]);
	},
	3_000_000,
);
