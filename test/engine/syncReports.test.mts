import { test } from '@jest/globals';
import { checkReports } from './syncReports.mts';

// test:long tries 2,000.
test('Reports match a model of the runs, however runs start and end: 15 random timelines.', async () => {
	await checkReports(15);
});
