import type { GoneCustomer } from '../lastReport';
import type { DeviceChanges, StartFacts } from '../syncRun';
import { type RowCounts, type Stop, SafetyChecks } from '../safetyChecks';
import { rePushesSince, type Verdict } from '../verdicts';
import {
	type PartContent,
	type CustomerRecord,
	deviceHashesOf,
	forEachWithPauses,
	hasJustRecovered,
	type Pause,
} from './content';
import type { StateHashes } from './hashes';
import { type Departures, findDepartures } from './departures';
import type { CustomerInRows, CustomersInRows, SendableCustomer } from './customersInRows';
import { largestCountsIn } from './largestCounts';
import type { FoundState } from './readState';
import { countsOf, type SyncSettings } from './settings';

/** What the comparison of the rows with the state shows. */
interface Comparison
	extends Pick<
		StartFacts,
		| 'verdicts'
		| 'reportedFailures'
		| 'unreportedFailures'
		| 'recentlyRecovered'
		| 'idsWithoutDevices'
		| 'gone'
		| 'goneKeys'
		| 'moved'
		| 'whyStopped'
		| 'passedPlanId'
		| 'missingKeys'
		| 'presumedWithheldKeys'
		| 'areRowsChanged'
		| 'deviceChanges'
	> {
	/** Whether no customer is to be sent, and the state already says of each customer what this run would write. */
	isStateUpToDate: boolean;
	/** The devices that have left a customer, and their new owners. */
	departures: Departures;
}

/** Compares the rows with the state: which customers to send, whether a safety check stops the run, and what to report. */
export async function compareRows(
	settings: SyncSettings,
	customersInRows: CustomersInRows,
	foundState: FoundState,
	beganMinute: number,
	pause: Pause,
): Promise<Comparison> {
	const { sendable, withheld, leftOut } = customersInRows;
	const { content, accountContent, last } = foundState;
	await pause();
	const isRePushDue = rePushesSince(settings.pushAgainAfterDays, beganMinute, last.minute);
	const verdicts = sendable.map(({ recordBefore, fingerprint }) => {
		const verdict = verdictOf(recordBefore, fingerprint);
		const isDue = verdict === 'unchanged' && isRePushDue(fingerprint, recordBefore?.acceptedMinute ?? 0);
		return isDue ? 'due' : verdict;
	});
	await pause();
	const presentKeys = new Set([...sendable, ...withheld, ...leftOut].map(({ key }) => key));
	const absentKeys = await findAbsentKeys(accountContent, presentKeys, pause);
	const comparedRows = { content: accountContent, customersInRows, verdicts, absentKeys, beganMinute };
	const departures = await findDepartures(settings, comparedRows, pause);
	const { moved, presumedWithheldKeys } = departures;
	const missingKeys = absentKeys.filter((key) => !presumedWithheldKeys.has(key));
	await pause();
	const checks = new SafetyChecks(settings.checks);
	const stop = checkRows({
		settings,
		checks,
		customersInRows,
		foundState,
		verdicts,
		missingKeys,
		departures,
	});
	const isPlanApproved = stop !== undefined && stop.planId === settings.checks.approvedPlan;
	await pause();
	const customerIdsWhere = (isWanted: (record: CustomerRecord) => boolean) => {
		const matchingCustomers = [...sendable, ...withheld].filter(
			({ recordBefore }) => recordBefore !== undefined && isWanted(recordBefore),
		);
		return new Set(idsOf(matchingCustomers));
	};
	const reportedFailures = customerIdsWhere(({ isFailureReported }) => isFailureReported);
	const areSameRows = absentKeys.length === 0 && haveSameRows(customersInRows);
	const isNobodySent = !settings.sendAll && verdicts.every((verdict) => verdict === 'unchanged');
	// A run by hand reports nothing. Any other run has nothing to report if no device has moved and the state already has all failures.
	const isNothingToReport =
		settings.isManual ||
		(moved.length === 0 && areFailuresStored(settings, customersInRows, reportedFailures));
	await pause();
	const isStateUpToDate =
		isNobodySent &&
		areSameRows &&
		isNothingToReport &&
		foundState.stateCondition === 'used' &&
		hasCounts(content, countsOf(settings));
	// The plan that a person approved had no scheduled re-pushes, so this run sends none.
	const withoutRePush = (verdict: Verdict) => (verdict === 'due' ? 'unchanged' : verdict);
	return {
		verdicts: isPlanApproved ? verdicts.map(withoutRePush) : verdicts,
		whyStopped: isPlanApproved ? undefined : stop,
		passedPlanId: isPlanApproved ? stop.planId : undefined,
		missingKeys,
		presumedWithheldKeys,
		reportedFailures,
		unreportedFailures: customerIdsWhere(({ isFailureUnreported }) => isFailureUnreported === true),
		recentlyRecovered: customerIdsWhere((record) => hasJustRecovered(record, beganMinute)),
		idsWithoutDevices: new Set(idsOf(leftOut.filter(hasUnreportedDeviceLoss))),
		gone: accountContent && missingKeys.length,
		goneKeys: missingKeys.map(
			(key): GoneCustomer => [key, mayHaveDevicesAtTencent(accountContent?.records.get(key))],
		),
		moved,
		// The state of another account cannot tell whether the rows differ from those of the last run.
		areRowsChanged: content === accountContent ? !areSameRows : undefined,
		departures,
		deviceChanges: settings.dryRun ? await compareDevices(sendable, settings.hashes, pause) : undefined,
		isStateUpToDate,
	};
}

