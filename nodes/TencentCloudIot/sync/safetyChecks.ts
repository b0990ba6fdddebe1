import type { NamedDevices } from '../service/devices';
import { digestOfText } from '../service/signing/signature';
import { type Failure, notSent } from '../service/outcome';
import { CHECKS, firstIds } from '../messages/checks';
import { inReasons, inSentences, NO_TEXT, ours, type Text } from '../messages/text';

/** With fewer customers than this no percentage is judged: a single one would be too large a part. */
const FEWEST_CUSTOMERS = 20;

/** What a user chose under 'Safety Checks'. */
export interface SafetyCheckOptions {
	/** 'Stop Above (% Changed)', percent; 100 for off. */
	stopAbovePercent: number;
	/** 'Stop When Devices Drop (%)', percent; 100 for off. */
	stopWhenDevicesDropPercent: number;
	/** 'Approved Plan'; empty for none. */
	approvedPlan: string;
}

/** Why a safety check stops a run, with what a person needs who decides on it. */
export interface Stop extends Failure {
	/** What a user approves to let exactly this pass, e.g. `q3BzX0yAf9LmK2dV`. */
	planId: string;
	/** What exactly it would do. */
	plan?: {
		/** Undefined where nothing is known of the last run. */
		before: { customers: number; devices: number } | undefined;
		now: { customers: number; devices: number; withheld: number };
		/** Undefined where nothing is known of the customers: the state is lost, or of another account. */
		changes:
			| {
					/** Ids of customers that the state does not know, and of those that have other devices. */
					added: readonly string[];
					changed: readonly string[];
					/** The hashes of customers that no row names any more. */
					missing: readonly string[];
					/** The devices that the state has under another customer, each once. */
					moved: readonly Moved[];
			  }
			| undefined;
		/** How many requests it takes, without retries. */
		requests: number;
	};
	/** What to do if the rows are wrong, and the first customers that the check is about. */
	correction: Record<'examples' | 'advice', Text>;
}

/**
 * A device that is now under another customer, while no report has said so. If a push adds devices instead of replacing them, the former
 * owner keeps the device at Tencent, and no response shows that.
 */
export interface Moved {
	deviceId: string;
	/** The hashes of the device and of its former owner. A report names each pair once. */
	device: string;
	fromKey: string;
	/** The CustomerId of the former owner; undefined where no row names it any more. */
	from: string | undefined;
	to: string;
	/** When it was first missed from the rows of its former owner, minutes since 1970. */
	since: number;
	/** Whether it was sent for `to` before this run. */
	isSent: boolean;
}

/** The failure as a `Stop`; undefined where no safety check has stopped the run. */
export function asStop(failure: Failure | undefined): Stop | undefined {
	return failure !== undefined && 'planId' in failure ? (failure as Stop) : undefined;
}

/** Fewer devices than this stop no run, whatever part of all they are; nor does a product name that had fewer. */
const FEWEST_DEVICES = 20;

/** If the rows have more product names than this, the column holds something else than product lines. */
const MOST_PRODUCTS = 200;

