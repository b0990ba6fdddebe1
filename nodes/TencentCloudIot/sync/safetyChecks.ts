import type { NamedDevices } from '../binding/customers';
import { digestOfText } from '../service/signing/signature';
import { type Failure, notSent, said } from '../service/outcome';
import { approve, CHECK_ADVICE, CHECKS, TOO_FEW } from '../messages/checks';
import { inSentences, type Message, named, NOTHING } from '../messages/message';

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

/** A product name with fewer devices is not missed. */
const FEWEST_DEVICES = 20;

/** With more product names than this in the rows, they name something else than product lines. */
const MOST_PRODUCTS = 200;

/** How much the rows of a run hold: the next run is judged by it. */
export interface RowCounts {
	/** All that the rows name. */
	customers: number;
	/** Those of them whose rows cannot be sent. */
	withheld: number;
	/** Those of them that are left out because they have no device. */
	leftOut: number;
	/** All DeviceIds that the rows name, usable or not. */
	devices: number;
	/** Product names with at least 20 devices; 0 where the rows have more than 200 names. */
	products: number;
}

/** Whether the names name product lines, and are there. */
export function isTold(products: NamedDevices['products']): boolean {
	return products.size > 0 && products.size <= MOST_PRODUCTS && (products.get('') ?? 0) < FEWEST_DEVICES;
}

/** The product names that a run leaves to the next one. */
export function missedProducts(products: NamedDevices['products']): string[] {
	if (products.size > MOST_PRODUCTS) return [];
	return [...products].flatMap(([name, devices]) => (name !== '' && devices >= FEWEST_DEVICES ? name : []));
}

/** The rows of the last run, and of this one: each quantity is compared with the same one. */
interface Numbers {
	before: RowCounts;
	now: RowCounts;
	/** Product names of the last run that are in the rows. */
	productsFound: number;
	/** Rows that name no device that can be read, and may name any. */
	unnamed?: number | undefined;
}

/** The queried customers of which the sync state knows what was accepted last. */
interface Judged {
	judged: number;
	/** The ids of the new and changed ones of them. */
	changed: readonly string[];
}

/** What is wrong with the rows: the cause with its numbers and the limit, the first customers it is about, and what to do. */
interface Tripped extends Record<'reason' | 'examples' | 'advice', Message> {
	code:
		| 'TOO_FEW_CUSTOMERS'
		| 'TOO_MANY_CHANGES'
		| 'TOO_MANY_MOVES'
		| 'TOO_FEW_DEVICES'
		| 'STATE_LOST'
		| 'OTHER_VERSION';
}

export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/** There was a run before, and nothing to judge the rows by: it is lost, or a version left it that writes another format. */
export function nothingToJudgeBy(code: 'STATE_LOST' | 'OTHER_VERSION'): Tripped {
	const reason = code === 'STATE_LOST' ? CHECKS.stateLost() : CHECKS.otherVersion();
	return { code, reason, examples: NOTHING, advice: CHECK_ADVICE.seeDryRun };
}

/** Too many customers are missing, withheld or without a device: a source that was read in part, or a broken column. */
export function tooFewCustomers(
	{ before, now }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ present, withheldIds }: { present: readonly string[]; withheldIds: readonly string[] },
): Tripped | undefined {
	const sent = ({ customers, withheld, leftOut }: RowCounts) => customers - withheld - leftOut;
	const isTooFew = (was: number, is: number) => was >= FEWEST_CUSTOMERS && isAbove(limit, was - is, was);
	if (!isTooFew(before.customers, now.customers) && !isTooFew(sent(before), sent(now))) return undefined;
	const causes = [
		{ count: before.customers - now.customers, ids: present, ...TOO_FEW.missing },
		{ count: now.withheld - before.withheld, ids: withheldIds, ...TOO_FEW.withheld },
		{ count: now.leftOut - before.leftOut, ids: [], ...TOO_FEW.withoutDevice },
	] as const;
	const found = causes.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
	const [first = causes[0]] = found;
	const counts = found.map(({ count, what }) => [count, what] as const);
	return {
		code: 'TOO_FEW_CUSTOMERS',
		reason: CHECKS.tooFew(before.customers, sent(before), counts, CHECKS.above(STOP_ABOVE, limit)),
		examples: named(first.named, first.ids.slice(0, MOST_NAMED)),
		advice: first.advice,
	};
}

