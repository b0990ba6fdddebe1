import { expect, test } from '@jest/globals';
import { tryAlignments, type Alignments } from './alignments.mts';

async function requireNoneBroken(alignments: Alignments): Promise<void> {
	const { count, broken } = await tryAlignments(alignments);
	expect(count).toBeGreaterThan(30);
	expect(broken).toEqual([]);
}

// test:long tries many more.
test.each([
	[2, 7],
	[3, 11],
] as const)('%i runs that begin together keep every promise', async (runs, every) => {
	await requireNoneBroken({ runs, disturbances: 0, every });
});

test.each([
	[2, 1, 12_007],
	[3, 1, 18_013],
	[2, 2, 27_013_397],
	[3, 2, 55_813_271],
] as const)(
	'%i runs that begin together keep every promise with %i disturbances',
	async (runs, disturbances, every) => {
		await requireNoneBroken({ runs, disturbances, every });
	},
);
