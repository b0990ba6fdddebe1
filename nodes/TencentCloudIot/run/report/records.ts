import type { DeviceInfo } from '../../binding/row';
import { inBatches } from '../../input/batches';
import { failureOf, outcomeOf, requestIdsOf } from '../../service/fate';
import { describe, type OutcomeName } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { type CallResult, type EndedRun, withheldFor } from './result';

/** What became of one customer, for a log: what Tencent accepted of it, or why not. */
interface CustomerRecord {
	/** As sent. */
	CustomerId: string;
	Outcome: OutcomeName;
	/** Of a failure; also of a customer that was accepted without its invalid rows. */
	Code: string | null;
	Reason: string | null;
	/** As sent; none where its rows could not be sent, or name none. */
	Devices: readonly DeviceInfo[];
	/** Of the response that counts; null where no request was made. */
	RequestId: string | null;
	/** When that was known, UTC: `2026-11-28T19:25:01.123Z`. */
	At: string;
}

/** What is known of a record: all else is as where nothing was sent. */
type Known = Pick<CustomerRecord, 'Outcome'> & Partial<CustomerRecord>;

const NO_DEVICES: Known = {
	Outcome: 'NOT_SENT',
	Code: 'NO_DEVICES',
	Reason: 'The customer has no device in the rows.',
};

/**
 * The records of a run's customers: who was accepted, failed or was withheld, and who has no device any more. Sync has none of
 * those that its next run sends, nor of a run that was stopped as a whole.
 * @param endMs when it ended, Unix milliseconds
 */
export async function recordsOf(run: EndedRun, endMs: number): Promise<CustomerRecord[]> {
	const { calls, withheld, leftOut, sync, blocked } = run;
	if (sync !== undefined && blocked !== undefined) {
		return [];
	}
	const records: CustomerRecord[] = [];
	const At = new Date(endMs).toISOString();
	const unsent = { Code: null, Reason: null, Devices: [], RequestId: null, At };
	const add = (CustomerId: string, { Outcome, ...known }: Known) =>
		records.push({ CustomerId, Outcome, ...unsent, ...known });
	const heldBack = new Map<string, Known>();
	for (const held of withheld) {
		if (held.customerId === undefined || heldBack.has(held.customerId)) {
			continue;
		}
		const { outcome, code, reason } = withheldFor(held);
		heldBack.set(held.customerId, { Outcome: outcome, Code: code, Reason: shownText(reason) });
	}
	for await (const batch of inBatches(calls)) {
		for (const one of batch) {
			const { id = '', devices = [] } = one.call.customer ?? {};
			const held = heldBack.get(id);
			heldBack.delete(id);
			const { kind } = one.fate;
			const isLeft =
				kind === 'unchanged' || kind === 'postponed' || (kind === 'notTried' && sync !== undefined);
			if (!isLeft) {
				add(id, { ...held, Devices: devices, ...outcomeFor(one) });
			}
		}
	}
	for (const [id, held] of heldBack) {
		add(id, held);
	}
	for (const id of sync?.lostDevices ?? leftOut?.keys() ?? []) {
		add(id, NO_DEVICES);
	}
	return records;
}

function outcomeFor({ fate, atMs }: CallResult): Known {
	const { outcome, requestId } = outcomeOf(fate)!;
	const failure = failureOf(fate);
	return {
		Outcome: outcome,
		...(failure && { Code: failure.code, Reason: shownText(describe(failure)) }),
		RequestId: requestId ?? requestIdsOf(fate).at(-1) ?? null,
		...(atMs !== undefined && { At: new Date(atMs).toISOString() }),
	};
}