/** Counts of the rows of a run: the safety checks compare those of two runs. */
export interface RowCounts {
	/** All customers that the rows name. */
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

/** Whether the product names of the rows are those of product lines, and nearly every device has one. */
export function areProductLines(products: NamedDevices['products']): boolean {
	return products.size > 0 && products.size <= MOST_PRODUCTS && (products.get('') ?? 0) < FEWEST_DEVICES;
}

/** The product names with so many devices that the next run expects to find them again. */
export function expectedProducts(products: NamedDevices['products']): string[] {
	if (products.size > MOST_PRODUCTS) {
		return [];
	}
	return [...products].flatMap(([name, devices]) => (name !== '' && devices >= FEWEST_DEVICES ? name : []));
}

/** The rows of the last run, and of this one: each quantity is compared with the same one. */
interface ComparedCounts {
	before: RowCounts;
	now: RowCounts;
	/** What the last run had and this one has not. Undefined where the state does not name that run's customers: then totals are compared. */
	missing?: Missing | undefined;
	/** The largest counts of the last 14 days. */
	normal?: UsualCounts | undefined;
	/** Product names of the last run that are in the rows. */
	productsFound: number;
	/** How many rows have a DeviceId that cannot be read: each may name any device. */
	unnamed?: number | undefined;
}

/** What the last run had and this one has not. A customer that is withheld is not missing, nor are its devices. */
interface Missing {
	customers: number;
	/** How many of them had rows that could be sent in the last run. */
	sendable: number;
	/** Customers that had a device in the last run, and are left out now. */
	withoutDevice: number;
	/** Devices that are in no row. */
	devices: number;
}

/** The counts that rows usually have. */
type UsualCounts = Pick<RowCounts, 'customers' | 'devices'>;

/** The customers whose rows can be compared with the sync state, and those of them that differ from it. */
interface JudgedChanges {
	/** How many can be compared. */
	judged: number;
	/** The ids of those that are new or changed. */
	changed: readonly string[];
}

/** A check that the rows have not passed: why, with numbers and limit; the first customers that it is about; and what to do. */
interface Tripped extends Record<'reason' | 'examples' | 'advice', Text> {
	code:
		| 'TOO_FEW_CUSTOMERS'
		| 'TOO_MANY_CHANGES'
		| 'TOO_MANY_MOVES'
		| 'TOO_FEW_DEVICES'
		| 'STATE_LOST'
		| 'OTHER_VERSION';
	/** Set where there is nothing to compare the rows with: then raising a limit does not help. */
	hasNothingToCompare?: boolean;
}

/** Whether any safety check is on. */
export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/**
 * Runs before have left a state that cannot be compared: it is lost, or another version of this package wrote it in a format of its own.
 * @param customers how many the rows name
 * @returns undefined after a change of version, if the rows name so few customers that nobody need be asked
 */
export function nothingToJudgeBy(
	code: 'STATE_LOST' | 'OTHER_VERSION',
	customers: number,
): Tripped | undefined {
	if (code === 'OTHER_VERSION' && customers < FEWEST_CUSTOMERS) {
		return undefined;
	}
	const reason = code === 'STATE_LOST' ? CHECKS.stateLost() : CHECKS.otherVersion();
	return { code, reason, examples: NO_TEXT, advice: CHECKS.advice.seeDryRun(), hasNothingToCompare: true };
}

/** The rows of a run, and what is known of those before. */
interface JudgedRows {
	numbers: ComparedCounts;
	changes: JudgedChanges;
	/** The devices that the run would move; undefined for a state of another account, which says nothing about these customers. */
	moves: ReadonlyArray<{ deviceId: string }> | undefined;
	/** The first customers that are in the rows. */
	present: readonly string[];
}

/** The checks that the rows do not pass. The first one gives the advice. */
export function trippedBy(
	{ numbers, changes, moves, present }: JudgedRows,
	options: SafetyCheckOptions,
): Tripped[] {
	const { before, now, missing } = numbers;
	const tripped = [tooFewCustomers(numbers, options, present)];
	const fewDevices = tooFewDevices(numbers, options, changes);
	// If about as many devices came as are missing, a column is wrong rather than rows are lost. Then the advice on changes comes first.
	const isDrop = 2 * (before.devices - now.devices) >= (missing?.devices ?? 0);
	if (isDrop) {
		tripped.push(fewDevices);
	}
	if (moves !== undefined) {
		tripped.push(
			tooManyChanges(numbers, options, changes),
			tooManyMoves(numbers, options, moves),
			tooFewProducts(numbers, options, changes),
		);
	}
	if (!isDrop) {
		tripped.push(fewDevices);
	}
	return tripped.filter((check) => check !== undefined);
}

/**
 * Too many customers are missing or have no device: the source was read in part, or a join is broken. Customers that are withheld do not
 * count: they are not sent, and the report names them.
 */
function tooFewCustomers(
	numbers: ComparedCounts,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	present: readonly string[],
): Tripped | undefined {
	const { before, now, missing, normal } = numbers;
	const isTooFew = (was: number, lost: number) => was >= FEWEST_CUSTOMERS && isAbove(limit, lost, was);
	const limitPassed = limitText(STOP_ABOVE, limit);
	const stop = (reason: Text, { examples, advice }: typeof CHECKS.causes.missing): Tripped => {
		return {
			code: 'TOO_FEW_CUSTOMERS',
			reason,
			examples: examples({ ids: firstIds(present) }),
			advice: advice(),
		};
	};
	if (missing === undefined) {
		const isStopped =
			isTooFew(before.customers, before.customers - now.customers) ||
			isTooFew(withDevice(before), withDevice(before) - withDevice(now));
		if (!isStopped) {
			return undefined;
		}
		const facts = { before: before.customers, now: now.customers, limit: limitPassed };
		return stop(CHECKS.fewerCustomers(facts), CHECKS.causes.missing);
	}
	const sendable = before.customers - before.withheld - before.leftOut;
	if (
		isTooFew(before.customers, missing.customers) ||
		isTooFew(sendable, missing.sendable + missing.withoutDevice)
	) {
		const causes = [
			{ count: missing.customers, ...CHECKS.causes.missing },
			{ count: missing.withoutDevice, ...CHECKS.causes.withoutDevice },
		];
		const foundCauses = causes.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
		const [first = causes[0]!, ...further] = foundCauses;
		const reason = CHECKS.tooFew({
			count: first.count,
			before: before.customers,
			valid: sendable === before.customers ? undefined : sendable,
			cause: first.cause(),
			further: further.map(({ count, cause }) => CHECKS.furtherCause({ count, cause: cause() })),
			limit: limitPassed,
		});
		return stop(reason, first);
	}
	if (normal !== undefined && isTooFew(normal.customers, normal.customers - now.customers)) {
		const facts = { normal: normal.customers, now: now.customers, limit: limitPassed };
		return stop(CHECKS.fewerCustomersThanNormal(facts), CHECKS.causes.missing);
	}
	return undefined;
}

function withDevice({ customers, leftOut }: RowCounts): number {
	return customers - leftOut;
}

/** Too many customers are new or changed: a column may be mapped wrongly. */
function tooManyChanges(
	{ before, now }: ComparedCounts,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ judged, changed }: JudgedChanges,
): Tripped | undefined {
	if (before.customers < FEWEST_CUSTOMERS || judged < FEWEST_CUSTOMERS) {
		return undefined;
	}
	if (!isAbove(limit, changed.length, judged)) {
		return undefined;
	}
	const sendable = now.customers - now.withheld - now.leftOut;
	const counts = { changed: changed.length, judged, limit: limitText(STOP_ABOVE, limit) };
	const reason =
		judged === sendable ? CHECKS.tooMany(counts) : CHECKS.tooManyOfCompared({ ...counts, sendable });
	return { code: 'TOO_MANY_CHANGES', reason, advice: CHECKS.advice.mapping(), examples: examplesOf(changed) };
}

