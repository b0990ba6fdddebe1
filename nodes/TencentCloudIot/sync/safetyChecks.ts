import { digestOfText } from '../service/digest';
import { type Failure, notSent } from '../service/outcome';
import { counted, quoted } from '../service/words';
import { FEWEST_DEVICES, type RowCounts } from './state/baseline';

/** Rows are not compared with fewer customers than this, and a share of fewer says nothing. */
export const FEWEST_CUSTOMERS = 20;

/** The most customers that a message names. */
const MOST_NAMED = 3;

/** What a user chose under 'Safety Checks'. */
export interface SafetyCheckOptions {
	/** 'Stop Above (% Changed)', percent; 100 for off. */
	stopAbovePercent: number;
	/** 'Stop When Devices Drop (%)', percent; 100 for off. */
	stopWhenDevicesDropPercent: number;
	/** 'Approved Plan'; empty for none. */
	approvedPlan: string;
}

/** The rows of the last run, and of this one. */
export interface Numbers {
	before: RowCounts;
	now: RowCounts;
	/** Customers whose rows cannot be sent. */
	withheld: number;
	/** Product names of the last run that are in the rows. */
	productsFound: number;
	/** Rows that cannot be used. */
	invalidRows: number;
}

/** What the sync state says of the queried customers, without those for which it does not know what was accepted. */
export interface Judged {
	judged: number;
	/** The ids of the new and changed ones of them. */
	changed: readonly string[];
}

/** What is wrong with the rows. */
export interface Tripped {
	code: 'TOO_FEW_CUSTOMERS' | 'TOO_MANY_CHANGES' | 'TOO_FEW_DEVICES' | 'STATE_LOST';
	/** The cause, its numbers, and the limit. */
	reason: string;
	/** Whom it is about, one sentence; empty for nobody. */
	examples: string;
	/** What to do. */
	advice: string;
}

export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/**
 * There was a run before, and nothing is left of it to judge the rows by.
 * @param known how many customers it had, within a tenth; undefined where that is not known
 */
export function lostState(known: number | undefined): Tripped {
	const of = known === undefined ? '' : ` of about ${counted(known, 'customer')}`;
	return {
		code: 'STATE_LOST',
		reason: `The sync state${of} is lost: n8n's database was reset, or a run was killed while it replaced the state.`,
		examples: '',
		advice: 'The rows cannot be checked: look at a Dry Run. Every customer is sent once',
	};
}

/** Too many customers are missing or withheld: a source that was read in part, or a column that cannot be used. */
export function tooFewCustomers(
	{ before, now, withheld }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ present, withheldIds }: { present: readonly string[]; withheldIds: readonly string[] },
): Tripped | undefined {
	const known = before.customers;
	const lost = known - (now.customers - withheld);
	if (known < FEWEST_CUSTOMERS || !isAbove(limit, lost, known)) return undefined;
	const missing = Math.max(0, known - now.customers);
	const of = `of ${counted(known, 'customer')} are`;
	const what =
		missing >= withheld
			? `${missing} ${of} missing from the rows${withheld > 0 ? ` and ${withheld} withheld` : ''}`
			: `${withheld} ${of} withheld${missing > 0 ? ` and ${missing} missing from the rows` : ''}`;
	const examples =
		missing >= withheld
			? examplesOf('Still in the rows', present)
			: examplesOf('A Dry Run says why they are withheld', withheldIds);
	return {
		code: 'TOO_FEW_CUSTOMERS',
		reason: `${what}, ${above('Stop Above (% Changed)', limit)}`,
		examples,
		advice: 'Give Sync the rows of all customers in one run; push a few with the operation Push',
	};
}

/** Too many customers are new or changed: a broken column looks like that. */
export function tooManyChanges(
	{ before, now, withheld }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ judged, changed }: Judged,
): Tripped | undefined {
	if (before.customers < FEWEST_CUSTOMERS || judged < FEWEST_CUSTOMERS) return undefined;
	if (!isAbove(limit, changed.length, judged)) return undefined;
	const sendable = now.customers - withheld;
	const of = judged === sendable ? 'customers' : `compared customers, of ${sendable} in the rows,`;
	return {
		code: 'TOO_MANY_CHANGES',
		reason: `${changed.length} of ${judged} ${of} are new or changed, ${above('Stop Above (% Changed)', limit)}`,
		examples: examplesOf('Changed', changed),
		advice: 'Correct the mapping or the rows',
	};
}

/** Devices are missing: a join that loses rows, or a source that was read in part. */
export function tooFewDevices(
	{ before, now }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.devices - now.devices;
	if (lost < FEWEST_DEVICES || !isAbove(limit, lost, before.devices)) return undefined;
	return {
		code: 'TOO_FEW_DEVICES',
		reason: `The rows have ${now.devices} devices, those of the last run had ${before.devices}: a drop ${above('Stop When Devices Drop (%)', limit)}`,
		examples: examplesOf('Changed', changed),
		advice: 'Check the query and its joins',
	};
}

/** A product name is missing that had many devices. Invalid rows may have it. */
export function tooFewProducts(
	{ before, productsFound, invalidRows }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.products - productsFound;
	if (limit >= 100 || lost <= 0 || invalidRows >= FEWEST_DEVICES) return undefined;
	return {
		code: 'TOO_FEW_DEVICES',
		reason: `Missing from the rows: ${lost} of ${counted(before.products, 'product name')} with at least ${FEWEST_DEVICES} devices in the last run, which 'Stop When Devices Drop (%)' does not allow.`,
		examples: examplesOf('Changed', changed),
		advice: 'Check the query, its joins and the column of the product name',
	};
}

/** Whether a part is more than a percentage of the whole: never more than 100 %. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

/** @param check whose label may have brackets, so that none are put around it */
function above(check: string, limit: number): string {
	return `above the limit of ${limit} % in '${check}'.`;
}

function examplesOf(introduction: string, customerIds: readonly string[]): string {
	return customerIds.length === 0 ? '' : `${introduction}: ${quoted(customerIds.slice(0, MOST_NAMED))}. `;
}

/** Of a plan's id, characters of 6 bits each: those of base64url that a form and a URL take as they are. */
const PLAN_LENGTH = 16;

/**
 * What names a plan: all that is in the rows, and the sync state that it is compared with. Another row or another state is
 * another plan.
 * @param state whatever is new after each run that ended
 */
export function planIdOf(
	fingerprints: readonly string[],
	withheld: readonly string[],
	state: string,
): string {
	const parts = [state, ...fingerprints.toSorted(), '', ...withheld.toSorted()];
	return digestOfText(parts.join('\n'), PLAN_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

/**
 * Why nothing is sent.
 * @param tripped the reason of each, and what the first one advises: the others often follow from it
 */
export function stopBy(
	[first, ...others]: readonly [Tripped, ...Tripped[]],
	planId: string,
	approvedPlan: string,
): Failure {
	const { code, examples, advice } = first;
	const all = [first, ...others];
	const reason = all.map((one) => one.reason).join(' ');
	const tripped = [...new Set(all.map((one) => one.code))];
	const changed =
		approvedPlan === '' ? '' : "Rows or sync state have changed since the plan in 'Approved Plan'. ";
	const approve = `If this is meant, set 'Approved Plan' under 'Safety Checks' to ${planId} and run again`;
	const todo = `${advice}. ${approve}. The sync state is unchanged`;
	const stop = notSent(code, reason, `${changed}${examples}${todo}`);
	return { ...stop, adviceInHint: `${changed}${todo}`, planId, tripped };
}
