import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Call } from '../../../nodes/TencentCloudIot/resources/operation/operation';
import type { Ledger } from '../../../nodes/TencentCloudIot/run/ledger';
import { outcomeOf, type Fate } from '../../../nodes/TencentCloudIot/service/fate';
import type { Failure, Outcome } from '../../../nodes/TencentCloudIot/service/outcome';
import { digestOf, encodeParameters } from '../../../nodes/TencentCloudIot/service/signing/signature';
import {
	attempt,
	memoryOf,
	newExecutionData,
	type AttemptSettings,
	type ExecutionData,
} from '../attempt.mts';
import { failureWith } from '../../support/failures.mts';

const OK: Outcome = { outcome: 'OK', data: { Status: 'OK' }, requestId: 'r-answered' };

/** A call for a customer, whose identity is the customer, or for an item, whose identity is the item. */
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

const failed = (outcome: Failure['outcome'], code = 'CONNECTION_RESET') =>
	failureWith({ outcome, code, retry: 'never' });

const answered = (outcome: Outcome, requestIds = ['r-first', 'r-second', 'r-last']): Fate => ({
	kind: 'answered',
	outcome,
	requestIds,
});
const digestOfCall = (call: Call) => digestOf(encodeParameters(requestOf(call)));

/** Records how a call ended, and returns the fate that the ledger makes of it. */
const record = (ledger: Ledger, call: Call, outcome: Outcome) =>
	ledger.recordFate(call, answered(outcome), digestOfCall(call));

/** Identifies a call, and withheld rows of the same items or customer. */
const identityOf = ({ itemIndexes, customer }: Call) => ({ itemIndexes, customerId: customer?.id });

interface LedgerSettings extends AttemptSettings {
	isIdempotent?: boolean;
	items?: INodeExecutionData[];
}

function ledgerOf(data: ExecutionData, settings: LedgerSettings = {}): Ledger {
	const { isIdempotent = true, items = [{ json: {} }], ...attemptSettings } = settings;
	return memoryOf(attempt(data, attemptSettings), items).openLedger(isIdempotent);
}

const earlierCall = fc.record({
	/** Which identity the call has: that of a customer or of an item. */
	identity: fc.nat(2),
	isChanged: fc.boolean(),
	outcome: fc.constantFrom<Outcome>(
		OK,
		{ ...OK, requestId: undefined },
		...(['UNKNOWN', 'REFUSED', 'NOT_SENT'] as const).map((outcome) => failed(outcome)),
	),
	kind: fc.constantFrom<EndOfCall>('answered', 'answered', 'notTried', 'unchanged', 'postponed'),
});

type EndOfCall = 'answered' | 'notTried' | 'unchanged' | 'postponed';

function fateOf(kind: EndOfCall, outcome: Outcome): Fate {
	switch (kind) {
		case 'answered':
			return answered(outcome);
		case 'unchanged':
			return { kind };
		default:
			return { kind, why: failed('NOT_SENT') };
	}
}

/** A model of what the ledger keeps for an identity, without the ledger's code. */
interface Kept {
	/** The last call that must not be sent again, and its outcome. */
	settled?: { call: Call; outcome: Outcome };
	isUnclear?: boolean;
}

