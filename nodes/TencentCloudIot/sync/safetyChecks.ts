import { counted } from '../service/words';
import { FEWEST_DEVICES, type RowCounts } from './entries/rowCounts';

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

/** What the sync state says of the queried customers, without those of whom it does not know what was accepted. */
export interface Judged {
	judged: number;
	/** The ids of the new and changed ones of them. */
	changed: readonly string[];
}

/** What is wrong with the rows. */
export interface Tripped {
	code: 'TOO_FEW_CUSTOMERS' | 'TOO_MANY_CHANGES' | 'TOO_FEW_DEVICES';
	/** The cause, its numbers, and the limit. */
	reason: string;
	/** Whom it is about, and what to do. */
	advice: string;
}

export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/** Too many customers are missing or withheld: a source that was read in part, or a column that cannot be used. */
export function tooFewCustomers(
	{ before, now, withheld }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ present, withheldIds }: { present: readonly string[]; withheldIds: readonly string[] },
): Tripped | undefined {
	const known = before.customers;
	const lost = known - (now.customers - withheld);
	if (known < FEWEST_CUSTOMERS || limit >= 100 || !isAbove(limit, lost, known)) return undefined;
	const missing = Math.max(0, known - now.customers);
	const of = `of ${counted(known, 'customer')}`;
	const parts =
		missing >= withheld
			? [`Missing from the rows: ${missing} ${of}`, ...(withheld > 0 ? [`withheld: ${withheld}`] : [])]
			: [`Withheld: ${withheld} ${of}`, ...(missing > 0 ? [`missing from the rows: ${missing}`] : [])];
	const examples =
		missing >= withheld
			? examplesOf('Still in the rows', present)
			: `${examplesOf('Withheld', withheldIds)}A Dry Run says why. `;
	return {
		code: 'TOO_FEW_CUSTOMERS',
		reason: `${parts.join('; ')}. The limit is ${limit} % ('Stop Above (% Changed)').`,
		advice: `${examples}Give Sync the rows of all customers in one run; push a few with the operation Push`,
	};
}

/** Too many customers are new or changed: a broken column looks like that. */
export function tooManyChanges(
	{ before, now, withheld }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ judged, changed }: Judged,
): Tripped | undefined {
	if (before.customers < FEWEST_CUSTOMERS || judged < FEWEST_CUSTOMERS || limit >= 100) return undefined;
	if (!isAbove(limit, changed.length, judged)) return undefined;
	const sendable = now.customers - withheld;
	const of = judged === sendable ? 'customers' : `compared customers (${sendable} in the rows)`;
	return {
		code: 'TOO_MANY_CHANGES',
		reason: `New or changed: ${changed.length} of ${judged} ${of}. The limit is ${limit} % ('Stop Above (% Changed)').`,
		advice: `${examplesOf('Among them', changed)}Correct the mapping or the rows`,
	};
}

/** Devices are missing: a join that loses rows, or a source that was read in part. */
export function tooFewDevices(
	{ before, now }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.devices - now.devices;
	if (limit >= 100 || lost < FEWEST_DEVICES || !isAbove(limit, lost, before.devices)) return undefined;
	return {
		code: 'TOO_FEW_DEVICES',
		reason: `Devices are missing: the rows hold ${now.devices}, those of the last run held ${before.devices}. The limit is ${limit} % ('Stop When Devices Drop (%)').`,
		advice: `${examplesOf('Changed', changed)}Check the query and its joins`,
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
		reason: `Product names are missing: ${lost} of ${before.products} that had at least ${FEWEST_DEVICES} devices each in the last run ('Stop When Devices Drop (%)').`,
		advice: `${examplesOf('Changed', changed)}Check the query, its joins and the column of the product name`,
	};
}

/** Whether a part is more than a percentage of the whole. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

function examplesOf(introduction: string, customerIds: readonly string[]): string {
	if (customerIds.length === 0) return '';
	const named = customerIds.slice(0, MOST_NAMED).map((customerId) => `'${customerId}'`);
	return `${introduction}: ${named.join(', ')}. `;
}
