import { forEachPausingByCount, type Pause } from '../../input/pausing';
import type { MovedDevice } from '../stop';
import { type CustomerRecord, deviceHashesOf, NO_DEVICE_HASHES, wasLeftOut } from './content';
import type { Departures } from './departures';
import { joinHashes } from './hashes';

/** 400 days. A device that left a customer longer ago and has no new owner is no longer awaited: no report will name its move. */
const LONGEST_AWAITED_MINUTES = 400 * 1440;

/** For each former owner, by its hash: the hashes of the devices that left it, and the minute when each left. */
type LeftDevicesByFormerOwnerKey = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What `recordDepartures` puts into the records: devices that have left their customers, and which of their moves no report has named. */
interface DeparturesToRecord {
	/** The records that the run has found in the state, by the hashes of customers. */
	recordsBefore: ReadonlyMap<string, CustomerRecord>;
	/** The hashes of the devices in the rows of each customer whose rows could be sent and that was not accepted, by the hash of the customer. */
	rowDeviceHashesByKey: ReadonlyMap<string, string>;
	/** What `findDepartures` has found: the devices that left, in this run or earlier, and those with a new owner. */
	departures: Pick<Departures, 'departuresByDeviceHash' | 'movedDevices'>;
	/**
	 * The moves among `departures.movedDevices` that are still unreported after this run, e.g. because the run's message has to wait, or because
	 * the new owner was not sent.
	 */
	unreportedMoves: readonly MovedDevice[];
	/** When this run began, minutes since 1970. */
	beganMinute: number;
}

/**
 * Notes in the records which devices have left a customer, until a report has named their new owner: if a push adds devices, Tencent keeps
 * such a device bound to its former owner. A device that a customer had is
 *
 *     in `deviceHashes` of the record  while the customer's last request had it
 *     in `leftDevices` of the record   once the customer's rows no longer have it, until a report has named its new owner, or for 400 days
 *     in both                          if the rows no longer have it and no request without it was applied, e.g. because Tencent refused it
 *     in neither                       after that
 *
 * A customer that no row names any more keeps a record, with the status `left`, as long as it has `leftDevices`.
 * @param records the records for the state after this run, by the hashes of customers; changed here
 */
export async function recordDepartures(
	records: Map<string, CustomerRecord>,
	departuresToRecord: DeparturesToRecord,
	pause: Pause,
): Promise<void> {
	const reportedMoveKeys = keysOfReportedMoves(departuresToRecord);
	const leftDevicesByFormerOwnerKey = await collectLeftDevices(departuresToRecord, pause, reportedMoveKeys);
	await forEachPausingByCount(leftDevicesByFormerOwnerKey, pause, ([key, leftDevices]) => {
		const record = records.get(key);
		const keptHashes = deviceHashesOf(record).filter((hash) => !reportedMoveKeys.has(moveKey(hash, key)));
		const isInRows = rowsCheckOf(key, record, departuresToRecord);
		const leftDevicesToKeep = leftDevicesWithout(leftDevices, keptHashes.filter(isInRows));
		if (record === undefined && leftDevicesToKeep === undefined) {
			return;
		}
		records.set(key, {
			...(record ?? recordOfCustomerInNoRow(departuresToRecord.recordsBefore.get(key))),
			deviceHashes: joinHashes(keptHashes),
			leftDevices: leftDevicesToKeep,
		});
	});
}

/**
 * Finds out which devices of a customer's last request the rows still name.
 * @param record the customer's record after this run; undefined if no row names the customer
 * @returns whether the customer's rows name a device, given by its hash, or may name it because they cannot be read
 */
function rowsCheckOf(
	key: string,
	record: CustomerRecord | undefined,
	{ recordsBefore, rowDeviceHashesByKey }: DeparturesToRecord,
): (deviceHash: string) => boolean {
	if (record === undefined || wasLeftOut(record)) {
		return () => false;
	}
	if (record.status === 'withheld') {
		// Rows that cannot be read do not show that a device has left. It has left if earlier rows, which could be read, lacked it.
		const leftDevicesBefore = recordsBefore.get(key)?.leftDevices;
		return (deviceHash) => leftDevicesBefore?.has(deviceHash) !== true;
	}
	const rowDeviceHashes = rowDeviceHashesByKey.get(key) ?? record.deviceHashes;
	const rowHashes = new Set(deviceHashesOf({ deviceHashes: rowDeviceHashes }));
	return (deviceHash) => rowHashes.has(deviceHash);
}