test('In random attempts the ledger resends a call or reports it as done or unclear, depending on its earlier fates.', () => {
	const attempts = fc.array(fc.array(earlierCall, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
	const seen = { settled: 0, sentAgain: 0, madeUnclear: 0 };
	const check = (
		runs: Array<Array<typeof earlierCall extends fc.Arbitrary<infer T> ? T : never>>,
		isIdempotent: boolean,
		ofCustomers: boolean,
	) => {
		const data = newExecutionData();
		const kept = new Map<number, Kept>();
		for (const [number, calls] of runs.entries()) {
			const ledger = ledgerOf(data, { isIdempotent });
			expect(ledger.isFirstAttempt).toBe(number === 0);
			for (const { identity, isChanged, outcome, kind } of calls) {
				const devices = [isChanged ? 'd2' : 'd1'];
				const call = ofCustomers
					? forCustomer(`c${identity}`, devices, [identity, number])
					: forItem(identity, { DeviceId: devices[0]! });
				const before = number === 0 ? {} : (kept.get(identity) ?? {});
				const mayBeApplied = before.settled !== undefined || before.isUnclear === true;
				const { settled } = before;
				const isSame =
					settled !== undefined &&
					JSON.stringify(settled.call.parameters) === JSON.stringify(call.parameters);
				const found = ledger.findSettled(call, requestOf(call));
				expect(found?.outcome).toEqual(isIdempotent && !isSame ? undefined : settled?.outcome);
				if (found !== undefined) {
					expect(found.call).toMatchObject({
						parameters: settled!.call.parameters,
						itemIndexes: call.itemIndexes,
					});
				}
				expect(ledger.findUnrepeatable(identityOf(call))?.outcome).toEqual(
					isIdempotent ? undefined : settled?.outcome,
				);
				expect(ledger.mayBeApplied(identityOf(call))).toBe(mayBeApplied);
				if (mayBeApplied) {
					seen[found === undefined ? 'sentAgain' : 'settled']++;
				}
				const fate = fateOf(kind, outcome);
				const recorded = ledger.recordFate(call, fate, digestOfCall(call));
				const ended = outcomeOf(fate);
				const isFailed = ended?.outcome === 'REFUSED' || ended?.outcome === 'NOT_SENT';
				expect(outcomeOf(recorded)?.outcome).toBe(isFailed && mayBeApplied ? 'UNKNOWN' : ended?.outcome);
				if (isFailed && mayBeApplied) {
					seen.madeUnclear++;
				} else {
					expect(recorded).toBe(fate);
				}
				if (ended === undefined || isFailed) {
					continue;
				}
				const outcomeKept = { ...ended, requestId: ended.requestId ?? 'r-last' };
				if (ended.outcome === 'OK' || !isIdempotent) {
					kept.set(identity, { ...kept.get(identity), settled: { call, outcome: outcomeKept } });
				} else {
					kept.set(identity, { isUnclear: true });
				}
			}
		}
	};
	fc.assert(fc.property(attempts, fc.boolean(), fc.boolean(), check), { numRuns: 300 });
	for (const count of Object.values(seen)) {
		expect(count).toBeGreaterThan(20);
	}
});

test('The ledger recognizes a call for a customer in other rows, and a call for an item by its index, not by its content.', () => {
	const data = newExecutionData();
	for (const call of [forCustomer('c1', ['d1'], [0, 1]), forItem(0)]) {
		record(ledgerOf(data), call, OK);
	}
	const ledger = ledgerOf(data);
	const moved = forCustomer('c1', ['d1'], [5]);
	expect(ledger.findSettled(moved, requestOf(moved))?.call.itemIndexes).toEqual([5]);
	expect(ledger.mayBeApplied(identityOf(forCustomer('c2', ['d1'], [0])))).toBe(false);
	expect(
		[forItem(0), forItem(1)].map((call) => ledger.findSettled(call, requestOf(call)) === undefined),
	).toEqual([false, true]);
});

test('An accepted call is sent again if a later attempt may have replaced it', () => {
	const data = newExecutionData();
	const before = forCustomer('c1', ['d1']);
	const after = forCustomer('c1', ['d2']);
	record(ledgerOf(data), before, OK);
	record(ledgerOf(data), after, failed('UNKNOWN'));
	const ledger = ledgerOf(data);
	expect(ledger.findSettled(before, requestOf(before))).toBeUndefined();
	expect(ledger.mayBeApplied(identityOf(before))).toBe(true);
});

describe('Attempts that have nothing in common:', () => {
	const call = forCustomer('c1');

	test.each([
		['another round of a loop', { runIndex: 1 }],
		['another execution', { executionId: '8' }],
	])('%s sends all its calls', (_, other) => {
		const data = newExecutionData();
		record(ledgerOf(data), call, OK);
		const ledger = ledgerOf(data, other);
		expect(ledger.isFirstAttempt).toBe(true);
		expect(ledger.findSettled(call, requestOf(call))).toBeUndefined();
		expect(ledger.mayBeApplied(identityOf(call))).toBe(false);
	});

	test('a later round of a loop has an empty ledger, also in its further attempts', () => {
		const data = newExecutionData();
		record(ledgerOf(data), call, OK);
		ledgerOf(data, { runIndex: 1 });
		const again = ledgerOf(data, { runIndex: 1 });
		expect(again.isFirstAttempt).toBe(false);
		expect(again.findSettled(call, requestOf(call))).toBeUndefined();
	});
});

describe("When an agent calls the node as its tool, outside the engine's runs,", () => {
	const tool = { executedNode: 'AI Agent' };
	const call = forItem(0);

	test("attempts are recognized by the model's arguments", () => {
		const data = newExecutionData();
		const items = [{ json: { deviceId: 'd1' } }];
		const first = ledgerOf(data, { ...tool, items });
		expect(first.isFirstAttempt).toBe(true);
		record(first, call, OK);
		// Each attempt of a tool call has a run index of its own.
		const second = ledgerOf(data, { ...tool, items, runIndex: 1 });
		expect(second.isFirstAttempt).toBe(false);
		expect(second.findSettled(call, requestOf(call))?.outcome.outcome).toBe('OK');
		expect(data.node).toEqual({});
	});

	test('a call with equal arguments in another object is a new call', () => {
		const data = newExecutionData();
		record(ledgerOf(data, { ...tool, items: [{ json: { deviceId: 'd1' } }] }), call, OK);
		const other = ledgerOf(data, { ...tool, items: [{ json: { deviceId: 'd1' } }] });
		expect(other.isFirstAttempt).toBe(true);
		expect(other.findSettled(call, requestOf(call))).toBeUndefined();
	});
});
