import type { NamedDevices } from '../service/devices';
import { digestOfText } from '../service/signing/signature';
import { type Failure, notSent } from '../service/outcome';
import { CHECKS, firstIds } from '../messages/checks';
import { inReasons, inSentences, NO_TEXT, ours, type Text } from '../messages/text';

/** With fewer customers than this nothing is compared: a percentage of them says nothing. */
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
	/** What exactly that would do. */
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
					/** The hashes of customers that are no longer in the rows. */
					missing: readonly string[];
					/** The devices that the state has under another customer, each once. */
					moved: readonly Moved[];
			  }
			| undefined;
		/** How many requests it takes, without retries. */
		requests: number;
	};
	/** What to do where that is not meant, and the first customers that it is about. */
	correction: Record<'examples' | 'advice', Text>;
}

/**
 * A device that is now under another customer, and that no report has named yet. Where a push adds devices, the former owner keeps it at
 * Tencent, and no response shows that.
 */
export interface Moved {
	deviceId: string;
	/** The hashes of the device and of the customer who had it. A report names each pair once. */
	device: string;
	fromKey: string;
	/** Who had it; undefined for a customer that is not in the rows any more. */
	from: string | undefined;
	to: string;
	/** When it was first missed from the rows of its former owner, minutes since 1970. */
	since: number;
	/** Whether it was sent for `to` before this run. */
	isSent: boolean;
}

