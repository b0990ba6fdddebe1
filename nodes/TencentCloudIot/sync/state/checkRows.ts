/**
 * Makes the safety checks of a run: counts its rows and those of the last run, as the state has them, and makes the plan of a run that the
 * checks stop.
 */
import { type RowCounts, SafetyChecks } from '../safetyChecks';
import { planIds, type Stop } from '../stop';
import { hasSameDevices, type Verdict } from '../verdicts';
import { type PartContent, wasCustomerInLastRows, wasLeftOut } from './content';
import type { Departures } from './departures';
import { HASH_BYTES } from './hashes';
import { largestCounts } from './largestCounts';
import { type ComparedRun, idsOf, type CustomerInRows, type SendableCustomer } from './customersInRows';
import { countsOf, type SyncSettings } from './settings';

/** What the safety checks need to know of a run. */
interface CheckedRun extends ComparedRun {
	verdicts: readonly Verdict[];
	/** The hashes of the customers that no row names any more. */
	missingKeys: readonly string[];
	departures: Departures;
	/** The IDs of the plans that a person has approved. */
	approvedPlanIds: readonly string[];
}

/** Makes the safety checks. @returns why they stop the run, also if a person has approved its plan; undefined if the rows pass */
export function checkRows(run: CheckedRun): Stop | undefined {
	const checks = new SafetyChecks(run.settings.checks);
	if (!checks.isAnyOn) {
		return undefined;
	}
	const { contentOfAnyAccount } = run.foundState;
	return contentOfAnyAccount === undefined
		? checkWithoutState(run)
		: checkAgainstState(checks, run, contentOfAnyAccount);
}

/** Stops the run if the state is lost: nobody knows what was sent, so a person has to approve that every customer is sent. */
function checkWithoutState(run: CheckedRun): Stop | undefined {
	const { stateCondition, isStateLost } = run.foundState;
	if (!isStateLost) {
		return undefined;
	}
	const now = countsOf(run.settings);
	const code = stateCondition === 'otherVersion' ? 'OTHER_VERSION' : 'STATE_LOST';
	const trippedCheck = SafetyChecks.checkUnreadableState(code, now.customers);
	const planFacts = { before: undefined, now, changes: undefined };
	return trippedCheck && makeStop(run, [trippedCheck], planFacts);
}

/** Checks the rows against the state. If the state is of another account, only its counts are compared: no record says anything about this account. */
function checkAgainstState(checks: SafetyChecks, run: CheckedRun, content: PartContent): Stop | undefined {
	const { accountContent } = run.foundState;
	const comparableCustomers = findComparable(run);
	const differingIds = idsOf(
		comparableCustomers.filter(({ recordBefore, fingerprint }) => recordBefore?.fingerprint !== fingerprint),
	);
	const counts = countBothRuns(run, content);
	// A device that an earlier run has sent for its new owner may still have to be reported, but this run does not move it.
	const moves = run.departures.movedDevices.filter(({ isSentBefore }) => !isSentBefore);
	const remainingCustomers = run.customersInRows.sendable.filter(({ recordBefore }) =>
		wasCustomerInLastRows(recordBefore),
	);
	const [first, ...further] = checks.findTripped({
		counts,
		comparedCustomers: { comparedCount: comparableCustomers.length, changedIds: differingIds },
		moves: accountContent && moves,
		exampleIds: idsOf(remainingCustomers),
	});
	if (first === undefined) {
		return undefined;
	}
	const plannedChanges = accountContent && findPlannedChanges(run, differingIds, moves);
	return makeStop(run, [first, ...further], {
		before: counts.before,
		now: counts.now,
		changes: plannedChanges,
	});
}

/**
 * Finds the customers that count in the percentage of changed ones. A customer without a record counts as new, unless the first run was
 * interrupted: the state then lacks records. A customer whose rows could not be sent last time does not count: its state entry has no
 * fingerprint to compare with.
 */
function findComparable({ customersInRows, foundState: { accountContent } }: CheckedRun): SendableCustomer[] {
	if (accountContent === undefined) {
		return [];
	}
	return customersInRows.sendable.filter(({ recordBefore }) =>
		wasCustomerInLastRows(recordBefore) ? recordBefore.fingerprint !== '' : accountContent.isComplete,
	);
}

/** Counts the customers, devices and products of this run's rows and of the last run's. @param content the state, perhaps of another account */
function countBothRuns(run: CheckedRun, content: PartContent) {
	const { settings, foundState, departures } = run;
	const { accountContent } = foundState;
	return {
		before: countsBefore(run, content),
		now: countsOf(settings, departures.presumedWithheldKeys.size),
		missing: accountContent?.isComplete === true ? countMissing(run, accountContent) : undefined,
		largest: accountContent && largestCounts.findInState(accountContent, settings.clock.nowMs()),
		unreadableDeviceRowCount: settings.namedDevices.unreadableDeviceRowCount,
		foundProductCount: countFoundProducts(settings, content),
	};
}

/**
 * Gives the counts of the last run's rows. An interrupted run has written the counts of its own rows, but the state still has all customers and
 * devices that these rows lacked. They count as missing now, so they must count among those of the last run, too.
 */
