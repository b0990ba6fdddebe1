import { expect, test } from '@jest/globals';
import { runNamelessSyncs } from './namelessReports.mts';

// Twice each kind of night; test:long runs 2,000.
test("With 'Name Customers' off, no run shows an id, value or column of the rows in either language, whatever happens.", async () => {
	const { leaking } = await runNamelessSyncs(32);
	expect(leaking).toEqual([]);
});
