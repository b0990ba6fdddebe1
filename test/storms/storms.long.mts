import { expect, test } from '@jest/globals';
import { checkStorms } from './checkStorms.mts';

test('In 2,000 storms no customer is lost, wrongly skipped, sent unchecked or needlessly, and only one run sends at a time', async () => {
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
	'One of the runs that begin together continues: %s, with at most %f of 100 groups in which all give up',
	async (kind, mostPercent) => {
		const { total, broken } = await checkStorms({ seed: 340_000, count: 200, kind });
		console.log(total.line);
		expect(broken).toEqual([]);
		expect(total.percentOfGroups('all gave up')).toBeLessThanOrEqual(mostPercent);
	},
	3_000_000,
);
