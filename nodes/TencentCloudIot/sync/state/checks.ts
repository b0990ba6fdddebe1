import type { Failure } from '../../service/outcome';
import { planIdOf, stopFor } from '../approvedPlan';
import { CountEntries, type RowCounts } from '../entries/rowCounts';
import {
	isChecked,
	tooFewCustomers,
	tooFewDevices,
	tooFewProducts,
	tooManyChanges,
	type Judged,
	type Tripped,
} from '../safetyChecks';
import { failed } from './fence';
import { Lookup } from './lookup';
import { PASSING_MS } from './ownership/passing';
import { sampleOf } from './sample';
import type { Opened } from './opened';
import { countsOf, type SyncSettings } from './settings';

/** The largest sample that is queried before all others, customers. */
const LARGEST_SAMPLE = 500;
/** The smallest one: its share is right within ten percent, nineteen times in twenty. */
const SMALLEST_SAMPLE = 100;

/** Removing entries takes time for each pair of a removed and a kept one: 3 seconds for this many pairs. */
export const MOST_PAIRS = 100_000_000;

/** How often a run reads the counts while another one queries them. */
const MOST_READS = 4;

/**
 * Reads what the last run had in its rows.
 * @returns undefined where that is not known
 */
export async function countsBefore(
	{ lease, lastRun, there }: Opened,
	settings: SyncSettings,
): Promise<RowCounts | undefined> {
	const { entries, clock, signal } = settings;
	const counts = new CountEntries(entries.account);
	const now = countsOf(settings);
	if (lastRun.state === 'used' && there.has(counts.same(now))) return now;
	const reads = lastRun.state === 'used' ? MOST_READS : 1;
	for (let read = 0; read < reads && !lease.isLost; read++) {
		if (read > 0) await clock.sleep(PASSING_MS, signal);
		const found = await lease.record(counts.all);
		// At once: the state of a run that dies with them would show nothing.
		await lease.added.remove(counts.all.filter((entry) => !found.has(entry))).catch(failed);
		const before = counts.read(found);
		if (before !== undefined) return before;
	}
	return undefined;
}

/**
 * Looks up a sample of the customers and judges the rows by it, and by what the last run had in its rows.
 * @returns the sample, by index, and why nothing is to be sent
 */
export async function runChecks(
	lookup: Lookup,
	{ lastRun, there }: Opened,
	before: RowCounts | undefined,
	settings: SyncSettings,
): Promise<{ sample: readonly number[]; stopped: Failure | undefined }> {
	const { entries, customers, withheld = [], rows, checks, dryRun, random } = settings;
	const takeSample = async () => {
		const sample = sampleOf(sampleSize(before?.customers ?? 0), customers.length, random);
		await lookup.queryFingerprints(sample);
		return sample;
	};
	if (before === undefined || !isChecked(checks)) {
		return { sample: dryRun ? await takeSample() : [], stopped: undefined };
	}
	const names = [...rows.products.keys()];
	const found = names.filter((name) => there.has(entries.product(name))).length;
	const numbers = {
		before,
		now: countsOf(settings),
		withheld: withheld.length,
		productsFound: names.length === 0 ? before.products : found,
		invalidRows: rows.invalidRows,
	};
	const present = customers.slice(0, 3).map(({ customerId }) => customerId);
	const few = tooFewCustomers(numbers, checks, { present, withheldIds: withheld });
	const sample = few === undefined || dryRun ? await takeSample() : [];
	const judge = (judged: Judged): Tripped | undefined =>
		few ??
		tooFewDevices(numbers, checks, judged) ??
		tooManyChanges(numbers, checks, judged) ??
		tooFewProducts(numbers, checks, judged);
	// What was left over from the last run only looks like a change.
	if (judge(lookup.judged(sample)) !== undefined) await lookup.queryLeftOver(sample);
	const tripped = judge(lookup.judged(sample));
	if (tripped === undefined) return { sample, stopped: undefined };
	const state = lastRun.state === 'used' ? String(lastRun.minute) : 'interrupted';
	const fingerprints = customers.map(({ fingerprint }) => fingerprint);
	const planId = planIdOf(fingerprints, withheld, state);
	const isApproved = planId === checks.approvedPlan;
	return { sample, stopped: isApproved ? undefined : stopFor(tripped, planId, checks.approvedPlan) };
}

/**
 * Runs the safety checks over a state that an interrupted run left. What that run had queried seems to be there, so that
 * what it sent counts as unchanged.
 * @returns why nothing is to be sent; to be ignored by a caller that finds the lease lost
 */
export async function checkInterrupted(opened: Opened, settings: SyncSettings): Promise<Failure | undefined> {
	if (!isChecked(settings.checks)) return undefined;
	const before = await countsBefore(opened, settings);
	const lookup = new Lookup(opened.lease, settings, () => false);
	return (await runChecks(lookup, opened, before, settings)).stopped;
}

/** How many customers are queried before all others. @param known customers in the sync state */
export function sampleSize(known: number): number {
	return Math.min(LARGEST_SAMPLE, Math.max(SMALLEST_SAMPLE, Math.floor(MOST_PAIRS / known)));
}
