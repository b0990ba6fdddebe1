import { test } from '@jest/globals';
import { checkReports } from './syncReports.mts';

// test:long tries 2,000.
test('Reports say what a person would write down, whoever runs Sync and however it ends: 15 random timelines.', async () => {
	await checkReports(15);
});