/** Too many customers are new or changed: a broken column looks like that. */
export function tooManyChanges(
	{ before, now }: Numbers,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ judged, changed }: Judged,
): Tripped | undefined {
	if (before.customers < FEWEST_CUSTOMERS || judged < FEWEST_CUSTOMERS) return undefined;
	if (!isAbove(limit, changed.length, judged)) return undefined;
	const sendable = now.customers - now.withheld - now.leftOut;
	const reason = CHECKS.tooMany(changed.length, judged, sendable, CHECKS.above(STOP_ABOVE, limit));
	return { code: 'TOO_MANY_CHANGES', reason, advice: CHECK_ADVICE.mapping, ...ofChanged(changed) };
}

/** Too many devices would move to other customers: a wrong join looks like that. */
export function tooManyMoves(
	{ before }: Pick<Numbers, 'before'>,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	moved: ReadonlyArray<{ deviceId: string }>,
): Tripped | undefined {
	const devices = new Set(moved.map(({ deviceId }) => deviceId));
	if (before.devices < FEWEST_DEVICES || !isAbove(limit, devices.size, before.devices)) {
		return undefined;
	}
	const reason = CHECKS.tooManyMoves(devices.size, before.devices, CHECKS.above(STOP_ABOVE, limit));
	const examples = named(CHECK_ADVICE.moved, [...devices].slice(0, MOST_NAMED));
	return { code: 'TOO_MANY_MOVES', reason, examples, advice: CHECK_ADVICE.query };
}

/** Devices are missing: a join that loses rows, or a source that was read in part. */
export function tooFewDevices(
	{ before, now, unnamed = 0 }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.devices - now.devices - unnamed;
	if (lost < FEWEST_DEVICES || !isAbove(limit, lost, before.devices)) return undefined;
	const above = CHECKS.above('Stop When Devices Drop (%)', limit);
	const reason = CHECKS.fewerDevices(before.devices, now.devices, above);
	return { code: 'TOO_FEW_DEVICES', reason, advice: CHECK_ADVICE.query, ...ofChanged(changed) };
}

/** A product name is missing that had many devices. */
export function tooFewProducts(
	{ before, productsFound }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: Judged,
): Tripped | undefined {
	const lost = before.products - productsFound;
	if (limit >= 100 || lost <= 0) return undefined;
	const reason = CHECKS.fewerProducts(lost, before.products, FEWEST_DEVICES);
	return { code: 'TOO_FEW_DEVICES', reason, advice: CHECK_ADVICE.productNames, ...ofChanged(changed) };
}

/** Whether a part is more than a percentage of the whole: never more than 100 %. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

const STOP_ABOVE = 'Stop Above (% Changed)';

function ofChanged(ids: readonly string[]) {
	return { examples: named(CHECK_ADVICE.changed, ids.slice(0, MOST_NAMED)) };
}

/** A plan's id has this many characters of 6 bits each, which forms and URLs take as they are. */
const PLAN_LENGTH = 16;

/**
 * What names a plan: the same lists give the same id, whatever the order in each of them, and others another one.
 * @param lists all that the plan consists of: what would be sent, and what it is compared with
 */
export function planIdOf(lists: ReadonlyArray<readonly string[]>): string {
	const text = lists.map((list) => list.toSorted().join('\n')).join('\n\n');
	return digestOfText(text, PLAN_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

/**
 * Why nothing is sent.
 * @param tripped the reason of each, and what the first one advises: the others often follow from it
 * @param isAgain whether the last run was stopped by the same check
 */
export function stopBy(
	tripped: readonly [Tripped, ...Tripped[]],
	planId: string,
	approvedPlan: string,
	isAgain = false,
): Failure {
	const [{ code, examples, advice }] = tripped;
	const reasons = tripped.map((one) => one.reason);
	const changed = approvedPlan === '' ? (isAgain ? CHECK_ADVICE.again : NOTHING) : CHECK_ADVICE.otherPlan;
	const raise = advice === CHECK_ADVICE.seeDryRun ? NOTHING : CHECK_ADVICE.raise;
	const todo = [advice, approve(planId), raise, CHECK_ADVICE.stateUnchanged];
	const reason: Message = [reasons.map(([one]) => one).join(' '), reasons.map(([, one]) => one).join('；')];
	const stop = notSent(code, said(reason, inSentences([changed, examples, ...todo])));
	const inHint = { advice: inSentences([changed, ...todo])[0] };
	return { ...stop, inHint, planId, correction: { examples, advice } };
}
