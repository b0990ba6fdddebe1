import { expect, test } from '@jest/globals';
import { checkRecords } from './records.mts';

test('Each set that Tencent accepted is one OK record, and no other is: 500 random sheets.', async () => {
	expect([...(await checkRecords(500))].toSorted()).toEqual(['NOT_SENT', 'OK', 'REFUSED', 'UNKNOWN']);
});
