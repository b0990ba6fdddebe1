import type { Failure } from '../../service/outcome';
import { rePushesSince, type Verdict } from '../verdicts';
import { type Baseline, judgeRows, MOST_PAIRS } from './baseline';
import { ACCEPTED_REPORTED, COMPARING, type StateEntries } from './entries';
import type { Lease } from './lease';
import type { Opened, SyncCustomer, SyncSettings } from './settings';

/** More changed customers than this are not queried for being new or left over, which only decides their order of sending. */
const MOST_LEFT_OVER = 60_000;

/** Each customer has an entry for what became of it, and one that shows that it is known. */
const ENTRIES_OF_A_CUSTOMER = 2;

/** The result of a comparison. */
interface Compared {
	verdicts: readonly Verdict[];
	/** Sampled customers, by index, for which exactly what is in the rows was accepted last. */
	asAccepted?: ReadonlySet<number> | undefined;
	/** Why the run is not to go on. */
	stopped: Failure | undefined;
	/** Whether nobody is to be sent, and the state already says of all customers what this run would leave. */
	isAsBefore?: boolean;
	failing?: ReadonlySet<string>;
	bare?: ReadonlySet<string>;
	gone?: number | undefined;
}

/** Judges the rows, and compares the customers with a closed state. That of another account has nothing to compare with. */
export async function compareWith(opened: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, refusal, dryRun } = settings;
	if (refusal !== undefined) return { verdicts: [], stopped: refusal };
	const { baseline, stopped } = await judgeRows(opened, settings);
	if (stopped !== undefined && !dryRun) return { verdicts: customers.map(() => 'unjudged'), stopped };
	if (opened.lastRun.state === 'used') return { ...(await compare(opened, settings, baseline)), stopped };
	return { verdicts: customers.map(() => 'new'), stopped };
}

/** Queries the customers in a sync state of their account. A Dry Run, which takes its queries back, may find that too costly. */
async function compare(
	{ lease, lastRun, minute, there }: Opened,
	settings: SyncSettings,
	baseline: Baseline | undefined,
): Promise<Omit<Compared, 'stopped'>> {
	const { customers, withheld = [], leftOut = [], inPart = new Set(), sendAll, dryRun, isManual } = settings;
	const isScheduled = rePushesSince({
		everyDays: settings.pushAgainAfterDays,
		minute,
		lastMinute: lastRun.minute,
	});
	const lookup = new Lookup(lease, settings, isScheduled);
	const { verdicts } = lookup;
	const known = baseline?.counts.customers ?? customers.length;
	const all = [...customers.keys()];
	const mayAdd = (count: number) => !dryRun || count * (ENTRIES_OF_A_CUSTOMER * known + count) < MOST_PAIRS;
	await lookup.queryFingerprints(mayAdd(changedAmong(all.length, baseline)) ? all : (baseline?.sample ?? []));
	const changed = lookup.among(all, 'changed');
	// Four more entries for each of them, beside its fingerprint.
	if (changed.length <= MOST_LEFT_OVER && mayAdd(5 * changed.length)) await lookup.queryLeftOver(changed);
	const areWithheldAsBefore = mayAdd(3 * withheld.length) && (await lookup.queryWithheld());
	const areLeftOutAsBefore = mayAdd(4 * leftOut.length) && (await lookup.queryLeftOut(leftOut));
	const others = there.has(ACCEPTED_REPORTED) ? lookup.among(all, 'unchanged', 'due') : [];
	if (mayAdd(others.length)) await lookup.queryReported(others);
	const { failing } = lookup;
	// To take back what was queried of many customers takes longer than to write the state anew.
	const isSaid = isManual === true || (inPart.size === 0 && failing.size === withheld.length);
	const isUnchanged = others.length === 0 && lookup.among(all, 'unchanged').length === all.length;
	const isAsBefore =
		isUnchanged && areWithheldAsBefore && areLeftOutAsBefore && isSaid && baseline?.isSame === true;
	return {
		verdicts,
		asAccepted: baseline?.asAccepted,
		isAsBefore: isAsBefore && !sendAll && lookup.isBesideOther !== true,
		failing,
		bare: lookup.bare,
		gone: baseline && lookup.gone(baseline.counts.customers - baseline.counts.leftOut),
	};
}

