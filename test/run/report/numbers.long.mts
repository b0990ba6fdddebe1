import { test } from '@jest/globals';
import { checkPreviewNumbers, checkRunNumbers } from './numbers.mts';

test('Each number of Text, Summary and SummaryZh is that of the report, in 2,000 runs of Push and Sync.', () => {
	checkRunNumbers(2_000);
});

test('Each number that a Dry Run says is that of its plan, in both languages, in 2,000 plans.', () => {
	checkPreviewNumbers(2_000);
});
