/** Compares the rows of a run with the state. */
import { forEachPausingByCount } from '../../input/pausing';
import type { GoneCustomer } from '../lastReport';
import type { DeviceChanges, StartFacts } from '../syncRun';
import type { RowCounts } from '../safetyChecks';
import { rePushesSince, type Verdict } from '../verdicts';
import { PlanHolder } from '../waiting/plans';
import { checkRows } from './checkRows';
import {
	type PartContent,
	type CustomerRecord,
	deviceHashesOf,
	hasJustRecovered,
	wasCustomerInLastRows,
} from './content';
import { type Departures, findDepartures } from './departures';
import { type ComparedRun, idsOf, type CustomerInRows, type CustomersInRows } from './customersInRows';
import { countsOf, type SyncSettings } from './settings';

/** What the comparison of the rows with the state shows. */
interface Comparison {
	comparedFacts: Pick<
		StartFacts,
		| 'verdicts'
		| 'reportedFailures'
		| 'unreportedFailures'
		| 'recentlyRecovered'
		| 'idsWithoutDevices'
		| 'newlyGone'
		| 'movedDevices'
		| 'whyStopped'
		| 'passedPlanId'
		| 'missingKeys'
		| 'presumedWithheldKeys'
		| 'areRowsChanged'
		| 'deviceChanges'
	>;
	/** Whether no customer is to be sent, and the state already says of each customer what this run would write. */
	isStateUpToDate: boolean;
	/** The devices that have left a customer, and their new owners. */
	departures: Departures;
}

/** Compares the rows with the state: which customers to send, whether a safety check stops the run, and what to report. */
export async function compareRows(run: ComparedRun): Promise<Comparison> {
	const { settings, customersInRows, foundState, beganMinute, pause } = run;
	const { contentOfAnyAccount, accountContent } = foundState;
	await pause();
	const verdicts = findVerdicts(run);
	await pause();
	const keysInNoRow = await findKeysInNoRow(run);
	const departures = await findDepartures({ ...run, verdicts, keysInNoRow });
	const { movedDevices, presumedWithheldKeys } = departures;
	const missingKeys = keysInNoRow.filter((key) => !presumedWithheldKeys.has(key));
	await pause();
	const approvedPlanIds = approvedPlanIdsOf(run);
	const stop = checkRows({ ...run, verdicts, missingKeys, departures, approvedPlanIds });
	const isPlanApproved = stop !== undefined && approvedPlanIds.includes(stop.planId);
	await pause();
	const failures = findFailures(customersInRows, beganMinute);
	const areRowsUnchanged = haveSameRows(run, keysInNoRow, presumedWithheldKeys);
	await pause();
	const isNoCustomerToSend = !settings.sendAll && verdicts.every((verdict) => verdict === 'unchanged');
	// A run by hand reports nothing. Any other run has nothing to report if no device has moved and the state already has all failures.
	const isNothingToReport =
		settings.isManual ||
		(movedDevices.length === 0 && areFailuresStored(settings, customersInRows, failures.reportedFailures));
	const isStateOfTheseRows =
		areRowsUnchanged &&
		foundState.stateCondition === 'used' &&
		hasSameCounts(contentOfAnyAccount, countsOf(settings, presumedWithheldKeys.size));
	return {
		comparedFacts: {
			// The plan that a person approved had no scheduled re-pushes, so this run sends none: the next run does (`LastCell.rePushMinute`).
			verdicts: isPlanApproved ? verdicts.map(verdictWithoutRePush) : verdicts,
			whyStopped: isPlanApproved ? undefined : stop,
			passedPlanId: isPlanApproved ? stop.planId : undefined,
			missingKeys,
			presumedWithheldKeys,
			...failures,
			idsWithoutDevices: new Set(idsOf(customersInRows.leftOut.filter(hasUnreportedDeviceLoss))),
			newlyGone:
				accountContent &&
				missingKeys.map(
					(key): GoneCustomer => [key, mayHaveDevicesAtTencent(accountContent.records.get(key))],
				),
			movedDevices,
			// The state of another account cannot tell whether the rows differ from those of the last run.
			areRowsChanged: contentOfAnyAccount === accountContent ? !areRowsUnchanged : undefined,
			deviceChanges: settings.dryRun ? await compareDevices(run) : undefined,
		},
		isStateUpToDate: isNoCustomerToSend && isNothingToReport && isStateOfTheseRows,
		departures,
	};
}

