import { describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Call } from '../../../nodes/TencentCloudIot/operation/operation';
import type { Ledger } from '../../../nodes/TencentCloudIot/run/ledger';
import { RunMemory } from '../../../nodes/TencentCloudIot/run/memory';
import { outcomeOf, type Fate } from '../../../nodes/TencentCloudIot/service/fate';
import type { Failure, Outcome } from '../../../nodes/TencentCloudIot/service/outcome';
import { digestOf, encodeParameters } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { attempt, newExecutionData, type AttemptSettings, type ExecutionData } from '../attempt.mts';

const OK: Outcome = { outcome: 'OK', data: { Status: 'OK' }, requestId: 'r-answered' };

/** A call for a customer, whose place is the customer, or for an item, whose place is the item. */
const forCustomer = (id: string, devices: string[] = ['d1'], itemIndexes = [0]): Call => ({
	parameters: { CustomerId: id, DeviceInfos: devices },
	itemIndexes,
	customer: { id, devices: [] },
});
const forItem = (itemIndex: number, parameters = { DeviceId: 'P/d1' }): Call => ({
	action: 'ServiceControlDeviceData',
	parameters,
	itemIndexes: [itemIndex],
});

const requestOf = (call: Call) => ({ Action: 'Act', ...call.parameters });

function failed(outcome: Failure['outcome'], code = 'CONNECTION_RESET'): Failure {
	return { outcome, code, reason: 'It broke.', advice: 'Look', retry: 'never', scope: 'call' };
}

const answered = (outcome: Outcome, requestIds = ['r-first', 'r-second', 'r-last']): Fate => ({
	kind: 'answered',
	outcome,
	requestIds,
});
const digestOfCall = (call: Call) => digestOf(encodeParameters(requestOf(call)));

/** Records how a call ended, and returns its fate with what the ledger knows of it. */
const record = (ledger: Ledger, call: Call, outcome: Outcome) =>
	ledger.record(call, answered(outcome), digestOfCall(call));

/** Where a call stands, as withheld rows of the same items or customer do. */
const placeOf = ({ itemIndexes, customer }: Call) => ({ itemIndexes, customerId: customer?.id });

interface LedgerSettings extends AttemptSettings {
	isIdempotent?: boolean;
	items?: INodeExecutionData[];
}

function ledgerOf(data: ExecutionData, settings: LedgerSettings = {}): Ledger {
	const { isIdempotent = true, items = [{ json: {} }], ...others } = settings;
	return new RunMemory(attempt(data, others), items).ledger(isIdempotent);
}

/** The ledger of the attempt after the one in which each call ended like this. */
function afterAttempt(ended: Array<[Call, Outcome]>, settings: LedgerSettings = {}): Ledger {
	const data = newExecutionData();
	const first = ledgerOf(data, settings);
	for (const [call, outcome] of ended) record(first, call, outcome);
	return ledgerOf(data, settings);
}

describe('In the first attempt of a run the ledger', () => {
	test('is new and has settled nothing, not even what it recorded itself', () => {
		const ledger = ledgerOf(newExecutionData());
		const call = forCustomer('c1');
		expect(ledger.isFirstAttempt).toBe(true);
		expect(record(ledger, call, OK)).toEqual(answered(OK));
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayHold(placeOf(call))).toBe(false);
	});

	test.each(['REFUSED', 'NOT_SENT'] as const)('reports %s as it is', (outcome) => {
		const ledger = ledgerOf(newExecutionData());
		const call = forCustomer('c1');
		record(ledger, call, failed('UNKNOWN'));
		expect(record(ledger, call, failed(outcome))).toEqual(answered(failed(outcome)));
	});
});

