import { inBatches } from '../../input/batches';
import { decidingRequestIdOf, failureOf, outcomeOf } from '../../service/fate';
import { describe } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { writeEnglish } from '../../messages/text';
import type { ReceiptOfNamedCustomer } from '../../sync/log/receipt';
import { type CallResult, type EndedRun, failureOfWithheld } from './result';

/** What became of one customer in a run: what Tencent accepted, or why not. Output items show the record, and receipts of the log are made of it. */
export type OutcomeRecord = Omit<ReceiptOfNamedCustomer, 'nodeKey' | 'isPush' | 'lastMetMs'>;

/** Why rows of a customer were not sent. */
type WhyNotSent = Pick<OutcomeRecord, 'outcome' | 'code' | 'reason'>;

const NO_DEVICES: WhyNotSent = {
	outcome: 'NOT_SENT',
	code: 'NO_DEVICES',
	reason: 'The customer has no device in the rows.',
};

/**
 * Makes the records of a run's customers: those that were accepted, failed, were withheld or lost their devices. A Sync makes no record of a
 * customer that it leaves to its next run, and none at all if a safety check or another failure stopped it before it sent anything.
 */
export class OutcomeRecords {
	readonly #isSync: boolean;
	/** By CustomerId, why rows of the customer were withheld. */
	readonly #whyWithheld: ReadonlyMap<string, WhyNotSent>;

	private constructor(isSync: boolean, whyWithheld: ReadonlyMap<string, WhyNotSent>) {
		this.#isSync = isSync;
		this.#whyWithheld = whyWithheld;
	}

	/** Prepares the records of a run: notes why rows of withheld customers were not sent. The records are made later, some while the run sends. */
	static async prepare({ withheld, sync }: Pick<EndedRun, 'withheld' | 'sync'>): Promise<OutcomeRecords> {
		const whyWithheldById = new Map<string, WhyNotSent>();
		for await (const batch of inBatches(withheld)) {
			for (const withheldRows of batch) {
				if (withheldRows.customerId === undefined || whyWithheldById.has(withheldRows.customerId)) {
					continue;
				}
				const { outcome, code, reason } = failureOfWithheld(withheldRows);
				whyWithheldById.set(withheldRows.customerId, {
					outcome,
					code,
					reason: shownText(writeEnglish(reason, 'everything')),
				});
			}
		}
		return new OutcomeRecords(sync !== undefined, whyWithheldById);
	}

	/**
	 * The record of a call's customer. If the customer was accepted without its invalid rows, the record has the code and reason of those rows.
	 * @param nowMs the time now, Unix milliseconds: the time of the record if this run did not send the call
	 * @returns undefined if the customer is unchanged, or if the run leaves it to the next run
	 */
	ofCall({ call, fate, settledAtMs }: CallResult, nowMs: number): OutcomeRecord | undefined {
		const isForNextRun = fate.kind === 'postponed' || (fate.kind === 'notTried' && this.#isSync);
		if (fate.kind === 'unchanged' || isForNextRun) {
			return undefined;
		}
		const { id: customerId = '', devices = [] } = call.customer ?? {};
		const { outcome } = outcomeOf(fate)!;
		const requestId = decidingRequestIdOf(fate);
		const recordBase = { customerId, atMs: settledAtMs ?? nowMs, outcome, devices, requestId };
		const failure = failureOf(fate);
		if (failure === undefined) {
			const { code, reason } = this.#whyWithheld.get(customerId) ?? {};
			return { ...recordBase, code, reason };
		}
		return { ...recordBase, code: failure.code, reason: shownText(describe(failure, 'everything')) };
	}

	/**
	 * The records of all customers of a run, without the customers that a Sync makes no record for (see `OutcomeRecords`).
	 * @param nowMs the time now, Unix milliseconds: the time of the records of customers that this run did not send
	 * @param isOmitted whether to make no record for a call, given its index: e.g. because the log has its receipt
	 */
	async ofRun(
		{ calls, leftOut, sync, blocked, tally }: EndedRun,
		nowMs: number,
		isOmitted: (callIndex: number) => boolean = () => false,
	): Promise<OutcomeRecord[]> {
		if (this.#isSync && blocked !== undefined) {
			return [];
		}
		const records: OutcomeRecord[] = [];
		let callIndex = 0;
		for await (const batch of inBatches(calls)) {
			for (const callResult of batch) {
				const record = isOmitted(callIndex) ? undefined : this.ofCall(callResult, nowMs);
				if (record !== undefined) {
					records.push(record);
				}
				callIndex++;
			}
		}
		const addUnsentCustomer = (customerId: string, why: WhyNotSent) =>
			records.push({ customerId, atMs: nowMs, ...why, devices: [] });
		for (const [id, why] of this.#whyWithheld) {
			if (tally.whollyWithheldIds.has(id)) {
				addUnsentCustomer(id, why);
			}
		}
		for (const id of sync?.idsWithoutDevices ?? leftOut?.keys() ?? []) {
			addUnsentCustomer(id, NO_DEVICES);
		}
		return records;
	}
}
