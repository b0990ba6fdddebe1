import { test } from '@jest/globals';
import { checkPreviewNumbers, checkRunNumbers } from './numbers.mts';

test('Each number in Text, Summary and SummaryZh is that of the report in 200 random runs.', () => {
	checkRunNumbers(200);
});

test('Each number in the texts of a Dry Run is that of its plan in 100 random plans, in both languages.', () => {
	checkPreviewNumbers(100);
});