/** Whether each customer that the rows name has the same rows as in the last run, as far as the state shows. */
function haveSameRows({ sendable, withheld, leftOut }: CustomersInRows): boolean {
	return (
		sendable.every(({ recordBefore, fingerprint }) => recordBefore?.fingerprint === fingerprint) &&
		withheld.every(({ recordBefore }) => recordBefore?.status === 'withheld') &&
		leftOut.every(({ recordBefore }) => recordBefore?.status === 'withoutDevice')
	);
}

/** Whether a state has these counts, and as many records as they count customers. */
function hasCounts(content: PartContent | undefined, counts: RowCounts): boolean {
	return (
		content !== undefined &&
		countCustomersInRows(content) === counts.customers &&
		JSON.stringify(content.counts) === JSON.stringify(counts)
	);
}

/**
 * Whether the state already has the failures that this run, which sends nothing, would report: all reported failures are of withheld customers,
 * and each withheld customer is among them.
 */
function areFailuresStored(
	{ partlyWithheldIds }: SyncSettings,
	{ sendable, withheld }: CustomersInRows,
	reportedFailures: ReadonlySet<string>,
): boolean {
	return (
		partlyWithheldIds.size === 0 &&
		!sendable.some(
			({ recordBefore }) =>
				recordBefore?.isFailureReported === true || recordBefore?.isFailureUnreported === true,
		) &&
		reportedFailures.size === withheld.length
	);
}

function idsOf(customers: readonly CustomerInRows[]): string[] {
	return customers.map(({ customerId }) => customerId);
}

/** Counts the customers of a state that were in the rows of the last run. */
function countCustomersInRows({ records }: PartContent): number {
	let count = 0;
	for (const { status } of records.values()) {
		if (status !== 'left') {
			count++;
		}
	}
	return count;
}

function verdictOf(record: CustomerRecord | undefined, fingerprint: string): Verdict {
	switch (record?.status) {
		case undefined:
		case 'gone':
		case 'left':
		case 'withoutDevice':
			return 'new';
		case 'accepted':
			return record.fingerprint === fingerprint ? 'unchanged' : 'changed';
		// Customers in doubt are sent first, like those that the last run did not reach.
		case 'doubt':
		case 'waiting':
			return 'waiting';
		case 'failed':
		case 'withheld':
			return 'failed';
	}
}

/** Whether Tencent may have devices of a customer, as far as the state shows: it accepted some, or those that were sent last may have been applied. */
function mayHaveDevicesAtTencent(record: CustomerRecord | undefined): boolean {
	return record !== undefined && (record.acceptedMinute > 0 || record.deviceHashes.length > 0);
}

/** Whether Tencent may still have devices of a customer that has none in the rows now, and no report has said so. */
function hasUnreportedDeviceLoss({ recordBefore }: CustomerInRows): boolean {
	return recordBefore?.status !== 'withoutDevice' && deviceHashesOf(recordBefore).length > 0;
}

/** Whether the rows of the last run named a customer. */
function wasInLastRows(record: CustomerRecord | undefined): record is CustomerRecord {
	return record !== undefined && record.status !== 'left';
}

/** Whether a customer that has no devices now had some in the rows of the last run. A customer that failed or was withheld may have had none. */
function hadDevicesLastRun({ recordBefore }: CustomerInRows): boolean {
	const status = recordBefore?.status;
	return status === 'accepted' || status === 'waiting' || status === 'doubt';
}

/** Finds the hashes of the customers that had a device in the last run's rows, as far as the state shows, and no row in this run. */
async function findAbsentKeys(
	content: PartContent | undefined,
	presentKeys: ReadonlySet<string>,
	pause: Pause,
): Promise<string[]> {
	const absentKeys: string[] = [];
	await forEachWithPauses(content?.records ?? [], pause, ([key, { status }]) => {
		if (status !== 'withoutDevice' && status !== 'left' && !presentKeys.has(key)) {
			absentKeys.push(key);
		}
	});
	return absentKeys;
}

