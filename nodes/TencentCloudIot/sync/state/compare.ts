import type { Failure } from '../../service/outcome';
import { CountEntries } from '../entries/rowCounts';
import type { Verdict } from '../verdicts';
import { rePushesSince } from '../rePush';
import { ENTRIES_OF_A_CUSTOMER } from './lastRun';
import { countsBefore, MOST_PAIRS, runChecks } from './checks';
import { Lookup } from './lookup';
import type { Opened } from './opened';
import { countsOf, type SyncSettings } from './settings';

/** More changed customers than this are not queried for being new or left over, which only decides their order of sending. */
const MOST_LEFT_OVER = 60_000;

/** The result of a comparison. */
export interface Compared {
	verdicts: readonly Verdict[];
	/** Those left over from the last run, by index, of whom exactly what is in the rows was accepted last. */
	asAccepted?: ReadonlySet<number>;
	/** Why the run is not to go on. Only a sample was queried then. */
	stopped: Failure | undefined;
	/** Whether nobody is to be sent, and the state already says of all customers what this run would leave. */
	isAsBefore?: boolean;
	withheldBefore?: ReadonlySet<string>;
	gone?: number | undefined;
}

/** Compares the customers with a closed state. That of another account has nothing to compare with. */
export async function compareWith(opened: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, refusal } = settings;
	if (refusal !== undefined) return { verdicts: [], stopped: refusal };
	if (opened.lastRun.state === 'used') return await compare(opened, settings);
	return { verdicts: customers.map(() => 'new'), stopped: undefined, withheldBefore: new Set() };
}

/**
 * Queries the customers in a sync state of their account. Where the queries may have to be undone, a sample goes first:
 * a safety check may end the run, and a Dry Run may find all the others too costly.
 */
async function compare(opened: Opened, settings: SyncSettings): Promise<Compared> {
	const { entries, customers, withheld = [], sendAll, dryRun } = settings;
	const { lease, lastRun, minute, there } = opened;
	const isScheduled = rePushesSince({
		everyDays: settings.pushAgainAfterDays,
		minute,
		lastMinute: lastRun.minute,
	});
	const lookup = new Lookup(lease, settings, isScheduled);
	const { verdicts, asAccepted } = lookup;
	const before = await countsBefore(opened, settings);
	const { sample, stopped } = await runChecks(lookup, opened, before, settings);
	if (stopped !== undefined && !dryRun) return { verdicts, stopped };

	const known = before?.customers ?? customers.length;
	const all = [...customers.keys()];
	const others = lookup.among(all, 'unjudged');
	const mayAdd = (count: number) => !dryRun || count * (ENTRIES_OF_A_CUSTOMER * known + count) < MOST_PAIRS;
	if (mayAdd(newAmong(lookup, sample, others.length))) await lookup.queryFingerprints(others);
	const changed = lookup.among(all, 'changed');
	// Five more entries for each of them, beside its fingerprint.
	if (changed.length <= MOST_LEFT_OVER && mayAdd(6 * changed.length)) await lookup.queryLeftOver(changed);
	const areWithheldAsBefore = mayAdd(2 * withheld.length) && (await lookup.queryWithheld());
	const isUnchanged = lookup.among(all, 'unchanged').length === all.length;
	const areCountsAsBefore = there.has(new CountEntries(entries.account).same(countsOf(settings)));
	const isAsBefore = isUnchanged && areWithheldAsBefore && areCountsAsBefore;
	return {
		verdicts,
		asAccepted,
		stopped,
		isAsBefore: isAsBefore && !sendAll && lookup.isBesideOther !== true,
		withheldBefore: lookup.withheldBefore,
		gone: before && lookup.gone(before.customers),
	};
}

/** How many of the others are not there, going by what the sample says. */
function newAmong(lookup: Lookup, sample: readonly number[], others: number): number {
	if (others === 0) return 0;
	const there = lookup.among(sample, 'unchanged', 'due').length;
	// Where a sample has none of them, there may still be three in as many others.
	return ((sample.length - there + 3) / sample.length) * others;
}
