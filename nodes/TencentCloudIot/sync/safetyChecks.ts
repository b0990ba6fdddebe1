import type { NamedDevices } from '../service/devices';
import { notSent } from '../service/outcome';
import { CHECKS, firstIds } from '../messages/checks';
import { inReasons, inSentences, NO_TEXT, ours, type Text } from '../messages/text';
import type { Stop } from './stop';

/** The checks of customers are off below this number of customers: a single customer would be too large a percentage. */
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

/** Fewer missing devices than this never stop a run, however large their percentage. Product names with fewer devices are not checked. */
const FEWEST_DEVICES = 20;

/** If the rows have more product names than this, the names are not product lines, and no safety check compares them. */
const MOST_PRODUCTS = 200;

/** What a run's rows add up to. The safety checks compare the counts of two runs. */
export interface RowCounts {
	/** How many customers the rows name. */
	customers: number;
	/** How many of `customers` are withheld: their rows cannot be sent. */
	withheld: number;
	/** How many of `customers` are left out: they have no device. */
	leftOut: number;
	/** How many DeviceIds the rows name, usable or not. */
	devices: number;
	/** How many product names have at least 20 devices; 0 if the rows have more than 200 product names. */
	products: number;
}

/** The product names with at least 20 devices: the next run stops if its rows lack one of them. */
export function frequentProductNames(products: NamedDevices['deviceCountByProduct']): string[] {
	if (products.size > MOST_PRODUCTS) {
		return [];
	}
	return [...products].flatMap(([name, deviceCount]) =>
		name !== '' && deviceCount >= FEWEST_DEVICES ? name : [],
	);
}

/** The counts that the safety checks compare: those of the last run's rows, and those of this run's rows. */
interface CountsOfBothRuns {
	before: RowCounts;
	now: RowCounts;
	/** What this run's rows lack, counted one by one; undefined if the state does not name its customers. Then totals are compared. */
	missing?: MissingCounts | undefined;
	/** The most customers and devices of the last 14 days; undefined if the table has no state of this account. */
	largest?: LargestCounts | undefined;
	/** How many of the last run's product names this run's rows have, too. */
	foundProductCount: number;
	/** How many rows have a DeviceId that cannot be read. Each may name a device that seems to be missing, so that many missing devices do not count. */
	unreadableDeviceRowCount?: number | undefined;
}

/** How many customers and devices the last run's rows had that this run's rows do not have. Withheld customers and their devices do not count. */
interface MissingCounts {
	/** How many customers no row names any more. */
	customers: number;
	/** How many of `customers` had rows that could be sent in the last run. */
	sendable: number;
	/** How many customers had a device in the last run, and are left out now. */
	withoutDevice: number;
	/** How many devices no row names any more. */
	devices: number;
}

/** The most customers and the most devices that the rows of any run of the last 14 days had. */
type LargestCounts = Pick<RowCounts, 'customers' | 'devices'>;

/** The customers that count in the percentage of changed ones: those with rows that can be sent, unless the state has nothing to compare them with. */
interface ComparedCustomers {
	/** How many customers are compared. */
	comparedCount: number;
	/** The ids of the compared customers that are new or changed. */
	changedIds: readonly string[];
}

/**
 * A safety check that the rows have not passed. `reason` says why, with numbers and limit; `examples` names the first customers that the check
 * is about; `advice` says what to do.
 */
interface TrippedCheck extends Record<'reason' | 'examples' | 'advice', Text> {
	code:
		| 'TOO_FEW_CUSTOMERS'
		| 'TOO_MANY_CHANGES'
		| 'TOO_MANY_MOVES'
		| 'TOO_FEW_DEVICES'
		| 'STATE_LOST'
		| 'OTHER_VERSION';
	/** Whether the state is lost or cannot be read. Then nothing was compared, and raising a limit does not help. */
	hasNothingToCompare?: boolean;
}

/** What the safety checks judge: how the rows of a run differ from those of the last run. */
interface JudgedRows {
	counts: CountsOfBothRuns;
	comparedCustomers: ComparedCustomers;
	/** The devices that the run would move to another customer; undefined if the state is of another account, which cannot tell. */
	moves: ReadonlyArray<{ deviceId: string }> | undefined;
	/** The ids of the first customers that are still in the rows: examples for a message that most others are missing. */
	exampleIds: readonly string[];
}

