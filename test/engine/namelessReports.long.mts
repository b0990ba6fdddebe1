import { expect, test } from '@jest/globals';
import { runNamelessSyncs } from './namelessReports.mts';

/** The runs prove little unless each of these outcomes occurs. */
const KINDS = [
	'dry',
	'stopped',
	'done',
	'NO_ROWS',
	'SOURCE_FAILED',
	'COLUMN_NOT_FOUND',
	'INVALID_ROWS',
	'INVALID_OPTION',
	'TOO_FEW_CUSTOMERS',
	'TOO_MANY_CHANGES',
	'TOO_FEW_DEVICES',
	'STATE_LOST',
	'InvalidParameterValue',
	'UNCLEAR_RESPONSE',
	'RequestLimitExceeded',
	'CONNECTION_RESET',
];

test("With 'Name Customers' off, 2,000 runs show no id, value or column of the rows in either language.", async () => {
	const { leaking, kinds } = await runNamelessSyncs(2000);
	expect(leaking).toEqual([]);
	expect([...kinds]).toEqual(expect.arrayContaining(KINDS));
}, 3_000_000);
