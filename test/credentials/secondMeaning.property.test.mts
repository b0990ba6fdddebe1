import { test } from '@jest/globals';
import { expectNoSecondMeaning } from './secondMeaning.mts';

// test:long signs 50,000.
test('Of 2,000 odd bodies, none is signed that has the same signature as a forbidden body.', async () => {
	await expectNoSecondMeaning(2_000);
});
