import { expect, test } from '@jest/globals';
import { checkReports } from './syncReports.mts';

test('Reports match a model of the runs, however runs start and end: 2,000 random timelines.', async () => {
	const met = await checkReports(2000);
	// The timelines prove little unless each of these occurs.
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