/** A failure as the stop of a safety check; undefined for one that has another reason. */
export function asStop(failure: Failure | undefined): Stop | undefined {
	return failure !== undefined && 'planId' in failure ? (failure as Stop) : undefined;
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
export function areProductLines(products: NamedDevices['products']): boolean {
	return products.size > 0 && products.size <= MOST_PRODUCTS && (products.get('') ?? 0) < FEWEST_DEVICES;
}

/** The product names that a run leaves to the next one. */
export function expectedProducts(products: NamedDevices['products']): string[] {
	if (products.size > MOST_PRODUCTS) {
		return [];
	}
	return [...products].flatMap(([name, devices]) => (name !== '' && devices >= FEWEST_DEVICES ? name : []));
}

/** The rows of the last run, and of this one: each quantity is compared with the same one. */
interface Numbers {
	before: RowCounts;
	now: RowCounts;
	/** What the last run had and this one has not; undefined where nobody knows who that was: then totals are compared. */
	missing?: Missing | undefined;
	/** The largest numbers of the last 14 days. */
	normal?: Normal | undefined;
	/** Product names of the last run that are in the rows. */
	productsFound: number;
	/** Rows that name no device that can be read, and may name any. */
	unnamed?: number | undefined;
}

/** What the last run had and this one has not. Whoever is withheld is not missing, nor are its devices. */
interface Missing {
	customers: number;
	/** Those of them whose rows could be sent in the last run. */
	sendable: number;
	/** Customers that had a device in the last run, and are left out now. */
	withoutDevice: number;
	/** Devices that are in no row. */
	devices: number;
}

/** How much rows usually hold. */
type Normal = Pick<RowCounts, 'customers' | 'devices'>;

/** The queried customers of which the sync state knows what was accepted last. */
interface JudgedChanges {
	judged: number;
	/** The ids of the new and changed ones of them. */
	changed: readonly string[];
}

/** What is wrong with the rows: the cause with its numbers and the limit, the first customers it is about, and what to do. */
interface Tripped extends Record<'reason' | 'examples' | 'advice', Text> {
	code:
		| 'TOO_FEW_CUSTOMERS'
		| 'TOO_MANY_CHANGES'
		| 'TOO_MANY_MOVES'
		| 'TOO_FEW_DEVICES'
		| 'STATE_LOST'
		| 'OTHER_VERSION';
	/** Set where no limit was passed: there is nothing to judge the rows by. */
	isUnreadable?: boolean;
}

export function isChecked({ stopAbovePercent, stopWhenDevicesDropPercent }: SafetyCheckOptions): boolean {
	return stopAbovePercent < 100 || stopWhenDevicesDropPercent < 100;
}

/**
 * There was a run before, and nothing to judge the rows by: it is lost, or a version left it that writes another format.
 * @param customers of the rows
 * @returns undefined where a new version may send so few without asking
 */
export function nothingToJudgeBy(
	code: 'STATE_LOST' | 'OTHER_VERSION',
	customers: number,
): Tripped | undefined {
	if (code === 'OTHER_VERSION' && customers < FEWEST_CUSTOMERS) {
		return undefined;
	}
	const reason = code === 'STATE_LOST' ? CHECKS.stateLost() : CHECKS.otherVersion();
	return { code, reason, examples: NO_TEXT, advice: CHECKS.advice.seeDryRun(), isUnreadable: true };
}

/** The rows of a run, against what is known of those before. */
interface JudgedRows {
	numbers: Numbers;
	changes: JudgedChanges;
	/** The devices that the run would move; undefined for a state of another account, which says nothing of these customers. */
	moves: ReadonlyArray<{ deviceId: string }> | undefined;
	/** The first customers that are in the rows. */
	present: readonly string[];
}

/** The checks that the rows do not pass; first the one whose advice counts. */
export function trippedBy(
	{ numbers, changes, moves, present }: JudgedRows,
	options: SafetyCheckOptions,
): Tripped[] {
	const { before, now, missing } = numbers;
	const tripped = [tooFewCustomers(numbers, options, present)];
	const fewDevices = tooFewDevices(numbers, options, changes);
	// If other devices stand in the place of those that are missing, a column is wrong rather than rows lost: its advice comes first then.
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
 * Too many customers are missing or without a device: a source that was read in part, or a broken join. Whoever is withheld is not sent,
 * and named: that stops nobody else.
 */
function tooFewCustomers(
	numbers: Numbers,
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
		const found = causes.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
		const [first = causes[0]!, ...further] = found;
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

/** Too many customers are new or changed: a broken column looks like that. */
function tooManyChanges(
	{ before, now }: Numbers,
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

/** Too many devices would move to other customers: a wrong join looks like that. */
function tooManyMoves(
	{ before }: Pick<Numbers, 'before'>,
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

/** Devices are missing: a join that loses rows, or a source that was read in part. */
function tooFewDevices(
	{ before, now, missing, normal, unnamed = 0 }: Numbers,
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
		const ofDrop = limitText('Stop When Devices Drop (%)', stopWhenDevicesDropPercent);
		const counts = { before: before.devices, limit: ofDrop };
		return stop(
			missing === undefined
				? CHECKS.fewerDevices({ ...counts, now: now.devices })
				: CHECKS.missingDevices({ ...counts, missing: lost }),
		);
	}
	// A few percent in a run add up. What a trade loses in two weeks is more than that of a run.
	const lostSince = (normal?.devices ?? 0) - now.devices - unnamed;
	if (stopWhenDevicesDropPercent < 100 && isTooFew(lostSince, stopAbovePercent, normal?.devices ?? 0)) {
		const counts = { normal: normal?.devices ?? 0, now: now.devices };
		return stop(CHECKS.fewerDevicesThanNormal({ ...counts, limit: limitText(STOP_ABOVE, stopAbovePercent) }));
	}
	return undefined;
}

/** A product name is missing that had many devices. */
function tooFewProducts(
	{ before, productsFound, unnamed = 0 }: Numbers,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changed }: JudgedChanges,
): Tripped | undefined {
	// The rows of a product may be those that name no device that can be read.
	const explained = Math.floor(unnamed / FEWEST_DEVICES);
	const lost = before.products - productsFound - explained;
	if (limit >= 100 || lost <= 0) {
		return undefined;
	}
	const reason = CHECKS.fewerProducts({ lost, before: before.products, devices: FEWEST_DEVICES });
	const advice = CHECKS.advice.productNames();
	return { code: 'TOO_FEW_DEVICES', reason, advice, examples: examplesOf(changed) };
}

/** Whether a part is more than a percentage of the whole: never more than 100 %. */
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

/** A plan ID as somebody has pasted it, without the blanks, the quotes or the full stop around it. */
export function pastedPlanId(text: string): string {
	return /[\dA-Za-z]+/.exec(text)?.[0] ?? '';
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
): Stop {
	const [{ code, examples, advice, isUnreadable = false }] = tripped;
	const todo: Text[] = [];
	if (approvedPlan !== '') {
		todo.push(CHECKS.advice.otherPlan());
	} else if (isAgain) {
		todo.push(CHECKS.advice.again());
	}
	todo.push(examples, advice, CHECKS.advice.approve({ planId: ours(planId) }));
	if (!isUnreadable) {
		todo.push(CHECKS.advice.raise());
	}
	todo.push(CHECKS.advice.stateUnchanged());
	const reason = CHECKS.all({ reasons: inReasons(tripped.map((check) => check.reason)) });
	const stop = notSent(code, { reason, advice: inSentences(todo) });
	return { ...stop, planId, correction: { examples, advice } };
}