/** How many customers have changed, going by what the sample says. */
function changedAmong(customers: number, baseline: Baseline | undefined): number {
	if (baseline === undefined || baseline.sample.length === 0) return customers;
	const { sample, asAccepted } = baseline;
	// Where a sample has none of them, there may still be three in as many others.
	return ((sample.length - asAccepted.size + 3) / sample.length) * customers;
}

/** What a customer that is not as it was accepted is queried for. */
const OF_ID = ['known', 'waiting', 'failed', 'reported'] as const;

/** Queries the sync state for customers, some at a time. To query is to record: what was not there before is there now. */
export class Lookup {
	/** What the sync state says of each customer. */
	readonly verdicts: Verdict[];
	/** The customers of which it was reported that they fail, and not that this is over. */
	readonly failing = new Set<string>();
	/** The customers without a device that had some, and of which that was not reported. */
	readonly bare = new Set<string>();
	/** Whether a run that began at the same moment had compared before: what it has queried looks as if it was accepted. */
	isBesideOther: boolean | undefined;
	#unsentKnown = 0;
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

	/** How many customers of the last run are not in the rows; undefined where not everybody was queried. @param known all of the last run */
	gone(known: number): number | undefined {
		const isChangedKnown = (verdict: Verdict, index: number) =>
			verdict !== 'changed' || this.#queriedLeftOver.has(index);
		if (this.verdicts.includes('unjudged') || !this.verdicts.every(isChangedKnown)) return undefined;
		const present = this.verdicts.filter((verdict) => verdict !== 'new').length;
		return known - present - this.#unsentKnown;
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
			const { customerId } = this.#customers[index]!;
			return { index, customerId, entries: OF_ID.map((kind) => this.#entries[kind](customerId)) };
		});
		const there = await this.#lease.record(queried.flatMap(({ entries }) => entries));
		for (const { index, customerId, entries } of queried) {
			this.#queriedLeftOver.add(index);
			const [isKnown, isWaiting, isFailed, isReported] = entries.map((entry) => there.has(entry));
			// Both are there only where another run queries them.
			const isQueried = isWaiting && isFailed;
			if (!isKnown) this.verdicts[index] = 'new';
			else if (isFailed && !isQueried) this.verdicts[index] = 'failed';
			else if (isWaiting && !isQueried) this.verdicts[index] = 'waiting';
			if (isReported && !isQueried) this.failing.add(customerId);
		}
	}

	/** Queries of which of some customers it was reported that they fail. */
	async queryReported(indexes: readonly number[]): Promise<void> {
		if (indexes.length === 0) return;
		const ids = indexes.map((index) => this.#customers[index]!.customerId);
		const there = await this.#lease.record(ids.map((id) => this.#entries.reported(id)));
		for (const id of ids) if (there.has(this.#entries.reported(id))) this.failing.add(id);
	}

	/** Queries the customers without a device. @returns whether none had one, as far as was not reported */
	async queryLeftOut(ids: readonly string[]): Promise<boolean> {
		if (ids.length === 0) return true;
		const there = await this.#lease.record(ids.map((id) => this.#entries.withoutDevice(id)));
		const others = ids.filter((id) => !there.has(this.#entries.withoutDevice(id)));
		if (others.length === 0) return true;
		const kinds = ['known', 'failed'] as const;
		const entriesOf = (id: string) => kinds.map((kind) => this.#entries[kind](id));
		const of = await this.#lease.record(others.flatMap(entriesOf));
		for (const id of others) {
			const [isKnown, isFailed] = entriesOf(id).map((entry) => of.has(entry));
			if (isKnown) this.#unsentKnown++;
			// Who was withheld may never have had one.
			if (isKnown && !isFailed) this.bare.add(id);
		}
		return false;
	}

	/** Queries the withheld customers. @returns whether all were known, and not to be sent */
	async queryWithheld(): Promise<boolean> {
		if (this.#withheld.length === 0) return true;
		const kinds = ['known', 'failed', 'reported'] as const;
		const queried = this.#withheld.map((id) => ({
			id,
			entries: kinds.map((kind) => this.#entries[kind](id)),
		}));
		const there = await this.#lease.record(queried.flatMap(({ entries }) => entries));
		let failed = 0;
		for (const { id, entries } of queried) {
			const [isKnown, isFailed, isReported] = entries.map((entry) => there.has(entry));
			if (isKnown) this.#unsentKnown++;
			if (isFailed) failed++;
			if (isReported) this.failing.add(id);
		}
		return failed === queried.length;
	}
}
