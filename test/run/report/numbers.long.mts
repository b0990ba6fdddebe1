import { test } from '@jest/globals';
import { checkPreviewNumbers, checkRunNumbers } from './numbers.mts';

test('Each number in Text, Summary and SummaryZh is that of the report in 2,000 runs of Push and Sync.', () => {
	checkRunNumbers(2_000);
});

test('Each number in the texts of a Dry Run is that of its plan in 2,000 plans, in both languages.', () => {
	checkPreviewNumbers(2_000);
});
