import { test } from '@jest/globals';
import { checkReports } from './reports.mts';

// test:long tries 2,000.
test('What reports say is new, over and gone is what no report has said, whoever runs Sync and however it ends', async () => {
	await checkReports(100);
});
