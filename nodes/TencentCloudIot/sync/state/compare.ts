import type { Failure } from '../../service/outcome';
import { rePushesSince, type Verdict } from '../verdicts';
import { type Baseline, judgeRows, MOST_PAIRS, type Opened } from './baseline';
import { type Asking, type Kind, kindsAsked, type StateEntries } from './entries';
import type { SyncSettings } from './settings';

/** More changed customers than this are not queried for being new or left over, which only decides their order of sending. */
const MOST_LEFT_OVER = 60_000;

/** Each customer has an entry for what became of it, and one that shows that it is known. */
const ENTRIES_OF_A_CUSTOMER = 2;

/** Of no more customers everything is asked with the claim, so that a run with nothing to send need not own the state. */
const MOST_IN_CLAIM = 5000;

/** The result of a comparison. */
export interface Compared {
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

/**
 * Judges the rows, and compares the customers with the state. Of one that is not closed nothing counts as unchanged; that of
 * another account has nothing to compare with.
 */
export async function compareWith(opened: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, dryRun, refusal } = settings;
	const all = (verdict: Verdict) => customers.map(() => verdict);
	if (refusal !== undefined) return { verdicts: all('changed'), stopped: refusal };
	const { baseline, stopped } = await judgeRows(opened, settings);
	if (!opened.lease.isClosed)
		return { verdicts: all('changed'), stopped, asAccepted: new Set(customers.keys()) };
	if (stopped !== undefined && !dryRun) return { verdicts: all('unjudged'), stopped };
	if (opened.lastRun.state === 'used') return { ...(await compare(opened, settings, baseline)), stopped };
	return { verdicts: all('new'), stopped };
}

/** Asks for the customers in a sync state of their account. A Dry Run, which takes all of it back, may find that too costly. */
async function compare(
	{ lease, lastRun, minute }: Opened,
	settings: SyncSettings,
	baseline: Baseline | undefined,
): Promise<Omit<Compared, 'stopped'>> {
	const { customers, withheld = [], leftOut = [], inPart = new Set(), sendAll, dryRun, isManual } = settings;
	const ask = async (asking: Asking, ids: readonly string[]): Promise<Map<string, ReadonlySet<Kind>>> => {
		const [{ entries }, kinds] = [settings, kindsAsked(asking)];
		const there = await lease.ask(entriesAsked(entries, asking, ids));
		return new Map(ids.map((id) => [id, new Set(kinds.filter((kind) => there.has(entries.of(kind, id))))]));
	};
	const known = baseline?.counts.customers ?? customers.length;
	const mayAdd = (count: number) => !dryRun || count * (ENTRIES_OF_A_CUSTOMER * known + count) < MOST_PAIRS;
	const all = [...customers.keys()];
	const compared = mayAdd(changedAmong(all.length, baseline)) ? all : (baseline?.sample ?? []);
	const verdicts = customers.map((): Verdict => 'unjudged');
	const fingerprints = await lease.ask(compared.map((index) => customers[index]!.fingerprint));
	const isScheduled = rePushesSince({
		everyDays: settings.pushAgainAfterDays,
		minute,
		lastMinute: lastRun.minute,
	});
	for (const index of compared) {
		const { fingerprint } = customers[index]!;
		const asBefore = isScheduled(fingerprint) ? 'due' : 'unchanged';
		verdicts[index] = fingerprints.has(fingerprint) ? asBefore : 'changed';
	}
	const changed = all.filter((index) => verdicts[index] === 'changed');
	// Four more entries for each of them, beside its fingerprint.
	const isLeftOverAsked = changed.length <= MOST_LEFT_OVER && mayAdd(5 * changed.length);
	const idsOf = (indexes: readonly number[]) => indexes.map((index) => customers[index]!.customerId);
	const leftOver = await ask('changed', idsOf(isLeftOverAsked ? changed : []));
	for (const index of isLeftOverAsked ? changed : []) {
		const kinds = leftOver.get(customers[index]!.customerId)!;
		if (!kinds.has('known')) verdicts[index] = 'new';
		else if (kinds.has('failed')) verdicts[index] = 'failed';
		else if (kinds.has('waiting')) verdicts[index] = 'waiting';
	}
	const ofWithheld = await ask('withheld', mayAdd(3 * withheld.length) ? withheld : []);
	const ofLeftOut = await ask('left out', mayAdd(4 * leftOut.length) ? leftOut : []);
	const newlyLeftOut = [...ofLeftOut.keys()].filter((id) => !ofLeftOut.get(id)!.has('withoutDevice'));
	const ofNewlyLeftOut = await ask('newly left out', newlyLeftOut);
	const accepted = all.filter((index) => verdicts[index] === 'unchanged' || verdicts[index] === 'due');
	const others = lastRun.isAcceptedReported ? accepted : [];
	const ofOthers = await ask('accepted', idsOf(mayAdd(others.length) ? others : []));
	const withKind = (found: ReadonlyMap<string, ReadonlySet<Kind>>, kind: Kind) =>
		[...found.keys()].filter((id) => found.get(id)!.has(kind));
	const failing = new Set([leftOver, ofWithheld, ofOthers].flatMap((found) => withKind(found, 'reported')));
	// Who was withheld may never have had a device.
	const bare = withKind(ofNewlyLeftOut, 'known').filter((id) => !ofNewlyLeftOut.get(id)!.has('failed'));
	const isAsBefore =
		others.length === 0 &&
		verdicts.every((verdict) => verdict === 'unchanged') &&
		withKind(ofWithheld, 'failed').length === withheld.length &&
		withKind(ofLeftOut, 'withoutDevice').length === leftOut.length &&
		// To take back what was asked of many customers takes longer than to write the state anew.
		(isManual === true || (inPart.size === 0 && failing.size === withheld.length)) &&
		baseline?.isSame === true;
	const isAllAsked = !verdicts.includes('unjudged') && (isLeftOverAsked || changed.length === 0);
	const present = [
		...all.filter((index) => verdicts[index] !== 'new'),
		...[ofWithheld, ofNewlyLeftOut].flatMap((found) => withKind(found, 'known')),
	];
	return {
		verdicts,
		asAccepted: baseline?.asAccepted,
		isAsBefore: isAsBefore && !sendAll,
		failing,
		bare: new Set(bare),
		gone:
			baseline && isAllAsked
				? baseline.counts.customers - baseline.counts.leftOut - present.length
				: undefined,
	};
}

/** How many customers have changed, going by what the sample says. */
function changedAmong(customers: number, baseline: Baseline | undefined): number {
	if (baseline === undefined || baseline.sample.length === 0) return customers;
	const { sample, asAccepted } = baseline;
	// Where a sample has none of them, there may still be three in as many others.
	return ((sample.length - asAccepted.size + 3) / sample.length) * customers;
}

function entriesAsked(entries: StateEntries, asking: Asking, ids: readonly string[]): string[] {
	const kinds = kindsAsked(asking);
	return ids.flatMap((id) => kinds.map((kind) => entries.of(kind, id)));
}

/** What a run asks first of its customers. */
export function customerQuestions({
	entries,
	customers,
	withheld = [],
	leftOut = [],
}: SyncSettings): string[] {
	if (customers.length + withheld.length + leftOut.length > MOST_IN_CLAIM) return [];
	return [
		...customers.map(({ fingerprint }) => fingerprint),
		...entriesAsked(entries, 'withheld', withheld),
		...entriesAsked(entries, 'left out', leftOut),
	];
}
