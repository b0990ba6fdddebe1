import { test } from '@jest/globals';
import { checkPreviewNumbers, checkRunNumbers } from './numbers.mts';

test('Each number of Text, Summary and SummaryZh is that of the report, whatever happened.', () => {
	checkRunNumbers(200);
});

test('Each number that a Dry Run says is that of its plan, in both languages.', () => {
	checkPreviewNumbers(100);
});
