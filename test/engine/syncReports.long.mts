import { expect, test } from '@jest/globals';
import { checkReports } from './syncReports.mts';

test('Reports say what a person would write down, whoever runs Sync and however it ends: 2,000 random timelines.', async () => {
	const met = await checkReports(2000);
	// Timelines that do not meet what they are for would prove little.
	expect([...met]).toEqual(
		expect.arrayContaining([
			'killed',
			'cancelled',
			'ok',
			'degraded',
			'failing',
			'News',
			'NewlyFailed',
			'Recovered',
			'Gone',
			'NoLongerWithDevices',
			'Customers',
			'Pushed',
			'Refused',
			'Unclear',
			'Postponed',
			'WithoutDevice',
			'New',
			'Changed',
			'Waiting',
			'FailedBefore',
			'Unchanged',
			'Withheld',
		]),
	);
}, 3_000_000);
