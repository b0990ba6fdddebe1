import { test } from '@jest/globals';
import { checkReports } from './reports.mts';

test('What reports say is new, over and gone is what no report has said, whoever runs Sync and however it ends', async () => {
	await checkReports(2000);
}, 3_000_000);
