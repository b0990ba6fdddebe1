import type { Failure } from '../../service/outcome';
import { isGuarded, tooFewCustomers, tooManyChanges, type Numbers } from '../guards';
import type { Verdict } from '../plan';
import type { Lease } from './lease';
import { Lookup, sampleOf, type Turns } from './lookup';
import type { SyncSettings } from './settings';

/** So many customers at most are asked for before all others. */
const LARGEST_SAMPLE = 500;
/** A share of so many customers is right within ten percent, nineteen times in twenty. */
const SMALLEST_SAMPLE = 100;

/** Taking marks out takes time with each of them and with all that there are: 3 seconds for so many pairs. */
const MOST_PAIRS = 100_000_000;

/** Of more customers than this it is not asked whether they were left over: it decides on the order of sending only. */
const MOST_LEFT_OVER = 100_000;

/** What came of asking. */
export interface Compared {
	verdicts: readonly Verdict[];
	/** Why the run is not to go on. Only some of the customers were asked for then. */
	stopped: Failure | undefined;
}

/**
 * Asks a memory that knows the account for the customers. Where what is asked for may have to be taken back, a sample is
 * asked for first: 'Stop Above' may end the run, and a Dry Run may find all the others too costly.
 * @param known how many customers the memory knows
 */
export async function compare(
	lease: Lease,
	known: number,
	turns: Turns,
	settings: SyncSettings,
): Promise<Compared> {
	const { customers, heldBack = [], marks, sendAll, dryRun, random } = settings;
	const numbers = { customers: customers.length, known, stopAbove: sendAll ? 100 : settings.stopAbove };
	const lookup = new Lookup(lease, customers, marks, turns);
	const { verdicts } = lookup;
	const tooFew = tooFewCustomers(numbers, customers, heldBack);
	if (tooFew !== undefined && !dryRun) return { verdicts, stopped: tooFew };

	const sample = dryRun || isGuarded(numbers) ? sampleOf(sampleSize(known), customers.length, random) : [];
	await lookup.askAccepted(sample);
	const tooMany = await judge(lookup, sample, numbers, settings);
	const stopped = tooFew ?? tooMany;
	if (stopped !== undefined && !dryRun) return { verdicts, stopped };

	const all = [...customers.keys()];
	const others = lookup.among(all, 'unjudged');
	const mayAdd = (count: number) => !dryRun || count * (known + count) < MOST_PAIRS;
	if (mayAdd(newAmong(lookup, sample, others.length))) await lookup.askAccepted(others);
	const changed = lookup.among(all, 'changed');
	// Two more marks for each of them, beside the one that was asked for already.
	if (changed.length <= MOST_LEFT_OVER && mayAdd(3 * changed.length)) await lookup.askLeftOver(changed);
	return { verdicts, stopped };
}

async function judge(
	lookup: Lookup,
	sample: readonly number[],
	numbers: Numbers,
	{ customers }: SyncSettings,
): Promise<Failure | undefined> {
	const judge = () => {
		const leftOver = lookup.among(sample, 'waiting').length + lookup.among(sample, 'failed').length;
		const changed = lookup.among(sample, 'changed').map((index) => customers[index]!);
		return tooManyChanges(numbers, { judged: sample.length - leftOver, changed });
	};
	// What was left over from the last run only looks like a change.
	if (judge() === undefined) return undefined;
	await lookup.askLeftOver(sample);
	return judge();
}

function sampleSize(known: number): number {
	return Math.min(LARGEST_SAMPLE, Math.max(SMALLEST_SAMPLE, Math.floor(MOST_PAIRS / known)));
}

/** How many of the others are not there, going by what the sample says. */
function newAmong(lookup: Lookup, sample: readonly number[], others: number): number {
	if (others === 0) return 0;
	const there = lookup.among(sample, 'unchanged').length + lookup.among(sample, 'due').length;
	// Where a sample has none of them, there may still be three in as many others.
	return ((sample.length - there + 3) / sample.length) * others;
}