/** Finds the verdict of each customer whose rows can be sent. */
function findVerdicts({ settings, customersInRows, foundState, beganMinute }: ComparedRun): Verdict[] {
	const isRePushDue = rePushesSince(settings.pushAgainAfterDays, beganMinute, foundState.last.rePushMinute);
	return customersInRows.sendable.map(({ recordBefore, fingerprint }) => {
		const verdict = verdictOf(recordBefore, fingerprint);
		const isDue = verdict === 'unchanged' && isRePushDue(fingerprint, recordBefore?.acceptedMinute ?? 0);
		return isDue ? 'due' : verdict;
	});
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

/**
 * Finds the hashes of the customers that no row names now and that had a device in the last run's rows, as far as the state shows, or lost all
 * devices before any report named the loss. Some of them are not missing, but presumed to be withheld: see `StartFacts.presumedWithheldKeys`.
 */
async function findKeysInNoRow({ customersInRows, foundState, pause }: ComparedRun): Promise<string[]> {
	const { sendable, withheld, leftOut } = customersInRows;
	const presentKeys = new Set([...sendable, ...withheld, ...leftOut].map(({ key }) => key));
	const keysInNoRow: string[] = [];
	await forEachPausingByCount(foundState.accountContent?.records ?? [], pause, ([key, record]) => {
		const isLeavingUnreported = wasCustomerInLastRows(record) && record.status !== 'withoutDevice';
		if (isLeavingUnreported && !presentKeys.has(key)) {
			keysInNoRow.push(key);
		}
	});
	return keysInNoRow;
}

/**
 * Lists the IDs of the approved plans: that of the option 'Approved Plan', and that of the operation Approve Plan. The option may still have the
 * ID of an earlier plan, so neither of the two takes precedence.
 */
function approvedPlanIdsOf({ settings, foundState }: ComparedRun): string[] {
	const { approvedPlanId } = PlanHolder.read(foundState.last['plan']);
	return [settings.checks.approvedPlan, approvedPlanId].filter((planId) => planId !== '');
}

function verdictWithoutRePush(verdict: Verdict): Verdict {
	return verdict === 'due' ? 'unchanged' : verdict;
}

/** Finds the ids of the customers for whom the state has a failure or a recovery. */
function findFailures(
	{ sendable, withheld }: CustomersInRows,
	beganMinute: number,
): Pick<StartFacts, 'reportedFailures' | 'unreportedFailures' | 'recentlyRecovered'> {
	const customerIdsWhere = (isMatching: (record: CustomerRecord) => boolean) => {
		const matchingCustomers = [...sendable, ...withheld].filter(
			({ recordBefore }) => recordBefore !== undefined && isMatching(recordBefore),
		);
		return new Set(idsOf(matchingCustomers));
	};
	return {
		reportedFailures: customerIdsWhere(({ isFailureReported }) => isFailureReported),
		unreportedFailures: customerIdsWhere(({ isFailureUnreported }) => isFailureUnreported === true),
		recentlyRecovered: customerIdsWhere((record) => hasJustRecovered(record, beganMinute)),
	};
}

/**
 * Whether the rows are the same as in the last run, as far as the state shows: those of each customer that they name, and those of each customer that
 * is presumed to be withheld.
 */
function haveSameRows(
	{ customersInRows: { sendable, withheld, leftOut }, foundState: { accountContent } }: ComparedRun,
	keysInNoRow: readonly string[],
	presumedWithheldKeys: ReadonlySet<string>,
): boolean {
	const wasPresumedWithheld = (key: string) =>
		presumedWithheldKeys.has(key) && accountContent?.records.get(key)?.status === 'withheld';
	return (
		keysInNoRow.every(wasPresumedWithheld) &&
		sendable.every(({ recordBefore, fingerprint }) => recordBefore?.fingerprint === fingerprint) &&
		withheld.every(({ recordBefore }) => recordBefore?.status === 'withheld') &&
		leftOut.every(({ recordBefore }) => recordBefore?.status === 'withoutDevice')
	);
}

/** Whether a state has these counts of the rows, and a record for each customer that they count. */
function hasSameCounts(content: PartContent | undefined, counts: RowCounts): boolean {
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
	reportedFailedIds: ReadonlySet<string>,
): boolean {
	return (
		partlyWithheldIds.size === 0 &&
		!sendable.some(
			({ recordBefore }) =>
				recordBefore?.isFailureReported === true || recordBefore?.isFailureUnreported === true,
		) &&
		reportedFailedIds.size === withheld.length
	);
}

/** Counts the customers of a state that were in the rows of the last run. */
function countCustomersInRows({ records }: PartContent): number {
	return [...records.values()].filter(wasCustomerInLastRows).length;
}

/** Whether Tencent may have devices of a customer, as far as the state shows: it accepted some, or may have applied the last request. */
function mayHaveDevicesAtTencent(record: CustomerRecord | undefined): boolean {
	return record !== undefined && (record.acceptedMinute > 0 || record.deviceHashes.length > 0);
}

/** Whether Tencent may still have devices of a customer that has no device in the rows now, and no report has named this loss. */
function hasUnreportedDeviceLoss({ recordBefore }: CustomerInRows): boolean {
	return recordBefore?.status !== 'withoutDevice' && deviceHashesOf(recordBefore).length > 0;
}

/**
 * Compares the devices of each customer with those that the state has for the customer. Only a Dry Run shows the difference, so no other run
 * hashes all devices.
 * @returns undefined for a customer whose last request may or may not have been applied: see `StartFacts.deviceChanges`
 */
async function compareDevices({
	settings: { hashes },
	customersInRows: { sendable },
	pause,
}: ComparedRun): Promise<Array<DeviceChanges | undefined>> {
	const rowDevicesByHash = new Map<string, DeviceChanges['goneDevices'][number]>();
	await forEachPausingByCount(sendable, pause, ({ customerId, fullSet: { devices } }) => {
		for (const { DeviceId } of devices) {
			rowDevicesByHash.set(hashes.deviceHash(DeviceId), { deviceId: DeviceId, newOwnerId: customerId });
		}
	});
	const deviceChanges: Array<DeviceChanges | undefined> = [];
	await forEachPausingByCount(sendable, pause, ({ recordBefore, fullSet: { devices } }) => {
		const goneDeviceHashes = new Set(deviceHashesOf(recordBefore));
		const addedDeviceIds: string[] = [];
		const keptDeviceIds: string[] = [];
		for (const { DeviceId } of devices) {
			const isKept = goneDeviceHashes.delete(hashes.deviceHash(DeviceId));
			if (isKept) {
				keptDeviceIds.push(DeviceId);
			} else {
				addedDeviceIds.push(DeviceId);
			}
		}
		const goneDevices = [...goneDeviceHashes].map(
			(deviceHash) => rowDevicesByHash.get(deviceHash) ?? { deviceId: undefined, newOwnerId: undefined },
		);
		// The last request had just these devices, and failed: Tencent may or may not have applied that request.
		const isLastRequestUnclear =
			recordBefore?.status === 'failed' && addedDeviceIds.length + goneDevices.length === 0;
		deviceChanges.push(
			isLastRequestUnclear || recordBefore?.status === 'doubt'
				? undefined
				: { addedDeviceIds, keptDeviceIds, goneDevices },
		);
	});
	return deviceChanges;
}