/** The safety checks of a run, as the user has set them. */
export class SafetyChecks {
	readonly #options: SafetyCheckOptions;

	constructor(options: SafetyCheckOptions) {
		this.#options = options;
	}

	/** Whether the product names of the rows look like product lines (at most 200 names, fewer than 20 devices without one), so they can be checked. */
	static areProductLines(counts: NamedDevices['deviceCountByProduct']): boolean {
		return counts.size > 0 && counts.size <= MOST_PRODUCTS && (counts.get('') ?? 0) < FEWEST_DEVICES;
	}

	/**
	 * Makes the check for a state that cannot be compared: it is lost, or another version of this package wrote it in its own format.
	 * @param customerCount how many customers the rows name
	 * @returns undefined after a change of version if the rows name fewer than 20 customers: pushing them all again needs no approval
	 */
	static checkUnreadableState(
		code: 'STATE_LOST' | 'OTHER_VERSION',
		customerCount: number,
	): TrippedCheck | undefined {
		if (code === 'OTHER_VERSION' && customerCount < FEWEST_CUSTOMERS) {
			return undefined;
		}
		const reason = code === 'STATE_LOST' ? CHECKS.stateLost() : CHECKS.otherVersion();
		return { code, reason, examples: NO_TEXT, advice: CHECKS.advice.seeDryRun(), hasNothingToCompare: true };
	}

	/** Whether any check is on. */
	get isAnyOn(): boolean {
		return this.#options.stopAbovePercent < 100 || this.#options.stopWhenDevicesDropPercent < 100;
	}

	/** Makes all checks. @returns those that the rows do not pass; the message takes its advice from the first of them */
	findTripped({ counts, comparedCustomers, moves, exampleIds }: JudgedRows): TrippedCheck[] {
		const options = this.#options;
		const { before, now, missing } = counts;
		// If most of what is missing was replaced by something new, a column is probably mapped wrongly, so the advice on mapping comes first.
		const areMostUnreplaced = (countBefore: number, countNow: number, missingCount = 0) =>
			2 * (countBefore - countNow) >= missingCount;
		const missingChecks = [
			{
				check: checkCustomerCount(counts, options, exampleIds),
				isBeforeMappingChecks: areMostUnreplaced(before.customers, now.customers, missing?.customers),
			},
			{
				check: checkDeviceCount(counts, options, comparedCustomers),
				isBeforeMappingChecks: areMostUnreplaced(before.devices, now.devices, missing?.devices),
			},
		];
		const mappingChecks =
			moves === undefined
				? []
				: [
						checkChanges(counts, options, comparedCustomers),
						checkMoves(counts, options, moves),
						checkProducts(counts, options, comparedCustomers),
					];
		const checksWhere = (isBeforeMappingChecks: boolean) =>
			missingChecks
				.filter((missingCheck) => missingCheck.isBeforeMappingChecks === isBeforeMappingChecks)
				.map(({ check }) => check);
		return [...checksWhere(true), ...mappingChecks, ...checksWhere(false)].filter(
			(check) => check !== undefined,
		);
	}

	/**
	 * Makes the `Stop` of a run from the checks that it has not passed.
	 * @param trippedChecks each check gives a reason; only the first one gives advice, since the others often follow from it
	 * @param isAnyPlanApproved whether a person has approved a plan
	 * @param isSameCheckAgain whether the same check has stopped the last run
	 */
	static makeStop(
		trippedChecks: readonly [TrippedCheck, ...TrippedCheck[]],
		planId: string,
		{ isAnyPlanApproved = false, isSameCheckAgain = false } = {},
	): Stop {
		const [{ code, examples, advice, hasNothingToCompare = false }] = trippedChecks;
		const adviceTexts: Text[] = [];
		// If a plan is approved, it is another one: with an approval of its own plan the run would not stop.
		if (isAnyPlanApproved) {
			adviceTexts.push(CHECKS.advice.otherPlan());
		} else if (isSameCheckAgain) {
			adviceTexts.push(CHECKS.advice.again());
		}
		adviceTexts.push(examples, advice, CHECKS.advice.approve({ planId: ours(planId) }));
		if (!hasNothingToCompare) {
			adviceTexts.push(CHECKS.advice.raise());
		}
		adviceTexts.push(CHECKS.advice.stateUnchanged());
		const reason = CHECKS.all({ reasons: inReasons(trippedChecks.map((check) => check.reason)) });
		const stop = notSent(code, { reason, advice: inSentences(adviceTexts) });
		return { ...stop, planId, correction: { examples, advice } };
	}
}