/** What the safety checks need to know of a run. */
interface CheckedRun {
	settings: SyncSettings;
	checks: SafetyChecks;
	customersInRows: CustomersInRows;
	foundState: FoundState;
	verdicts: readonly Verdict[];
	/** The hashes of the customers that no row names any more. */
	missingKeys: readonly string[];
	departures: Departures;
}

/** Makes the safety checks. @returns why they stop the run, also if a person has approved its plan; undefined if the rows pass */
function checkRows(checkedRun: CheckedRun): Stop | undefined {
	const { checks, foundState } = checkedRun;
	if (!checks.isAnyOn) {
		return undefined;
	}
	return foundState.content === undefined
		? checkWithoutState(checkedRun)
		: checkAgainstState(foundState.content, checkedRun);
}

/** Stops the run if the state is lost: nobody knows what was sent, so a person has to approve that every customer is sent. */
function checkWithoutState(checkedRun: CheckedRun): Stop | undefined {
	const { settings, checks, foundState } = checkedRun;
	const now = countsOf(settings);
	const code = foundState.stateCondition === 'otherVersion' ? 'OTHER_VERSION' : 'STATE_LOST';
	const trippedCheck = foundState.isStateLost
		? SafetyChecks.checkUnreadableState(code, now.customers)
		: undefined;
	if (trippedCheck === undefined) {
		return undefined;
	}
	const planId = planIdFor(checkedRun, code);
	const stop = checks.makeStop([trippedCheck], planId, wasLastRunStoppedBy(code, foundState));
	const requestCount = countPlannedRequests(checkedRun);
	return { ...stop, plan: { before: undefined, now, changes: undefined, requestCount } };
}

function checkAgainstState(content: PartContent, checkedRun: CheckedRun): Stop | undefined {
	const { settings, checks, foundState, verdicts, missingKeys, departures } = checkedRun;
	const { sendable } = checkedRun.customersInRows;
	const { hashes, namedDevices } = settings;
	const { moved } = departures;
	const now = countsOf(settings, departures.presumedWithheldKeys.size);
	const isStateOfThisAccount = content === foundState.accountContent;
	/**
	 * Whether a customer counts in the percentage of changed ones. A customer without a record counts as new, unless the first run was
	 * interrupted: the state then lacks records. A customer whose rows could not be sent last time does not count: its state entry has no
	 * fingerprint to compare with.
	 */
	const isComparable = ({ recordBefore }: SendableCustomer) => {
		if (!isStateOfThisAccount) {
			return false;
		}
		return wasInLastRows(recordBefore) ? recordBefore.fingerprint !== '' : content.isComplete;
	};
	const comparableCustomers = sendable.filter(isComparable);
	const differingCustomers = comparableCustomers.filter(
		({ recordBefore, fingerprint }) => recordBefore?.fingerprint !== fingerprint,
	);
	const productHashes = new Set([...namedDevices.products.keys()].map((name) => hashes.productHash(name)));
	// If the names are no product lines, or many devices have none, a missing name does not show that a product is missing.
	const areProductNamesUnreliable = !SafetyChecks.areProductLines(namedDevices.products);
	const counts = {
		before: content.counts,
		now,
		missing: isStateOfThisAccount && content.isComplete ? countMissing(content, checkedRun) : undefined,
		largest: isStateOfThisAccount ? largestCountsIn(content, settings.clock.nowMs()) : undefined,
		unreadableRowCount: namedDevices.unreadableRowCount,
		foundProductCount: content.products.filter(
			(productHash) => areProductNamesUnreliable || productHashes.has(productHash),
		).length,
	};
	// A device that an earlier run has sent for its new owner may still have to be reported, but this run does not move it.
	const moves = moved.filter(({ isSentBefore }) => !isSentBefore);
	const judgedRows = {
		counts,
		changes: { comparedCount: comparableCustomers.length, changedIds: idsOf(differingCustomers) },
		moves: isStateOfThisAccount ? moves : undefined,
		exampleIds: idsOf(sendable.filter(({ recordBefore }) => wasInLastRows(recordBefore)).slice(0, 5)),
	};
	const [first, ...further] = checks.findTripped(judgedRows);
	if (first === undefined) {
		return undefined;
	}
	const planId = planIdFor(checkedRun, foundState.stateCondition);
	const requestCount = countPlannedRequests(checkedRun);
	const stop = checks.makeStop([first, ...further], planId, wasLastRunStoppedBy(first.code, foundState));
	if (!isStateOfThisAccount) {
		return { ...stop, plan: { before: content.counts, now, changes: undefined, requestCount } };
	}
	const added = idsOf(sendable.filter((_, index) => verdicts[index] === 'new'));
	const addedIdSet = new Set(added);
	const changed = idsOf(differingCustomers).filter((customerId) => !addedIdSet.has(customerId));
	// A device that had two former owners is listed once.
	const movedDevices = new Map(moves.map((move) => [move.deviceHash, move]));
	const changes = { added, changed, missingKeys, moved: [...movedDevices.values()] };
	return { ...stop, plan: { before: content.counts, now, changes, requestCount } };
}

