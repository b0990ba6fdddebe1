import type { DeviceInfo } from '../../service/devices';
import { inBatches } from '../../input/batches';
import { failureOf, outcomeOf, requestIdsOf } from '../../service/fate';
import { describe, type OutcomeName } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { presentMembers } from '../../resources/operation/presentMembers';
import { type CallResult, type EndedRun, withheldFor } from './result';
import { writeEnglish } from '../../messages/text';

/** What became of one customer, for a log: what Tencent accepted, or why it did not. */
export interface CustomerRecord {
	/** As sent. */
	CustomerId: string;
	Outcome: OutcomeName;
	/** The failure, also of a customer that was accepted without its invalid rows. */
	Code: string | null;
	Reason: string | null;
	/** As sent; empty if its rows were invalid or name no device. */
	Devices: readonly DeviceInfo[];
	/** Of the response that decided the outcome; null if no request was made. */
	RequestId: string | null;
	/** When the outcome was known, UTC: `2026-11-28T19:25:01.123Z`. */
	At: string;
}

/** The part of a record that says what became of its customer. What it leaves out is as for a customer without a request. */
type RecordedOutcome = Pick<CustomerRecord, 'Outcome'> & Partial<CustomerRecord>;

const NO_DEVICES: RecordedOutcome = {
	Outcome: 'NOT_SENT',
	Code: 'NO_DEVICES',
	Reason: 'The customer has no device in the rows.',
};

/**
 * The records of a run's customers: those that were accepted, failed, were withheld or lost their devices. Sync leaves out
 * customers that its next run sends, and has no records of a run that was stopped as a whole.
 * @param endMs when the run ended, Unix milliseconds
 * @param isLeftOut whether a call, by its index, needs no record
 */
export async function recordsOf(
	run: EndedRun,
	endMs: number,
	isLeftOut: (index: number) => boolean = () => false,
): Promise<CustomerRecord[]> {
	const { calls, leftOut, sync, blocked } = run;
	if (sync !== undefined && blocked !== undefined) {
		return [];
	}
	const records: CustomerRecord[] = [];
	const withheldOutcomes = await outcomesOfWithheld(run);
	let index = 0;
	for await (const batch of inBatches(calls)) {
		for (const result of batch) {
			const held = withheldOutcomes.size === 0 ? undefined : takeWithheld(result, withheldOutcomes);
			const record = isLeftOut(index) ? undefined : recordOfCall(result, { run, held, endMs });
			if (record !== undefined) {
				records.push(record);
			}
			index++;
		}
	}
	for (const [id, held] of withheldOutcomes) {
		records.push(recordFor(id, held, endMs));
	}
	for (const id of sync?.lostDevices ?? leftOut?.keys() ?? []) {
		records.push(recordFor(id, NO_DEVICES, endMs));
	}
	return records;
}

/** Takes the outcome of a customer's withheld rows out of the map, so that the customer has one record. */
function takeWithheld(
	{ call }: CallResult,
	withheldOutcomes: Map<string, RecordedOutcome>,
): RecordedOutcome | undefined {
	const { id = '' } = call.customer ?? {};
	const held = withheldOutcomes.get(id);
	withheldOutcomes.delete(id);
	return held;
}

/** The outcome of each customer with withheld rows, by its id. */
export async function outcomesOfWithheld({
	withheld,
}: Pick<EndedRun, 'withheld'>): Promise<Map<string, RecordedOutcome>> {
	const withheldOutcomes = new Map<string, RecordedOutcome>();
	for await (const batch of inBatches(withheld)) {
		for (const held of batch) {
			if (held.customerId === undefined || withheldOutcomes.has(held.customerId)) {
				continue;
			}
			const { outcome, code, reason } = withheldFor(held);
			withheldOutcomes.set(held.customerId, {
				Outcome: outcome,
				Code: code,
				Reason: shownText(writeEnglish(reason, 'everything')),
			});
		}
	}
	return withheldOutcomes;
}

/** @returns undefined for a customer of which there is nothing to record, or whom the next run sends */
export function recordOfCall(
	result: CallResult,
	{ run, held, endMs }: { run: Pick<EndedRun, 'sync'>; held: RecordedOutcome | undefined; endMs: number },
): CustomerRecord | undefined {
	const { kind } = result.fate;
	const isForNextRun = kind === 'postponed' || (kind === 'notTried' && run.sync !== undefined);
	if (kind === 'unchanged' || isForNextRun) {
		return undefined;
	}
	const { id = '', devices = [] } = result.call.customer ?? {};
	return recordFor(id, { ...held, Devices: devices, ...outcomeFor(result) }, endMs);
}

function recordFor(CustomerId: string, recorded: RecordedOutcome, endMs: number): CustomerRecord {
	const { Outcome, ...members } = recorded;
	const At = new Date(endMs).toISOString();
	return { CustomerId, Outcome, Code: null, Reason: null, Devices: [], RequestId: null, At, ...members };
}

function outcomeFor({ fate, atMs }: CallResult): RecordedOutcome {
	const { outcome, requestId } = outcomeOf(fate)!;
	const failure = failureOf(fate);
	return presentMembers({
		Outcome: outcome,
		Code: failure?.code,
		Reason: failure && shownText(describe(failure, 'everything')),
		RequestId: requestId ?? requestIdsOf(fate).at(-1) ?? null,
		At: atMs === undefined ? undefined : new Date(atMs).toISOString(),
	});
}