describe('In a later attempt of an idempotent operation', () => {
	test('a call that was accepted is not sent again, and has the RequestId of its response', () => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([[call, OK]]);
		expect(ledger.isFirstAttempt).toBe(false);
		const outcome = { outcome: 'OK', data: {}, requestId: 'r-answered' };
		expect(ledger.find(call, requestOf(call))).toEqual({ call, outcome });
		expect(ledger.mayHold(placeOf(call))).toBe(true);
	});

	test('a call without a RequestId in its response has that of its last request', () => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([[call, { ...OK, requestId: undefined }]]);
		expect(ledger.find(call, requestOf(call))?.outcome.requestId).toBe('r-last');
	});

	test('a call that got neither has an empty RequestId', () => {
		const data = newExecutionData();
		const call = forCustomer('c1');
		const notTried: Fate = { kind: 'earlierAttempt', outcome: { ...OK, requestId: undefined } };
		ledgerOf(data).record(call, notTried, digestOfCall(call));
		expect(ledgerOf(data).find(call, requestOf(call))?.outcome.requestId).toBe('');
	});

	test('a call that says something else now is sent again', () => {
		const ledger = afterAttempt([[forCustomer('c1'), OK]]);
		const call = forCustomer('c1', ['d1', 'd2']);
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayHold(placeOf(call))).toBe(true);
	});

	test('a call keeps all that its response said beside Status and RequestId', () => {
		const call = forCustomer('c1');
		const data = { Status: 'OK', RequestId: 'r-answered', Model: 'M' };
		const ledger = afterAttempt([[call, { ...OK, data }]]);
		const outcome = { outcome: 'OK', data, requestId: 'r-answered' };
		expect(ledger.find(call, requestOf(call))).toEqual({ call, outcome });
		expect(ledger.find(forCustomer('c1', ['d2']), requestOf(forCustomer('c1', ['d2'])))).toBeUndefined();
	});

	test.each([
		['no data', {}],
		['Status and RequestId', { Status: 'OK', RequestId: 'r-answered' }],
	])('a response with %s is kept as a short text, without the customer and the data', (_, response) => {
		const data = newExecutionData();
		const call = forCustomer('user_4096');
		record(ledgerOf(data), call, { ...OK, data: response });
		expect(ledgerOf(data).find(call, requestOf(call))?.outcome).toEqual({
			outcome: 'OK',
			data: {},
			requestId: 'r-answered',
		});
		expect(JSON.stringify(data)).not.toMatch(/user_4096|Status|DeviceInfos/);
	});

	test('a customer is known again when it stands in other rows', () => {
		const ledger = afterAttempt([[forCustomer('c1', ['d1'], [0, 1]), OK]]);
		const call = forCustomer('c1', ['d1'], [5]);
		expect(ledger.find(call, requestOf(call))?.call.itemIndexes).toEqual([5]);
		expect(ledger.mayHold(placeOf(forCustomer('c2', ['d1'], [0])))).toBe(false);
	});

	test('an item is known again by its index, so that two equal items are two calls', () => {
		const ledger = afterAttempt([[forItem(0), OK]]);
		expect(ledger.find(forItem(0), requestOf(forItem(0)))).toBeDefined();
		expect(ledger.find(forItem(1), requestOf(forItem(1)))).toBeUndefined();
		expect(ledger.mayHold(placeOf(forItem(1)))).toBe(false);
	});

	test('nothing is settled for good: a withheld row of the same place is not taken as sent', () => {
		const plain = afterAttempt([[forCustomer('c1'), OK]]);
		const whole = afterAttempt([[forCustomer('c1'), { ...OK, data: { Model: 'M' } }]]);
		expect(plain.findForGood(placeOf(forCustomer('c1')))).toBeUndefined();
		expect(whole.findForGood(placeOf(forCustomer('c1')))).toBeUndefined();
	});

	test('a call whose outcome is unknown is sent again', () => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([[call, failed('UNKNOWN')]]);
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayHold(placeOf(call))).toBe(true);
	});

	test('a call that was accepted and then has an unknown outcome is sent again', () => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([
			[call, OK],
			[call, failed('UNKNOWN')],
		]);
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayHold(placeOf(call))).toBe(true);
	});

	test.each(['REFUSED', 'NOT_SENT'] as const)(
		'%s is reported as UNKNOWN where an earlier attempt may have been applied, with all its other facts',
		(outcome) => {
			const call = forCustomer('c1');
			for (const before of [OK, failed('UNKNOWN')]) {
				const fate = record(afterAttempt([[call, before]]), call, failed(outcome, 'CODE'));
				expect(fate).toEqual(answered(failed('UNKNOWN', 'CODE')));
			}
		},
	);

	test('a call that was not tried is not called untried where an earlier attempt may have been applied', () => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([[call, failed('UNKNOWN')]]);
		const fate = ledger.record(call, { kind: 'notTried', why: failed('NOT_SENT', 'NOT_TRIED') }, '');
		expect(fate).toEqual({ kind: 'earlierAttempt', outcome: failed('UNKNOWN', 'NOT_TRIED') });
	});

	test.each(['unchanged', 'postponed'] as const)('a call that is %s stays it, and leaves nothing', (kind) => {
		const data = newExecutionData();
		const call = forCustomer('c1');
		const fate: Fate = kind === 'unchanged' ? { kind } : { kind, why: failed('NOT_SENT') };
		expect(ledgerOf(data).record(call, fate, '')).toBe(fate);
		expect(ledgerOf(data).mayHold(placeOf(call))).toBe(false);
	});

	test.each(['REFUSED', 'NOT_SENT'] as const)('%s twice stays %s', (outcome) => {
		const call = forCustomer('c1');
		const ledger = afterAttempt([[call, failed(outcome)]]);
		expect(ledger.mayHold(placeOf(call))).toBe(false);
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(outcomeOf(record(ledger, call, failed(outcome)))?.outcome).toBe(outcome);
	});

	test('what a later attempt records is known to the one after it', () => {
		const data = newExecutionData();
		const [one, two] = [forCustomer('c1'), forCustomer('c2')];
		record(ledgerOf(data), one, OK);
		record(ledgerOf(data), two, OK);
		const third = ledgerOf(data);
		expect([one, two].map((call) => third.find(call, requestOf(call))?.outcome.outcome)).toEqual([
			'OK',
			'OK',
		]);
	});
});