/** Gives `leftDevices` of a customer's record: the devices that left the customer, without those that its rows have (again). */
export function leftDevicesWithout(
	leftDevices: ReadonlyMap<string, number>,
	deviceHashesInRows: readonly string[],
): CustomerRecord['leftDevices'] {
	const devicesNotBack = new Map(leftDevices);
	for (const deviceHash of deviceHashesInRows) {
		devicesNotBack.delete(deviceHash);
	}
	return devicesNotBack.size > 0 ? devicesNotBack : undefined;
}

/** The keys of the moves that a report of this or an earlier run has named. The records then keep the devices of these moves no longer. */
function keysOfReportedMoves({ departures, unreportedMoves }: DeparturesToRecord): Set<string> {
	const moveKeysOf = (moves: readonly MovedDevice[]) =>
		moves.map(({ deviceHash, formerOwnerKey }) => moveKey(deviceHash, formerOwnerKey));
	const reportedMoveKeys = new Set(moveKeysOf(departures.movedDevices));
	for (const key of moveKeysOf(unreportedMoves)) {
		reportedMoveKeys.delete(key);
	}
	return reportedMoveKeys;
}

/**
 * Collects the devices that have left their customers and are still awaited: a later run may have to report the move to a new owner.
 * @param reportedMoveKeys the moves that a report has named; none before the end of the run
 * @returns also an entry for a former owner none of whose devices is awaited, because the devices whose move was reported have to go from its
 *   `deviceHashes`
 */
export async function collectLeftDevices(
	{
		departures,
		unreportedMoves,
		beganMinute,
	}: Pick<DeparturesToRecord, 'departures' | 'unreportedMoves' | 'beganMinute'>,
	pause: Pause,
	reportedMoveKeys: ReadonlySet<string> = new Set(),
): Promise<LeftDevicesByFormerOwnerKey> {
	const leftDevicesByFormerOwnerKey = new Map<string, Map<string, number>>();
	const addLeftDevice = (deviceHash: string, formerOwnerKey: string, leftMinute: number) => {
		const leftDevices = leftDevicesByFormerOwnerKey.get(formerOwnerKey) ?? new Map<string, number>();
		leftDevicesByFormerOwnerKey.set(formerOwnerKey, leftDevices);
		const isTooLongAgo = beganMinute - leftMinute >= LONGEST_AWAITED_MINUTES;
		if (!isTooLongAgo && !reportedMoveKeys.has(moveKey(deviceHash, formerOwnerKey))) {
			leftDevices.set(deviceHash, leftMinute);
		}
	};
	// An earlier attempt of the execution, whose report nobody got, may have removed these devices from the state. A later run must report them.
	for (const { deviceHash, formerOwnerKey, leftMinute } of unreportedMoves) {
		addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
	}
	await forEachPausingByCount(
		departures.departuresByDeviceHash,
		pause,
		([deviceHash, departuresOfDevice]) => {
			for (const { formerOwnerKey, leftMinute } of departuresOfDevice) {
				addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
			}
		},
	);
	return leftDevicesByFormerOwnerKey;
}

/** The record of a customer that no row names any more. @param recordBefore what the run has found in the state */
function recordOfCustomerInNoRow(recordBefore: CustomerRecord | undefined): CustomerRecord {
	return {
		status: 'left',
		isFailureReported: false,
		fingerprint: '',
		acceptedMinute: recordBefore?.acceptedMinute ?? 0,
		deviceHashes: NO_DEVICE_HASHES,
	};
}

/** Names a move by the hashes of the device and of its former owner. A report names each move once. */
function moveKey(deviceHash: string, formerOwnerKey: string): string {
	return `${deviceHash} ${formerOwnerKey}`;
}