/** Too many devices would move to other customers: a join may be wrong. */
function tooManyMoves(
	{ before }: Pick<ComparedCounts, 'before'>,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	moved: NonNullable<JudgedRows['moves']>,
): Tripped | undefined {
	const devices = new Set(moved.map(({ deviceId }) => deviceId));
	if (before.devices < FEWEST_DEVICES || !isAbove(limit, devices.size, before.devices)) {
		return undefined;
	}
	const counts = { moved: devices.size, before: before.devices, limit: limitText(STOP_ABOVE, limit) };
	const examples = CHECKS.advice.moved({ ids: firstIds([...devices]) });
	const advice = CHECKS.advice.query();
	return { code: 'TOO_MANY_MOVES', reason: CHECKS.tooManyMoves(counts), examples, advice };
}

/** Too many devices are missing: a join loses rows, or the source was read in part. */
function tooFewDevices(
	{ before, now, missing, normal, unnamed = 0 }: ComparedCounts,
	{ stopWhenDevicesDropPercent, stopAbovePercent }: SafetyCheckOptions,
	{ changed }: JudgedChanges,
): Tripped | undefined {
	const isTooFew = (lost: number, limit: number, was: number) => {
		return lost >= FEWEST_DEVICES && isAbove(limit, lost, was);
	};
	const stop = (reason: Text): Tripped => {
		return { code: 'TOO_FEW_DEVICES', reason, advice: CHECKS.advice.query(), examples: examplesOf(changed) };
	};
	const lost = missing?.devices ?? before.devices - now.devices - unnamed;
	if (isTooFew(lost, stopWhenDevicesDropPercent, before.devices)) {
		const limitPassed = limitText('Stop When Devices Drop (%)', stopWhenDevicesDropPercent);
		const counts = { before: before.devices, limit: limitPassed };
		return stop(
			missing === undefined
				? CHECKS.fewerDevices({ ...counts, now: now.devices })
				: CHECKS.missingDevices({ ...counts, missing: lost }),
		);
	}
	// A few percent in each run add up. So two weeks have a limit of their own, that of 'Stop Above (% Changed)', as a business loses more in them than in a run.
	const lostSince = (normal?.devices ?? 0) - now.devices - unnamed;
	if (stopWhenDevicesDropPercent < 100 && isTooFew(lostSince, stopAbovePercent, normal?.devices ?? 0)) {
		const counts = { normal: normal?.devices ?? 0, now: now.devices };
		return stop(CHECKS.fewerDevicesThanNormal({ ...counts, limit: limitText(STOP_ABOVE, stopAbovePercent) }));
	}
	return undefined;
}

