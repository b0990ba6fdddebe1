import { expect, test } from '@jest/globals';
import { seeNamelessRuns } from './namelessReports.mts';

// Every kind of night twice; test:long runs 2,000.
test("With 'Name Customers' off no id, value or column of the rows is shown, in neither language, whatever happens.", async () => {
	const { leaking } = await seeNamelessRuns(32);
	expect(leaking).toEqual([]);
});
