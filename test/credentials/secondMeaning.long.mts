import { test } from '@jest/globals';
import { expectNoSecondMeaning } from './secondMeaning.mts';

test('Of 50,000 odd bodies, none is signed that has the same signature as a forbidden body.', async () => {
	await expectNoSecondMeaning(50_000);
}, 600_000);
