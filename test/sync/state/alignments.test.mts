import { expect, test } from '@jest/globals';
import { tryAlignments } from './alignments.mts';

// test:long tries many more, and who likes all of them.
test.each([
	[2, 0, 1],
	[3, 0, 1],
	[2, 1, 1201],
	[3, 1, 1801],
	[2, 2, 1_501_487],
	[3, 2, 3_201_471],
])(
	'%i runs that begin together with %i disturbances skip nobody wrongly, send one at a time and heal',
	async (runs, disturbances, every) => {
		const { histories, broken } = await tryAlignments({ runs, disturbances, every });
		expect(histories).toBeGreaterThan(30);
		expect(broken).toEqual([]);
	},
);