/** A product name that had many devices is missing. */
function tooFewProducts(
	{ before, productsFound, unnamed = 0 }: ComparedCounts,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: JudgedChanges,
): Tripped | undefined {
	// The rows of a missing product may be among those whose device cannot be read.
	const mayBeUnreadable = Math.floor(unnamed / FEWEST_DEVICES);
	const lost = before.products - productsFound - mayBeUnreadable;
	if (limit >= 100 || lost <= 0) {
		return undefined;
	}
	const reason = CHECKS.fewerProducts({ lost, before: before.products, devices: FEWEST_DEVICES });
	const advice = CHECKS.advice.productNames();
	return { code: 'TOO_FEW_DEVICES', reason, advice, examples: examplesOf(changed) };
}

/** Whether a part is more than a percentage of the whole. With 100 % it never is. */
function isAbove(percent: number, part: number, whole: number): boolean {
	return 100 * part > percent * whole;
}

const STOP_ABOVE = 'Stop Above (% Changed)';

function limitText(check: string, limit: number): Text {
	return CHECKS.above({ check: ours(check), limit });
}

function examplesOf(ids: readonly string[]): Text {
	return CHECKS.advice.changed({ ids: firstIds(ids) });
}

/** A plan ID has this many characters of 6 bits each; none of them must be escaped in a form or a URL. */
const PLAN_ID_LENGTH = 16;

/**
 * The plan ID of a plan: the same lists give the same one, whatever the order within each of them.
 * @param lists everything that the plan consists of: what would be sent, and what it is compared with
 */
export function planIdOf(lists: ReadonlyArray<readonly string[]>): string {
	const text = lists.map((list) => list.toSorted().join('\n')).join('\n\n');
	return digestOfText(text, PLAN_ID_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

/** Takes the plan ID out of a pasted text: without blanks, quotes or a full stop around it. */
export function pastedPlanId(text: string): string {
	return /[\dA-Za-z]+/.exec(text)?.[0] ?? '';
}

/**
 * Makes the stop of a run from the checks that it has not passed.
 * @param tripped all of them give a reason; only the first one gives advice, since the others often follow from it
 * @param isAgain whether the last run was stopped by the same check
 */
export function stopBy(
	tripped: readonly [Tripped, ...Tripped[]],
	planId: string,
	approvedPlan: string,
	isAgain = false,
): Stop {
	const [{ code, examples, advice, hasNothingToCompare = false }] = tripped;
	const adviceTexts: Text[] = [];
	if (approvedPlan !== '') {
		adviceTexts.push(CHECKS.advice.otherPlan());
	} else if (isAgain) {
		adviceTexts.push(CHECKS.advice.again());
	}
	adviceTexts.push(examples, advice, CHECKS.advice.approve({ planId: ours(planId) }));
	if (!hasNothingToCompare) {
		adviceTexts.push(CHECKS.advice.raise());
	}
	adviceTexts.push(CHECKS.advice.stateUnchanged());
	const reason = CHECKS.all({ reasons: inReasons(tripped.map((check) => check.reason)) });
	const stop = notSent(code, { reason, advice: inSentences(adviceTexts) });
	return { ...stop, planId, correction: { examples, advice } };
}
