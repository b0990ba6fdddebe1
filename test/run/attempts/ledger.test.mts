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

type FateKind = 'answered' | 'notTried' | 'unchanged' | 'postponed';

/** A call of an attempt, and how it ends. */
interface CallEnd {
	/** The number of the call's customer, or of its item. */
	identity: number;
	/** Whether the call has other devices than the other calls of its identity. */
	isChanged: boolean;
	kind: FateKind;
	/** How it ends if it is answered. */
	outcome: Outcome;
}

const callEnds: fc.Arbitrary<CallEnd> = fc.record({
	identity: fc.nat(2),
	isChanged: fc.boolean(),
	kind: fc.constantFrom<FateKind>('answered', 'answered', 'notTried', 'unchanged', 'postponed'),
	outcome: fc.constantFrom<Outcome>(
		OK,
		{ ...OK, requestId: undefined },
		failed('UNKNOWN'),
		failed('REFUSED'),
		failed('NOT_SENT'),
	),
});

/** The attempts of a run, each with its calls. */
const attempts = fc.array(fc.array(callEnds, { maxLength: 4 }), { minLength: 1, maxLength: 4 });

function fateOf({ kind, outcome }: CallEnd): Fate {
	switch (kind) {
		case 'answered':
			return answered(outcome);
		case 'unchanged':
			return { kind };
		default:
			return { kind, why: failed('NOT_SENT') };
	}
}

/** What earlier attempts have settled of an identity. */
interface Settled {
	/** The call as it was sent. */
	call: Call;
	outcome: Outcome;
}

/** A model of the ledger, without its code: what the attempts so far have found out about each identity. */
class LedgerModel {
	readonly #isIdempotent: boolean;
	readonly #settledByIdentity = new Map<number, Settled>();
	readonly #unclearIdentities = new Set<number>();

	constructor(isIdempotent: boolean) {
		this.#isIdempotent = isIdempotent;
	}

	/** The settled call that is reported instead of sending this one; undefined if this one is sent. */
	settledInsteadOf(identity: number, call: Call): Settled | undefined {
		const settled = this.#settledByIdentity.get(identity);
		const isSameRequest = JSON.stringify(settled?.call.parameters) === JSON.stringify(call.parameters);
		return this.#isIdempotent && !isSameRequest ? undefined : settled;
	}

	/** The settled call that is never sent again, even if its items have changed. */
	unrepeatable(identity: number): Settled | undefined {
		return this.#isIdempotent ? undefined : this.#settledByIdentity.get(identity);
	}

	mayBeApplied(identity: number): boolean {
		return this.#settledByIdentity.has(identity) || this.#unclearIdentities.has(identity);
	}

	/** Notes how a call ended. A call that was not applied changes nothing. */
	note(identity: number, call: Call, outcome: Outcome): void {
		const isUnclear = outcome.outcome === 'UNKNOWN';
		if (outcome.outcome === 'OK' || (isUnclear && !this.#isIdempotent)) {
			const requestId = outcome.requestId ?? 'r-last';
			this.#settledByIdentity.set(identity, { call, outcome: { ...outcome, requestId } });
		} else if (isUnclear) {
			this.#settledByIdentity.delete(identity);
			this.#unclearIdentities.add(identity);
		}
	}
}

describe.each([
	['idempotent', true],
	['non-idempotent', false],
])('In random attempts with %s calls', (_effect, isIdempotent) => {
	test.each([
		[
			'a customer',
			(id: number, device: string, attemptNumber: number) =>
				forCustomer(`c${id}`, [device], [id, attemptNumber]),
		],
		['an item', (id: number, device: string) => forItem(id, { DeviceId: device })],
	])(
		'for %s, the ledger finds what earlier attempts settled, and no failure hides what they may have applied',
		(_what, makeCall) => {
			const seen = { settled: 0, sentAgain: 0, madeUnclear: 0 };

			/** Checks what the ledger finds about a call, and what it makes of the call's fate. @param model undefined in the first attempt, which has no earlier ones */
			function checkCall(ledger: Ledger, model: LedgerModel | undefined, call: Call, end: CallEnd): void {
				const { identity } = end;
				const mayBeApplied = model?.mayBeApplied(identity) ?? false;
				expect(ledger.mayBeApplied(identityOf(call))).toBe(mayBeApplied);
				const found = ledger.findSettled(call, requestOf(call));
				const settled = model?.settledInsteadOf(identity, call);
				expect(found?.outcome).toEqual(settled?.outcome);
				expect(found?.call.parameters).toEqual(settled?.call.parameters);
				expect(found?.call.itemIndexes).toEqual(settled && call.itemIndexes);
				const unrepeatable = ledger.findUnrepeatable(identityOf(call));
				expect(unrepeatable?.outcome).toEqual(model?.unrepeatable(identity)?.outcome);

				const fate = fateOf(end);
				const recordedFate = ledger.recordFate(call, fate, digestOfCall(call));
				const outcomeName = outcomeOf(fate)?.outcome;
				const isFailed = outcomeName === 'REFUSED' || outcomeName === 'NOT_SENT';
				if (isFailed && mayBeApplied) {
					seen.madeUnclear++;
					expect(outcomeOf(recordedFate)?.outcome).toBe('UNKNOWN');
				} else {
					expect(recordedFate).toBe(fate);
				}
				if (found !== undefined) {
					seen.settled++;
				} else if (mayBeApplied) {
					seen.sentAgain++;
				}
			}

			const property = fc.property(attempts, (callsOfAttempts) => {
				const data = newExecutionData();
				const model = new LedgerModel(isIdempotent);
				for (const [attemptNumber, ends] of callsOfAttempts.entries()) {
					const ledger = ledgerOf(data, { isIdempotent });
					const isFirst = attemptNumber === 0;
					expect(ledger.isFirstAttempt).toBe(isFirst);
					for (const end of ends) {
						const call = makeCall(end.identity, end.isChanged ? 'd2' : 'd1', attemptNumber);
						checkCall(ledger, isFirst ? undefined : model, call, end);
						const outcome = outcomeOf(fateOf(end));
						if (outcome !== undefined) {
							model.note(end.identity, call, outcome);
						}
					}
				}
			});
			fc.assert(property, { numRuns: 300 });
			expect(Math.min(seen.settled, seen.madeUnclear)).toBeGreaterThan(10);
			// A non-idempotent call that may have been applied is never sent again.
			expect(seen.sentAgain > 10).toBe(isIdempotent);
		},
	);
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
