import { expect, test } from '@jest/globals';
import { runStorm } from '../../storms/runStorm.mts';
import { historyOf, tryAlignments } from './alignments.mts';

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

test('A state whose baseline is named by a late write of an older run is judged by what it has', async () => {
	const report = await runStorm(historyOf(48_612_094, { runs: 2, disturbances: 2 }));
	expect(report).toMatchObject({ violations: [], freezes: 1, approvals: 0, stopped: new Map() });
});