/**
 * Checks whether too many customers are missing or have lost all devices: the source was read in part, or a join is broken. Withheld customers
 * do not count as missing: they are not sent anyway, and the report names them.
 */
function checkCustomerCount(
	counts: CountsOfBothRuns,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	exampleIds: readonly string[],
): TrippedCheck | undefined {
	const { before, now, missing, largest } = counts;
	const isLossTooLarge = (countBefore: number, lostCount: number) =>
		countBefore >= FEWEST_CUSTOMERS && isAbove(limit, lostCount, countBefore);
	const limitInWords = limitText(STOP_ABOVE, limit);
	const makeTrippedCheck = (
		reason: Text,
		{ examples, advice }: typeof CHECKS.causes.missing,
	): TrippedCheck => {
		return {
			code: 'TOO_FEW_CUSTOMERS',
			reason,
			examples: examples({ ids: firstIds(exampleIds) }),
			advice: advice(),
		};
	};
	if (missing === undefined) {
		const isTripped =
			isLossTooLarge(before.customers, before.customers - now.customers) ||
			isLossTooLarge(countWithDevice(before), countWithDevice(before) - countWithDevice(now));
		if (!isTripped) {
			return undefined;
		}
		const facts = { before: before.customers, now: now.customers, limit: limitInWords };
		return makeTrippedCheck(CHECKS.fewerCustomers(facts), CHECKS.causes.missing);
	}
	const sendableCount = before.customers - before.withheld - before.leftOut;
	if (
		isLossTooLarge(before.customers, missing.customers) ||
		isLossTooLarge(sendableCount, missing.sendable + missing.withoutDevice)
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
			valid: sendableCount === before.customers ? undefined : sendableCount,
			cause: first.cause(),
			further: further.map(({ count, cause }) => CHECKS.furtherCause({ count, cause: cause() })),
			limit: limitInWords,
		});
		return makeTrippedCheck(reason, first);
	}
	if (largest !== undefined && isLossTooLarge(largest.customers, largest.customers - now.customers)) {
		const facts = { largest: largest.customers, now: now.customers, limit: limitInWords };
		return makeTrippedCheck(CHECKS.fewerCustomersThanLargest(facts), CHECKS.causes.missing);
	}
	return undefined;
}

function countWithDevice({ customers, leftOut }: RowCounts): number {
	return customers - leftOut;
}

/** Checks whether too many customers are new or changed: a column may be mapped wrongly. */
function checkChanges(
	{ before, now }: CountsOfBothRuns,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	{ comparedCount, changedIds }: ComparedCustomers,
): TrippedCheck | undefined {
	const areTooFewToJudge = before.customers < FEWEST_CUSTOMERS || comparedCount < FEWEST_CUSTOMERS;
	if (areTooFewToJudge || !isAbove(limit, changedIds.length, comparedCount)) {
		return undefined;
	}
	const sendable = now.customers - now.withheld - now.leftOut;
	const facts = { changed: changedIds.length, judged: comparedCount, limit: limitText(STOP_ABOVE, limit) };
	const reason =
		comparedCount === sendable ? CHECKS.tooMany(facts) : CHECKS.tooManyOfCompared({ ...facts, sendable });
	return {
		code: 'TOO_MANY_CHANGES',
		reason,
		advice: CHECKS.advice.mapping(),
		examples: examplesOf(changedIds),
	};
}

/** Checks whether too many devices would move to other customers: a join may be wrong. */
function checkMoves(
	{ before }: Pick<CountsOfBothRuns, 'before'>,
	{ stopAbovePercent: limit }: SafetyCheckOptions,
	moves: NonNullable<JudgedRows['moves']>,
): TrippedCheck | undefined {
	const movedDeviceIds = new Set(moves.map(({ deviceId }) => deviceId));
	if (before.devices < FEWEST_DEVICES || !isAbove(limit, movedDeviceIds.size, before.devices)) {
		return undefined;
	}
	const facts = { moved: movedDeviceIds.size, before: before.devices, limit: limitText(STOP_ABOVE, limit) };
	const examples = CHECKS.advice.moved({ ids: firstIds([...movedDeviceIds]) });
	const advice = CHECKS.advice.query();
	return { code: 'TOO_MANY_MOVES', reason: CHECKS.tooManyMoves(facts), examples, advice };
}

