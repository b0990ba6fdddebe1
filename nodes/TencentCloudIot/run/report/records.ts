import { inBatches } from '../../input/batches';
import { decidingRequestIdOf, failureOf, outcomeOf } from '../../service/fate';
import { describe } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { writeEnglish } from '../../messages/text';
import type { ReceiptOfRows } from '../../sync/log/receipt';
import { type CallResult, type EndedRun, withheldFor } from './result';

/** What became of one customer in a run: what Tencent accepted, or why it did not. Items show it, and the log keeps it. */
export type OutcomeRecord = Omit<ReceiptOfRows, 'node' | 'isPush' | 'lastMs'>;

/** Why rows of a customer were not sent. */
type NotSentRows = Pick<OutcomeRecord, 'outcome' | 'code' | 'reason'>;

const NO_DEVICES: NotSentRows = {
	outcome: 'NOT_SENT',
	code: 'NO_DEVICES',
	reason: 'The customer has no device in the rows.',
};

/**
 * The records of a run's customers: those that were accepted, failed, were withheld or lost their devices. Sync leaves out
 * customers that its next run sends, and has no records of a run that was stopped as a whole.
 */
export class OutcomeRecords {
	readonly #isSync: boolean;
	/** By the id of the customer. */
	readonly #withheld: ReadonlyMap<string, NotSentRows>;

	private constructor(isSync: boolean, withheld: ReadonlyMap<string, NotSentRows>) {
		this.#isSync = isSync;
		this.#withheld = withheld;
	}

	static async open({ withheld, sync }: Pick<EndedRun, 'withheld' | 'sync'>): Promise<OutcomeRecords> {
		const byCustomer = new Map<string, NotSentRows>();
		for await (const batch of inBatches(withheld)) {
			for (const held of batch) {
				if (held.customerId === undefined || byCustomer.has(held.customerId)) {
					continue;
				}
				const { outcome, code, reason } = withheldFor(held);
				byCustomer.set(held.customerId, {
					outcome,
					code,
					reason: shownText(writeEnglish(reason, 'everything')),
				});
			}
		}
		return new OutcomeRecords(sync !== undefined, byCustomer);
	}

	/**
	 * The record of a call's customer. A customer that was accepted without its invalid rows has the code and reason of these.
	 * @param endMs when the run ended, Unix milliseconds
	 * @returns undefined if there is nothing to record, or the next run sends the customer
	 */
	ofCall({ call, fate, atMs }: CallResult, endMs: number): OutcomeRecord | undefined {
		const isForNextRun = fate.kind === 'postponed' || (fate.kind === 'notTried' && this.#isSync);
		if (fate.kind === 'unchanged' || isForNextRun) {
			return undefined;
		}
		const { id: customerId = '', devices = [] } = call.customer ?? {};
		const { outcome } = outcomeOf(fate)!;
		const requestId = decidingRequestIdOf(fate);
		const recorded = { customerId, atMs: atMs ?? endMs, outcome, devices, requestId };
		const failure = failureOf(fate);
		if (failure === undefined) {
			const { code, reason } = this.#withheld.get(customerId) ?? {};
			return { ...recorded, code, reason };
		}
		return { ...recorded, code: failure.code, reason: shownText(describe(failure, 'everything')) };
	}

	/**
	 * The records of all customers.
	 * @param endMs when the run ended, Unix milliseconds
	 * @param isLeftOut whether a call, by its index, needs no record
	 */
	async ofRun(
		{ calls, leftOut, sync, blocked }: EndedRun,
		endMs: number,
		isLeftOut: (index: number) => boolean = () => false,
	): Promise<OutcomeRecord[]> {
		if (this.#isSync && blocked !== undefined) {
			return [];
		}
		const records: OutcomeRecord[] = [];
		const withheldWhole = new Map(this.#withheld);
		let index = 0;
		for await (const batch of inBatches(calls)) {
			for (const result of batch) {
				withheldWhole.delete(result.call.customer?.id ?? '');
				const record = isLeftOut(index) ? undefined : this.ofCall(result, endMs);
				if (record !== undefined) {
					records.push(record);
				}
				index++;
			}
		}
		const addNotSent = (customerId: string, why: NotSentRows) =>
			records.push({ customerId, atMs: endMs, ...why, devices: [] });
		for (const [id, why] of withheldWhole) {
			addNotSent(id, why);
		}
		for (const id of sync?.lostDevices ?? leftOut?.keys() ?? []) {
			addNotSent(id, NO_DEVICES);
		}
		return records;
	}
}
