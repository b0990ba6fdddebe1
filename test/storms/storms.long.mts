import { expect, test } from '@jest/globals';
import { checkStorms } from './checkStorms.mts';

test('In 2,000 storms nobody is lost, nothing is sent unchecked, and one run sends at a time', async () => {
	const { all, broken } = await checkStorms({ seed: 330_000, count: 2000 });
	console.log(all.line);
	expect(broken).toEqual([]);
}, 3_000_000);