function countsBefore({ settings, foundState }: CheckedRun, { counts, records }: PartContent): RowCounts {
	let customerCount = 0;
	let deviceCount = 0;
	for (const record of records.values()) {
		if (wasCustomerInLastRows(record)) {
			customerCount++;
			deviceCount += wasLeftOut(record) ? 0 : record.deviceHashes.length / HASH_BYTES;
		}
	}
	const isInterrupted = foundState.stateCondition === 'interrupted' || customerCount > counts.customers;
	if (!isInterrupted) {
		return counts;
	}
	if (settings.mayShareDevices === true) {
		// A device of several customers would count several times.
		deviceCount = 0;
	}
	return {
		...counts,
		customers: Math.max(counts.customers, customerCount),
		devices: Math.max(counts.devices, deviceCount),
	};
}

/** Counts the product names of the last run that this run's rows have, too. */
function countFoundProducts({ hashes, namedDevices }: SyncSettings, { products }: PartContent): number {
	// If the rows' product names are not product lines, or many devices lack a name, a missing name does not show that a product is missing.
	if (!SafetyChecks.areProductLines(namedDevices.deviceCountByProduct)) {
		return products.length;
	}
	const foundHashes = new Set(
		Array.from(namedDevices.deviceCountByProduct.keys(), (name) => hashes.productHash(name)),
	);
	return products.filter((productHash) => foundHashes.has(productHash)).length;
}

/**
 * Counts the customers and devices that the last run's rows had and this run's rows do not have. They are counted one by one: a
 * comparison of totals would hide a loss if as many new customers or devices have come.
 */
function countMissing(
	{ settings, customersInRows, missingKeys, departures }: CheckedRun,
	content: PartContent,
) {
	const { missingDeviceCount, maybeMissingDeviceCount } = departures;
	const wasSendable = (key: string) => {
		const record = content.records.get(key);
		return record?.status !== 'withheld' && !wasLeftOut(record);
	};
	return {
		customers: missingKeys.length,
		sendable: missingKeys.filter(wasSendable).length,
		withoutDevice: customersInRows.leftOut.filter(hadDevicesInLastRows).length,
		// Each row whose device cannot be read may name one of the `maybeMissingDeviceCount` devices, so that many of these do not count as missing.
		devices:
			missingDeviceCount +
			Math.max(0, maybeMissingDeviceCount - (settings.namedDevices.unreadableDeviceRowCount ?? 0)),
	};
}

/**
 * Finds which customers and devices the run's plan would change.
 * @param differingIds the ids of the customers that differ from the state, new ones included
 */
function findPlannedChanges(
	{ customersInRows, verdicts, missingKeys }: CheckedRun,
	differingIds: readonly string[],
	moves: Departures['movedDevices'],
) {
	const newIds = idsOf(customersInRows.sendable.filter((_, index) => verdicts[index] === 'new'));
	const newIdSet = new Set(newIds);
	const changedIds = differingIds.filter((customerId) => !newIdSet.has(customerId));
	// A device that had two former owners is listed once.
	const movesByDeviceHash = new Map(moves.map((move) => [move.deviceHash, move]));
	return { newIds, changedIds, missingKeys, movedDevices: [...movesByDeviceHash.values()] };
}

/** Makes the `Stop` of the run, with the facts of its plan. */
function makeStop(
	run: CheckedRun,
	trippedChecks: Parameters<typeof SafetyChecks.makeStop>[0],
	planFacts: Omit<NonNullable<Stop['planFacts']>, 'requestCount'>,
): Stop {
	const [{ code }] = trippedChecks;
	const stop = SafetyChecks.makeStop(trippedChecks, planIdFor(run, code), {
		isAnyPlanApproved: run.approvedPlanIds.length > 0,
		isSameCheckAgain: run.foundState.last.reported.stop === code,
	});
	return { ...stop, planFacts: { ...planFacts, requestCount: countPlannedRequests(run) } };
}

/** Counts the requests of the plan, without retries and scheduled re-pushes; with `sendAll`, one for each customer. */
function countPlannedRequests({ settings, verdicts }: CheckedRun): number {
	if (settings.sendAll) {
		return verdicts.length;
	}
	return verdicts.filter(isPlanned).length;
}

/**
 * Whether a plan contains customers with this verdict. A plan contains no scheduled re-pushes: they differ from hour to hour, so the plan would have
 * another ID by the time that a person approves it.
 */
function isPlanned(verdict: Verdict | undefined): boolean {
	return !hasSameDevices(verdict);
}

/**
 * Makes the plan ID: a digest of what would be sent and of the customers that are missing. The digest also covers the number of the state,
 * so an approval holds for one run.
 * @param code the code of the check that stops the run
 */
function planIdFor({ customersInRows, foundState, verdicts, missingKeys }: CheckedRun, code: string): string {
	const { contentOfAnyAccount, stateCondition, last } = foundState;
	const codeOrCondition = contentOfAnyAccount === undefined ? code : stateCondition;
	const plannedCustomers = customersInRows.sendable.filter((_, index) => isPlanned(verdicts[index]));
	const fingerprints = plannedCustomers.map(({ fingerprint }) => fingerprint);
	const withheldKeys = customersInRows.withheld.map(({ key }) => key);
	const leftOutKeys = customersInRows.leftOut.map(({ key }) => key);
	return planIds.make([
		[codeOrCondition, String(last.stateNumber)],
		fingerprints,
		withheldKeys,
		leftOutKeys,
		missingKeys,
	]);
}

/**
 * Whether a customer that has no devices now certainly had devices in the rows of the last run. If the customer failed or was withheld, the state
 * does not show that, and the customer does not count.
 */
function hadDevicesInLastRows({ recordBefore }: CustomerInRows): boolean {
	const status = recordBefore?.status;
	const isDeviceCertain = status === 'accepted' || status === 'waiting' || status === 'doubt';
	return isDeviceCertain && !wasLeftOut(recordBefore);
}
