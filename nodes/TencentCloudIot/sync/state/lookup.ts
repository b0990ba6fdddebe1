import type { Verdict } from '../verdicts';
import type { Judged } from '../safetyChecks';
import { COMPARING, type StateEntries } from '../entries/stateEntries';
import type { Lease } from './ownership/lease';
import type { SyncSettings } from './settings';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The fingerprint of what is to be sent, from `StateEntries.fingerprint`. */
	fingerprint: string;
}

/** What a customer that is not as it was accepted is queried for. */
const OF_ID = ['known', 'waiting', 'failed', 'compared'] as const;

/** Queries the sync state for customers, some at a time. To query is to record: what was not there before is there now. */
export class Lookup {
	/** What the sync state says of each customer. */
	readonly verdicts: Verdict[];
	/** Which of the withheld customers were withheld or had failed in the last run, too. */
	readonly withheldBefore = new Set<string>();
	/** Whether a run that began at the same moment had compared before: what it has queried looks as if it was accepted. */
	isBesideOther: boolean | undefined;
	/** Those left over from the last run, by index, of whom exactly what is in the rows was accepted last. */
	readonly asAccepted = new Set<number>();
	/** Those of whom the sync state knows what was accepted last. */
	readonly #compared = new Set<number>();
	#withheldKnown = 0;
	readonly #lease: Lease;
	readonly #customers: readonly SyncCustomer[];
	readonly #withheld: readonly string[];
	readonly #entries: StateEntries;
	readonly #isScheduled: (fingerprint: string) => boolean;
	/** Those queried for being left over. Queried twice, they would seem to be. */
	readonly #queriedLeftOver = new Set<number>();

	/** @param isScheduled from `rePushesSince` */
	constructor(
		lease: Lease,
		{ customers, withheld = [], entries }: Pick<SyncSettings, 'customers' | 'withheld' | 'entries'>,
		isScheduled: (fingerprint: string) => boolean,
	) {
		this.verdicts = customers.map(() => 'unjudged');
		this.#lease = lease;
		this.#customers = customers;
		this.#withheld = withheld;
		this.#entries = entries;
		this.#isScheduled = isScheduled;
	}

	/** The customers of some that have one of these verdicts. */
	among(indexes: readonly number[], ...verdicts: Verdict[]): number[] {
		return indexes.filter((index) => verdicts.includes(this.verdicts[index]!));
	}

	/** Of some customers, those with other devices than were accepted last, and of how many that is known. */
	judged(indexes: readonly number[]): Judged {
		const leftOver = this.among(indexes, 'waiting', 'failed');
		const unknown = leftOver.filter((index) => !this.#compared.has(index));
		const others = leftOver.filter((index) => this.#compared.has(index) && !this.asAccepted.has(index));
		const changed = [...this.among(indexes, 'new', 'changed'), ...others];
		return {
			judged: indexes.length - unknown.length,
			changed: changed.map((index) => this.#customers[index]!.customerId),
		};
	}

	/** How many customers of the last run are not in the rows; undefined where not everybody was queried. @param known all of the last run */
	gone(known: number): number | undefined {
		const isChangedKnown = (verdict: Verdict, index: number) =>
			verdict !== 'changed' || this.#queriedLeftOver.has(index);
		if (this.verdicts.includes('unjudged') || !this.verdicts.every(isChangedKnown)) return undefined;
		const present = this.verdicts.filter((verdict) => verdict !== 'new').length;
		return known - present - this.#withheldKnown;
	}

	/** Queries whether exactly this was accepted: afterwards each is unchanged, scheduled for its re-push, or changed. */
	async queryFingerprints(indexes: readonly number[]): Promise<void> {
		if (indexes.length === 0) return;
		const fingerprints = indexes.map((index) => this.#customers[index]!.fingerprint);
		const there = await this.#lease.record([COMPARING, ...fingerprints]);
		this.isBesideOther ??= there.has(COMPARING);
		for (const index of indexes) {
			const { fingerprint } = this.#customers[index]!;
			this.verdicts[index] = !there.has(fingerprint)
				? 'changed'
				: this.#isScheduled(fingerprint)
					? 'due'
					: 'unchanged';
		}
	}

	/** Queries which of the changed ones are new, and which were left over from the last run. */
	async queryLeftOver(indexes: readonly number[]): Promise<void> {
		const changed = this.among(indexes, 'changed').filter((index) => !this.#queriedLeftOver.has(index));
		if (changed.length === 0) return;
		const queried = changed.map((index) => {
			const { customerId, fingerprint } = this.#customers[index]!;
			const ofId = OF_ID.map((kind) => this.#entries[kind](customerId));
			return {
				index,
				entries: [...ofId, this.#entries.acceptedLast(fingerprint)],
			};
		});
		const there = await this.#lease.record(queried.flatMap(({ entries }) => entries));
		for (const { index, entries } of queried) {
			this.#queriedLeftOver.add(index);
			const [isKnown, isWaiting, isFailed, isCompared, isAsAccepted] = entries.map((entry) =>
				there.has(entry),
			);
			// Both are there only where an interrupted run has queried them.
			const isQueried = isWaiting && isFailed;
			if (isCompared) this.#compared.add(index);
			if (isAsAccepted) this.asAccepted.add(index);
			if (!isKnown) this.verdicts[index] = 'new';
			else if (isFailed && !isQueried) this.verdicts[index] = 'failed';
			else if (isWaiting && !isQueried) this.verdicts[index] = 'waiting';
		}
	}

	/** Queries the withheld customers. @returns whether the state has of each what this run would leave */
	async queryWithheld(): Promise<boolean> {
		if (this.#withheld.length === 0) return true;
		const queried = this.#withheld.map((customerId) => ({
			customerId,
			known: this.#entries.known(customerId),
			failed: this.#entries.failed(customerId),
		}));
		const there = await this.#lease.record(queried.flatMap(({ known, failed }) => [known, failed]));
		for (const { customerId, known, failed } of queried) {
			if (there.has(known)) this.#withheldKnown++;
			if (there.has(failed)) this.withheldBefore.add(customerId);
		}
		return this.withheldBefore.size === this.#withheld.length;
	}
}