describe('In a later attempt of an operation that is not idempotent', () => {
	const isIdempotent = false;

	test.each([
		['was accepted', OK],
		['has an unknown outcome', failed('UNKNOWN')],
	])('a call that %s is not sent again, whatever its parameters have become', (_, outcome) => {
		const sent = forItem(3, { DeviceId: 'P/first' });
		const ledger = afterAttempt([[sent, outcome]], { isIdempotent });
		const now = forItem(3, { DeviceId: 'P/second' });
		const settled = {
			call: { ...sent, customer: undefined, itemIndexes: [3] },
			outcome: { ...outcome, requestId: outcome.requestId ?? 'r-last' },
		};
		expect(ledger.find(now, requestOf(now))).toEqual(settled);
		expect(ledger.findForGood({ itemIndexes: [3], customerId: undefined })).toEqual(settled);
		expect(ledger.mayHold(placeOf(now))).toBe(true);
	});

	test('a call about somebody is reported with the rows of now', () => {
		const ledger = afterAttempt([[forCustomer('c1', ['d1'], [0, 1]), OK]], { isIdempotent });
		expect(ledger.findForGood({ itemIndexes: [4], customerId: 'c1' })?.call).toEqual({
			...forCustomer('c1', ['d1'], [4]),
			action: undefined,
		});
	});

	test.each(['REFUSED', 'NOT_SENT'] as const)('a call that ended %s is sent again', (outcome) => {
		const ledger = afterAttempt([[forItem(0), failed(outcome)]], { isIdempotent });
		expect(ledger.find(forItem(0), requestOf(forItem(0)))).toBeUndefined();
		expect(ledger.findForGood(placeOf(forItem(0)))).toBeUndefined();
		expect(ledger.mayHold(placeOf(forItem(0)))).toBe(false);
	});
});

test('A customer that was accepted takes 100 bytes of the data of the execution, however long its id is.', () => {
	const [one, hundred] = [newExecutionData(), newExecutionData()];
	for (const [data, count] of [
		[one, 1],
		[hundred, 101],
	] as const) {
		const ledger = ledgerOf(data);
		for (let index = 0; index < count; index++) {
			const call = forCustomer(`${'x'.repeat(500)}${index}`);
			record(ledger, call, { ...OK, requestId: 'r'.repeat(36) });
		}
	}
	expect(JSON.stringify(hundred).length - JSON.stringify(one).length).toBeLessThanOrEqual(100 * 100);
});

describe('Attempts that have nothing in common:', () => {
	const call = forCustomer('c1');

	test.each([
		['another round of a loop', { runIndex: 1 }],
		['another execution', { executionId: '8' }],
	])('%s sends what it is given', (_, other) => {
		const data = newExecutionData();
		record(ledgerOf(data), call, OK);
		const ledger = ledgerOf(data, other);
		expect(ledger.isFirstAttempt).toBe(true);
		expect(ledger.find(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayHold(placeOf(call))).toBe(false);
	});

	test('the round of a loop after another one has a ledger that is empty for its own attempts, too', () => {
		const data = newExecutionData();
		record(ledgerOf(data), call, OK);
		ledgerOf(data, { runIndex: 1 });
		const again = ledgerOf(data, { runIndex: 1 });
		expect(again.isFirstAttempt).toBe(false);
		expect(again.find(call, requestOf(call))).toBeUndefined();
	});
});

describe("Where an agent calls the node as its tool, outside of the engine's runs,", () => {
	const tool = { executedNode: 'AI Agent' };
	const call = forItem(0);

	test('attempts are known by the arguments that the model gave', () => {
		const data = newExecutionData();
		const items = [{ json: { deviceId: 'd1' } }];
		const first = ledgerOf(data, { ...tool, items });
		expect(first.isFirstAttempt).toBe(true);
		record(first, call, OK);
		// Each attempt of a tool call has a run index of its own.
		const second = ledgerOf(data, { ...tool, items, runIndex: 1 });
		expect(second.isFirstAttempt).toBe(false);
		expect(second.find(call, requestOf(call))?.outcome.outcome).toBe('OK');
		expect(data.node).toEqual({});
	});

	test('a call with the same arguments in another object is a call of its own', () => {
		const data = newExecutionData();
		record(ledgerOf(data, { ...tool, items: [{ json: { deviceId: 'd1' } }] }), call, OK);
		const other = ledgerOf(data, { ...tool, items: [{ json: { deviceId: 'd1' } }] });
		expect(other.isFirstAttempt).toBe(true);
		expect(other.find(call, requestOf(call))).toBeUndefined();
	});
});
