import { expect, test } from '@jest/globals';
import { checkStorms } from './checkStorms.mts';

test('In 2,000 storms nobody is lost, nothing is sent unchecked, and one run sends at a time', async () => {
	const { all, broken } = await checkStorms({ seed: 330_000, count: 2000 });
	console.log(all.line);
	expect(broken).toEqual([]);
}, 3_000_000);

test.each([
	['twins', 1, 1],
	['threeAtOnce', 2, 2],
] as const)(
	'Of runs that begin together one goes on, or in up to %i of 100 groups none, and few send everybody: %s',
	async (kind, left, everybody) => {
		const { all, broken } = await checkStorms({ seed: 340_000, count: 300, kind });
		console.log(all.line);
		expect(broken).toEqual([]);
		expect(all.percentOfGroups('all left')).toBeLessThanOrEqual(left);
		expect(all.of('everybody') / all.of('runs')).toBeLessThanOrEqual(everybody / 100);
	},
	3_000_000,
);
