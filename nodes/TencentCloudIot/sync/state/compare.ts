import type { Failure } from '../../service/outcome';
import { isChecked, tooFewCustomers, tooManyChanges, type Numbers } from '../safetyChecks';
import type { Verdict } from '../verdicts';
import { rePushesSince } from '../rePush';
import { ENTRIES_OF_A_CUSTOMER } from './lastRun';
import { Lookup, sampleOf } from './lookup';
import type { Opened } from './opened';
import type { SyncSettings } from './settings';

/** The largest sample that is queried before all others, customers. */
const LARGEST_SAMPLE = 500;
/** The smallest one: its share is right within ten percent, nineteen times in twenty. */
const SMALLEST_SAMPLE = 100;

/** Removing entries takes time for each pair of a removed and a kept one: 3 seconds for this many pairs. */
const MOST_PAIRS = 100_000_000;

/** More changed customers than this are not queried for being new or left over, which only decides their order of sending. */
const MOST_LEFT_OVER = 100_000;

/** The result of a comparison. */
export interface Compared {
	verdicts: readonly Verdict[];
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
 * 'Stop Above' may end the run, and a Dry Run may find all the others too costly.
 */
async function compare(opened: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, withheld = [], sendAll, dryRun, random } = settings;
	const { lease, lastRun, minute } = opened;
	const known = lastRun.customers;
	const numbers = { customers: customers.length, known, stopAbove: sendAll ? 100 : settings.stopAbove };
	const isScheduled = rePushesSince({
		everyDays: settings.pushAgainAfterDays,
		minute,
		lastMinute: lastRun.minute,
	});
	const lookup = new Lookup(lease, settings, isScheduled);
	const { verdicts } = lookup;
	const tooFew = tooFewCustomers(numbers, customers, withheld);
	if (tooFew !== undefined && !dryRun) return { verdicts, stopped: tooFew };

	const sample = dryRun || isChecked(numbers) ? sampleOf(sampleSize(known), customers.length, random) : [];
	await lookup.queryFingerprints(sample);
	const tooMany = await judge(lookup, sample, numbers, settings);
	const stopped = tooFew ?? tooMany;
	if (stopped !== undefined && !dryRun) return { verdicts, stopped };

	const all = [...customers.keys()];
	const others = lookup.among(all, 'unjudged');
	const mayAdd = (count: number) => !dryRun || count * (ENTRIES_OF_A_CUSTOMER * known + count) < MOST_PAIRS;
	if (mayAdd(newAmong(lookup, sample, others.length))) await lookup.queryFingerprints(others);
	const changed = lookup.among(all, 'changed');
	// Three more entries for each of them, beside its fingerprint.
	if (changed.length <= MOST_LEFT_OVER && mayAdd(4 * changed.length)) await lookup.queryLeftOver(changed);
	const areWithheldAsBefore = mayAdd(2 * withheld.length) && (await lookup.queryWithheld());
	const isUnchanged = lookup.among(all, 'unchanged').length === all.length;
	const isAsBefore = isUnchanged && areWithheldAsBefore && known === all.length + withheld.length;
	return {
		verdicts,
		stopped,
		isAsBefore: isAsBefore && !sendAll && lookup.isBesideOther !== true,
		withheldBefore: lookup.withheldBefore,
		gone: lookup.gone(known),
	};
}

async function judge(
	lookup: Lookup,
	sample: readonly number[],
	numbers: Numbers,
	{ customers }: SyncSettings,
): Promise<Failure | undefined> {
	const judge = () => {
		const leftOver = lookup.among(sample, 'waiting', 'failed').length;
		const changed = lookup.among(sample, 'new', 'changed').map((index) => customers[index]!);
		return tooManyChanges(numbers, { judged: sample.length - leftOver, changed });
	};
	// What was left over from the last run only looks like a change.
	if (judge() === undefined) return undefined;
	await lookup.queryLeftOver(sample);
	return judge();
}

/** How many customers are queried before all others, of a state that knows so many. */
export function sampleSize(known: number): number {
	return Math.min(LARGEST_SAMPLE, Math.max(SMALLEST_SAMPLE, Math.floor(MOST_PAIRS / known)));
}

/** How many of the others are not there, going by what the sample says. */
function newAmong(lookup: Lookup, sample: readonly number[], others: number): number {
	if (others === 0) return 0;
	const there = lookup.among(sample, 'unchanged', 'due').length;
	// Where a sample has none of them, there may still be three in as many others.
	return ((sample.length - there + 3) / sample.length) * others;
}
