import { expect, test } from '@jest/globals';
import type { FailedItem, Items } from '../../start/runRows.mts';
import { differingCustomers, judge, problemsOfSending } from '../../start/verdict.mts';

const devicesOf = (id: string) => [{ CustomerDeviceNo: '1', DeviceId: `P/${id}`, ProductName: '锁' }];
const bindings = (...ids: string[]) => new Map(ids.map((id) => [id, devicesOf(id)]));
const rows = [{ id: 'A', note: 'x' }, { id: 'B' }, { id: '\u200b ', note: 'x' }];
const items: Items = {
	pushed: ['A', 'B'].map((CustomerId, index) => ({
		CustomerId,
		DeviceInfos: devicesOf(CustomerId),
		RequestId: 'r',
		Attempts: 1,
		rows: [index + 1],
	})),
	failed: [],
	hint: '',
};
const failure: FailedItem = {
	CustomerId: 'B',
	code: 'INVALID_ROWS',
	message: 'm.',
	outcome: 'NOT_SENT',
	advice: 'a',
	attempts: 0,
	rows: [2],
};
const facts = { rows, used: ['id'], items, stored: bindings('B', 'A'), answer: undefined };
const failedB: Items = { ...items, pushed: items.pushed.slice(0, 1), failed: [failure] };

test('A run is done when its items account for all rows that are not blank, and the service has what they say', () => {
	expect(judge(facts, false)).toMatchObject({ isDone: true });
	expect(judge({ ...facts, answer: bindings('A', 'B') }, false)).toMatchObject({ isDone: true });
	const reasons = [{ row: 2, field: 'DeviceId', text: 't' }];
	const withheld = { ...failedB, failed: [{ ...failure, reasons }] };
	expect(judge({ ...facts, items: withheld, stored: bindings('A') }, false)).toMatchObject({ isDone: true });
});

test.each([
	['that is not stored', { stored: bindings('A') }, { differing: ['B'] }],
	['that is stored and in no item', { stored: bindings('A', 'B', 'C') }, { differing: ['C'] }],
	['that is not in the expected result', { answer: bindings('A') }, { wrong: ['B'] }],
	['that is only in the expected result', { answer: bindings('A', 'B', 'C') }, { wrong: ['C'] }],
	[
		'that failed for a reason other than its rows',
		{ items: failedB, stored: bindings('A') },
		{ notSent: ['B'] },
	],
	['whose row is in no item', { rows: [...rows, { id: 'C' }] }, { lostRows: [4] }],
	[
		'with another device',
		{ stored: new Map([...bindings('A'), ['B', devicesOf('A')]]) },
		{ differing: ['B'] },
	],
])('A run is not done with a customer %s', (_, changes, found) => {
	expect(judge({ ...facts, ...changes }, false)).toMatchObject({ isDone: false, ...found });
});

test('A Dry Run is done when nothing is stored', () => {
	expect(judge({ ...facts, stored: new Map() }, true)).toMatchObject({ isDone: true });
	expect(judge(facts, true)).toMatchObject({ isDone: false, differing: ['B', 'A'] });
});

test('Bindings differ by a customer or a device, not by order', () => {
	const two = [...devicesOf('A'), ...devicesOf('B')];
	expect(differingCustomers(new Map([['X', two]]), new Map([['X', two.toReversed()]]))).toEqual([]);
	expect(differingCustomers(new Map([['X', two]]), bindings('X'))).toEqual(['X']);
});

test('A run of Sync has a problem for each customer that was sent needlessly, was not sent, or differs', () => {
	expect(problemsOfSending(['A', 'B'], ['B', 'A', 'A'], [])).toEqual([]);
	expect(problemsOfSending(['A', 'B'], ['B', 'C'], ['D'])).toEqual([
		'these customers should have been sent: A',
		'these customers were sent needlessly: C',
		'the simulator does not have what the items say of D',
	]);
});
