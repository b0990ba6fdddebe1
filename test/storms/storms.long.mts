import { expect, test } from '@jest/globals';
import { checkStorms } from './checkStorms.mts';

test('In 2,000 storms nobody is lost, skipped wrongly, sent unchecked or needlessly, and one run sends at a time', async () => {
	const { total, broken } = await checkStorms({ seed: 330_000, count: 2000 });
	console.log(total.line);
	expect(broken).toEqual([]);
}, 3_000_000);

test.each([
	['twins', 0],
	['threeAtOnce', 0],
	['slowTwins', 0],
	['faultyTwins', 0.5],
	['firstTwins', 0.5],
] as const)(
	'Of runs that begin together one goes on: %s, with at most %f of 100 groups in which none does',
	async (kind, left) => {
		const { total, broken } = await checkStorms({ seed: 340_000, count: 200, kind });
		console.log(total.line);
		expect(broken).toEqual([]);
		expect(total.percentOfGroups('all left')).toBeLessThanOrEqual(left);
	},
	3_000_000,
);
