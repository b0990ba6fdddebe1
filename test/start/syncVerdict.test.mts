import { expect, test } from '@jest/globals';
import { judgeSync } from '../../start/syncVerdict.mts';

const device = (ProductName: string) => [{ CustomerDeviceNo: '1', DeviceId: 'P/D', ProductName }];
const expected = new Map([
	['A', device('lock')],
	['B', device('lamp')],
]);
const facts = { expected, stored: expected, toSend: ['A'], sent: ['A', 'A'] };
const none = { Refused: 0, Unclear: 0, NotSent: 0, Postponed: 0 };
const report = {
	Health: 'degraded' as const,
	Customers: { ...none, Total: 3, Pushed: 1, Due: 0, Unchanged: 1, Withheld: 1 },
	Devices: 1,
	Rows: { Total: 3, Invalid: 1 },
	Requests: 1,
	Memory: 'used' as const,
	Failures: [{ CustomerId: 'C', code: 'INVALID_ROWS', message: 'Row 3 cannot be used.' }],
};
const failed = (CustomerId?: string) => ({
	...report,
	Failures: [{ ...(CustomerId && { CustomerId }), code: 'X', message: 'Told.' }],
});

test('A run that sent what it had to is without a problem, whatever rows cannot be used.', () => {
	expect(judgeSync(report, facts)).toEqual([]);
	expect(judgeSync(report, { ...facts, stored: undefined, toSend: undefined, sent: undefined })).toEqual([]);
});

test.each([
	[
		{ ...report, Customers: { ...report.Customers, Unchanged: 0, Postponed: 1 } },
		{},
		'1 of 2 customers without a bad row are pushed or unchanged.',
	],
	[report, { toSend: ['A', 'B'] }, 'These customers should have been sent: B.'],
	[report, { toSend: [] }, 'These customers were sent needlessly: A.'],
	[
		report,
		{ stored: new Map([...expected, ['B', device('old')]]) },
		'The service does not hold what the rows say: look at B.',
	],
	[
		report,
		{ stored: new Map([...expected, ['C', device('x')]]) },
		'The service does not hold what the rows say: look at C.',
	],
	[failed('A'), {}, 'A: Told.'],
	[failed(), {}, 'Told.'],
])('Anything else is a problem: case %#', (given, change, problem) => {
	expect(judgeSync(given, { ...facts, ...change })).toEqual([problem]);
});