/** Checks whether too many devices are missing: a join loses rows, or the source was read in part. */
function checkDeviceCount(
	{ before, now, missing, largest, unreadableDeviceRowCount = 0 }: CountsOfBothRuns,
	{ stopWhenDevicesDropPercent, stopAbovePercent }: SafetyCheckOptions,
	{ changedIds }: ComparedCustomers,
): TrippedCheck | undefined {
	const isLossTooLarge = (lostCount: number, limitPercent: number, countBefore: number) => {
		return lostCount >= FEWEST_DEVICES && isAbove(limitPercent, lostCount, countBefore);
	};
	const makeTrippedCheck = (reason: Text): TrippedCheck => {
		return {
			code: 'TOO_FEW_DEVICES',
			reason,
			advice: CHECKS.advice.query(),
			examples: examplesOf(changedIds),
		};
	};
	const lostCount = missing?.devices ?? before.devices - now.devices - unreadableDeviceRowCount;
	if (isLossTooLarge(lostCount, stopWhenDevicesDropPercent, before.devices)) {
		const limitInWords = limitText('Stop When Devices Drop (%)', stopWhenDevicesDropPercent);
		const facts = { before: before.devices, limit: limitInWords };
		return makeTrippedCheck(
			missing === undefined
				? CHECKS.fewerDevices({ ...facts, now: now.devices })
				: CHECKS.missingDevices({ ...facts, missing: lostCount }),
		);
	}
	// Small losses in each run add up, so the loss in two weeks is checked, too: against 'Stop Above (% Changed)', by default the higher limit.
	const largestDeviceCount = largest?.devices ?? 0;
	const lostCountInTwoWeeks = largestDeviceCount - now.devices - unreadableDeviceRowCount;
	if (
		stopWhenDevicesDropPercent < 100 &&
		isLossTooLarge(lostCountInTwoWeeks, stopAbovePercent, largestDeviceCount)
	) {
		const facts = { largest: largestDeviceCount, now: now.devices };
		return makeTrippedCheck(
			CHECKS.fewerDevicesThanLargest({ ...facts, limit: limitText(STOP_ABOVE, stopAbovePercent) }),
		);
	}
	return undefined;
}

/** Checks whether a product name that had many devices is missing: the rows of a product line may be lost. */
function checkProducts(
	{ before, foundProductCount, unreadableDeviceRowCount = 0 }: CountsOfBothRuns,
	{ stopWhenDevicesDropPercent: limit }: SafetyCheckOptions,
	{ changedIds }: ComparedCustomers,
): TrippedCheck | undefined {
	// Rows whose device cannot be read may be those of a missing product. So for each 20 such rows one missing product does not count as lost.
	const maybeUnreadableCount = Math.floor(unreadableDeviceRowCount / FEWEST_DEVICES);
	const lostProductCount = before.products - foundProductCount - maybeUnreadableCount;
	if (limit >= 100 || lostProductCount <= 0) {
		return undefined;
	}
	const reason = CHECKS.fewerProducts({ lostProductCount, before: before.products, devices: FEWEST_DEVICES });
	const advice = CHECKS.advice.productNames();
	return { code: 'TOO_FEW_DEVICES', reason, advice, examples: examplesOf(changedIds) };
}

/**
 * Whether a part is more than this percentage of the whole. 100 switches a check off, even if more is missing than the last run had: devices that
 * left in earlier runs may move together with those of the last run.
 */
function isAbove(percent: number, part: number, whole: number): boolean {
	return percent < 100 && 100 * part > percent * whole;
}

const STOP_ABOVE = 'Stop Above (% Changed)';

function limitText(optionName: string, limit: number): Text {
	return CHECKS.above({ check: ours(optionName), limit });
}

function examplesOf(ids: readonly string[]): Text {
	return CHECKS.advice.changed({ ids: firstIds(ids) });
}