/**
 * Counts the customers and devices that the last run's rows had and this run's rows do not have. It counts them one by one: a comparison of
 * totals would show no loss if as many new ones have come.
 */
function countMissing(
	content: PartContent,
	{ settings, customersInRows, missingKeys, departures }: CheckedRun,
) {
	const { missingDeviceCount, maybeMissingDeviceCount } = departures;
	const wasSendable = (key: string) => content.records.get(key)?.status !== 'withheld';
	return {
		customers: missingKeys.length,
		sendable: missingKeys.filter(wasSendable).length,
		withoutDevice: customersInRows.leftOut.filter(hadDevicesLastRun).length,
		// Each row whose device cannot be read may name one of the `maybeMissingDeviceCount` devices. So only those beyond the number of such rows
		// count as missing.
		devices:
			missingDeviceCount +
			Math.max(0, maybeMissingDeviceCount - (settings.namedDevices.unreadableRowCount ?? 0)),
	};
}

/** Counts the requests of the plan, without retries and scheduled re-pushes; with `sendAll`, one for each customer. */
function countPlannedRequests({ settings, verdicts }: CheckedRun): number {
	if (settings.sendAll) {
		return verdicts.length;
	}
	return verdicts.filter(isPlanned).length;
}

function wasLastRunStoppedBy(code: string, { last }: FoundState): boolean {
	return last.reported.stop === code;
}

/**
 * Whether a plan contains customers with this verdict. A plan contains no scheduled re-pushes: they differ from hour to hour, so the plan would have
 * another ID by the time that a person approves it.
 */
function isPlanned(verdict: Verdict | undefined): boolean {
	return verdict !== 'unchanged' && verdict !== 'due';
}

/**
 * Makes the plan ID: a digest of what would be sent and of the customers that are missing. It also covers the number of the state, so an
 * approval holds for one run.
 */
function planIdFor(
	{ customersInRows, foundState, verdicts, missingKeys }: CheckedRun,
	stateCondition: string,
): string {
	const plannedCustomers = customersInRows.sendable.filter((_, index) => isPlanned(verdicts[index]));
	const fingerprints = plannedCustomers.map(({ fingerprint }) => fingerprint);
	const withheldKeys = customersInRows.withheld.map(({ key }) => key);
	const leftOutKeys = customersInRows.leftOut.map(({ key }) => key);
	return SafetyChecks.planIdOf([
		[stateCondition, String(foundState.last.stateNumber)],
		fingerprints,
		withheldKeys,
		leftOutKeys,
		missingKeys,
	]);
}

/**
 * Compares the devices of each customer with those that the state has for the customer. Only a Dry Run shows the difference, so no other run
 * hashes all devices.
 * @returns undefined for a customer that may or may not have been sent with these devices: see `StartFacts.deviceChanges`
 */
async function compareDevices(
	customers: readonly SendableCustomer[],
	hashes: StateHashes,
	pause: Pause,
): Promise<Array<DeviceChanges | undefined>> {
	const rowDevicesByHash = new Map<string, DeviceChanges['gone'][number]>();
	await forEachWithPauses(customers, pause, ({ customerId, set: { devices } }) => {
		for (const { DeviceId } of devices) {
			rowDevicesByHash.set(hashes.deviceHash(DeviceId), { deviceId: DeviceId, newOwnerId: customerId });
		}
	});
	const deviceChanges: Array<DeviceChanges | undefined> = [];
	await forEachWithPauses(customers, pause, ({ recordBefore, set: { devices } }) => {
		const remainingHashes = new Set(deviceHashesOf(recordBefore));
		const added: string[] = [];
		const kept: string[] = [];
		for (const { DeviceId } of devices) {
			const isKept = remainingHashes.delete(hashes.deviceHash(DeviceId));
			const addedOrKept = isKept ? kept : added;
			addedOrKept.push(DeviceId);
		}
		const gone = [...remainingHashes].map(
			(deviceHash) => rowDevicesByHash.get(deviceHash) ?? { deviceId: undefined, newOwnerId: undefined },
		);
		const isUnclear = recordBefore?.status === 'failed' && added.length + gone.length === 0;
		deviceChanges.push(isUnclear || recordBefore?.status === 'doubt' ? undefined : { added, kept, gone });
	});
	return deviceChanges;
}
