import { notSent, type Failure } from '../service/outcome';

/** Rows are not compared with a sync state of fewer customers than this. */
export const FEWEST_KNOWN_CUSTOMERS = 100;

/** A share of fewer customers than this says nothing. */
export const FEWEST_JUDGED_CUSTOMERS = 20;

/** So many customers are named in a message. */
const MOST_NAMED = 3;

const ALL_IN_ONE = 'Sync needs all customers in one run';

const LET_PASS =
	"If this is meant, run it once with 'Stop Above' at 100 or 'Send' at Every Customer. Otherwise correct the rows or the columns and run it again: the sync state is unchanged";

/** How many customers there are now and how many there were, and what the user allows. */
export interface Numbers {
	/** Customers whose rows can be sent. */
	customers: number;
	/** Customers in the sync state: those of the last run that ended. */
	known: number;
	/** 'Stop Above', percent. */
	stopAbove: number;
}

/** Somebody to name in a message. */
interface Named {
	customerId: string;
}

/** What the sync state says of the queried customers, without those left over from the last run. */
export interface Judged {
	judged: number;
	/** The new and changed ones of them. */
	changed: readonly Named[];
}

/** Whether the sync state has enough customers to compare with, and the user wants it. */
export function isChecked({ known, stopAbove }: Numbers): boolean {
	return known >= FEWEST_KNOWN_CUSTOMERS && stopAbove < 100;
}

/**
 * Why nothing is sent when too many customers are missing: a source that was read in part looks like that, and a column
 * that cannot be used.
 * @param withheld the customers whose rows cannot be sent
 */
export function tooFewCustomers(
	numbers: Numbers,
	present: readonly Named[],
	withheld: readonly string[],
): Failure | undefined {
	const { customers, known, stopAbove } = numbers;
	if (!isChecked(numbers) || !isAbove(stopAbove, known - customers, known)) return undefined;
	const last = `those of the last run held ${known}: more than ${stopAbove} % are missing`;
	const [reason, examples] =
		withheld.length === 0
			? [`The rows hold ${customersOf(customers)} and ${last}.`, examplesOf('In the rows', idsOf(present))]
			: [
					`The rows hold ${customersOf(customers + withheld.length)}, ${withheld.length} of them withheld, and ${last} or withheld.`,
					`${examplesOf('Withheld', withheld)}A Dry Run says why. `,
				];
	return notSent(
		'TOO_FEW_CUSTOMERS',
		reason,
		`${examples}${ALL_IN_ONE}; push a few of them with the operation Push. ${LET_PASS}`,
	);
}

/** Why nothing is sent when too many customers are new or changed: a broken column looks like that. */
export function tooManyChanges(numbers: Numbers, { judged, changed }: Judged): Failure | undefined {
	const { customers, stopAbove } = numbers;
	const isMany = judged >= FEWEST_JUDGED_CUSTOMERS && isAbove(stopAbove, changed.length, judged);
	if (!isChecked(numbers) || !isMany) return undefined;
	const compared = judged === customers ? '' : `${judged} were compared, and of these `;
	const are = changed.length === 1 ? 'is' : 'are';
	return notSent(
		'TOO_MANY_CHANGES',
		`Of ${customers} customers ${compared}${changed.length} ${are} new or changed: more than the ${stopAbove} % of 'Stop Above'.`,
		`${examplesOf('Among them', idsOf(changed))}${ALL_IN_ONE}, not in parts. ${LET_PASS}`,
	);
}

/** Whether a part is more than so many percent of the whole. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

function customersOf(count: number): string {
	return `${count} ${count === 1 ? 'customer' : 'customers'}`;
}

function idsOf(customers: readonly Named[]): string[] {
	return customers.map(({ customerId }) => customerId);
}

function examplesOf(introduction: string, customerIds: readonly string[]): string {
	if (customerIds.length === 0) return '';
	const named = customerIds.slice(0, MOST_NAMED).map((customerId) => `'${customerId}'`);
	return `${introduction}: ${named.join(', ')}. `;
}
