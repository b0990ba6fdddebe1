import type { MovedDevice } from '../safetyChecks';
import type { Verdict } from '../verdicts';
import {
	type PartContent,
	type CustomerRecord,
	deviceHashesIn,
	deviceHashesOf,
	forEachWithPauses,
	hashAt,
	NO_DEVICE_HASHES,
	type Pause,
} from './content';
import { HASH_BYTES, type StateHashes } from './hashes';
import type { NamedCustomers, SendableCustomer } from './named';
import type { SyncSettings } from './settings';

/** A customer whose rows had a device in an earlier run and do not have it now. */
interface Departure {
	/** The hash of the former owner. */
	formerOwnerKey: string;
	/** The CustomerId of the former owner; undefined if no row names the customer any more. */
	formerOwnerId: string | undefined;
	/** When the rows of the former owner first lacked the device, minutes since 1970. */
	leftMinute: number;
	/** Whether the last run's rows still had the device under the former owner. Then the loss of the device counts in the safety checks of this run. */
	wasInLastRows: boolean;
	/** Set if the former owner is withheld. Then a row that cannot be read may still name the device. */
	isFormerOwnerWithheld?: true;
}

/** The new owner of a device that has left a customer. */
interface Arrival {
	newOwner: SendableCustomer;
	/** Whether an earlier run has already sent the device for the new owner. */
	isSentBefore: boolean;
}

/** What became of the devices that have left a customer. */
export interface Departures {
	/** The former owners of each device that left, by the hash of the device. */
	departuresByDevice: ReadonlyMap<string, readonly Departure[]>;
	/** The devices that have a new owner in the rows; one entry for each former owner. */
	moved: MovedDevice[];
	/** How many devices of the last run's rows are in no row now. */
	missingDeviceCount: number;
	/**
	 * How many devices of the last run's rows are missing from the rows that can be read, but may be in rows of their owners that cannot be read.
	 * `missingDeviceCount` does not count them.
	 */
	maybeMissingDeviceCount: number;
	/** The hashes of missing customers whose devices are in rows that cannot be sent: see `StartFacts.presumedWithheldKeys`. */
	presumedWithheldKeys: ReadonlySet<string>;
	/** The hashes of the devices of each customer that is neither unchanged nor due, by the customer's index. */
	deviceHashesByIndex: ReadonlyMap<number, Buffer>;
}

/** The rows of a run, and the state to compare them with. */
interface ComparedRows {
	/** The state of this account; undefined if there is none. */
	content: PartContent | undefined;
	named: NamedCustomers;
	verdicts: readonly Verdict[];
	/** The hashes of the customers that no row names any more. */
	missingKeys: readonly string[];
	/** When the run began, minutes since 1970. */
	beganMinute: number;
}

/**
 * Finds the devices that have left a customer, and their new owners, in two steps:
 *
 *     departures   the former owners of each device: customers whose record has the device and whose rows do not have it, and customers that
 *                  the device left in an earlier run, if no report has named the move yet
 *     arrivals     the new owner of each such device, if the rows have one
 *
 * The hashes of unchanged customers' devices come from the state: to look through 500,000 takes some 10 ms, and hashing them takes far longer.
 */
export async function findDepartures(
	settings: SyncSettings,
	comparedRows: ComparedRows,
	pause: Pause,
): Promise<Departures> {
	const noDepartures = {
		departuresByDevice: new Map(),
		moved: [],
		missingDeviceCount: 0,
		maybeMissingDeviceCount: 0,
		presumedWithheldKeys: new Set<string>(),
	};
	if (comparedRows.content === undefined) {
		return { ...noDepartures, deviceHashesByIndex: new Map() };
	}
	const deviceHashesByIndex = await hashDevicesToSend(settings, comparedRows, pause);
	const departuresByDevice = await findFormerOwners(comparedRows, deviceHashesByIndex, pause);
	if (departuresByDevice.size === 0) {
		return { ...noDepartures, deviceHashesByIndex };
	}
	const arrivalsByDevice = await findArrivals(settings, comparedRows, {
		deviceHashesByIndex,
		departuresByDevice,
		pause,
	});
	const { hashes, namedDevices, partlyWithheldIds, mayShareDevices } = settings;
	const unsendableDeviceHashes = new Set(
		Array.from(namedDevices.invalidDeviceIds ?? [], (deviceId) => hashes.deviceHash(deviceId)),
	);
	const deviceIdFinder = new DeviceIdFinder(hashes);
	const moved: MovedDevice[] = [];
	const presumedWithheldKeys = new Set<string>();
	let missingDeviceCount = 0;
	let maybeMissingDeviceCount = 0;
	await forEachWithPauses(departuresByDevice, pause, ([deviceHash, departuresOfDevice]) => {
		const arrival = arrivalsByDevice.get(deviceHash);
		const departuresOfLastRun = departuresOfDevice.filter(({ wasInLastRows }) => wasInLastRows);
		if (unsendableDeviceHashes.has(deviceHash)) {
			for (const { formerOwnerKey, formerOwnerId } of departuresOfLastRun) {
				// No row names the former owner any more, but a row that cannot be sent names its device: that row may be the former owner's.
				if (formerOwnerId === undefined) {
					presumedWithheldKeys.add(formerOwnerKey);
				}
			}
		} else if (arrival === undefined && departuresOfLastRun.length > 0) {
			if (departuresOfLastRun.every(({ formerOwnerId = '' }) => partlyWithheldIds.has(formerOwnerId))) {
				maybeMissingDeviceCount++;
			} else {
				missingDeviceCount++;
			}
		}
		if (arrival === undefined) {
			return;
		}
		const { newOwner, isSentBefore } = arrival;
		const deviceId = deviceIdFinder.findId(newOwner, deviceHash);
		for (const { formerOwnerKey, formerOwnerId, leftMinute, isFormerOwnerWithheld } of departuresOfDevice) {
			const mayStillHaveDevice = isFormerOwnerWithheld === true && mayShareDevices === true;
			if (deviceId !== undefined && formerOwnerKey !== newOwner.key && !mayStillHaveDevice) {
				moved.push({
					deviceId,
					deviceHash,
					formerOwnerKey,
					formerOwnerId,
					newOwnerId: newOwner.customerId,
					leftMinute,
					isSentBefore,
				});
			}
		}
	});
	return {
		departuresByDevice,
		moved,
		missingDeviceCount,
		maybeMissingDeviceCount,
		presumedWithheldKeys,
		deviceHashesByIndex,
	};
}

/**
 * Finds the DeviceId of a hash among the devices of a customer. It hashes all devices of a customer once and keeps the result: when 8,000
 * devices moved to one customer, hashing them again for each took 70 s.
 */
class DeviceIdFinder {
	readonly #hashes: StateHashes;
	readonly #idsByCustomer = new Map<SendableCustomer, ReadonlyMap<string, string>>();

	constructor(hashes: StateHashes) {
		this.#hashes = hashes;
	}

	/** @returns undefined if the customer has no device with this hash */
	findId(customer: SendableCustomer, deviceHash: string): string | undefined {
		let ids = this.#idsByCustomer.get(customer);
		if (ids === undefined) {
			ids = new Map(
				customer.set.devices.map(({ DeviceId }) => [this.#hashes.deviceHash(DeviceId), DeviceId]),
			);
			this.#idsByCustomer.set(customer, ids);
		}
		return ids.get(deviceHash);
	}
}

/** Whether a customer with this verdict has exactly the devices that its record has. */
function isUnchanged(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

/** Hashes the devices of the customers that are neither unchanged nor due. @returns the hashes of each, by the customer's index */
async function hashDevicesToSend(
	{ hashes }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	pause: Pause,
): Promise<Map<number, Buffer>> {
	const deviceHashes = new Map<number, Buffer>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, customer]) => {
		// Most customers are unchanged, and the state has the hashes of their devices, so these devices are not read.
		if (!isUnchanged(verdicts[index])) {
			deviceHashes.set(index, hashes.deviceHashes(customer.set.devices));
		}
	});
	return deviceHashes;
}

/** Finds the former owners of each device that has left a customer, by the hash of the device. */
async function findFormerOwners(
	{ content, named, missingKeys, beganMinute }: ComparedRows,
	deviceHashes: ReadonlyMap<number, Buffer>,
	pause: Pause,
): Promise<Map<string, Departure[]>> {
	const { customers, withheld, leftOut } = named;
	const departuresByDevice = new Map<string, Departure[]>();
	const addDeparture = (deviceHash: string, departure: Departure) => {
		const earlierDepartures = departuresByDevice.get(deviceHash);
		if (earlierDepartures === undefined) {
			departuresByDevice.set(deviceHash, [departure]);
		} else if (!earlierDepartures.some(({ formerOwnerKey }) => formerOwnerKey === departure.formerOwnerKey)) {
			earlierDepartures.push(departure);
		}
	};
	const addDepartures = (leftDeviceHashes: readonly string[], departure: Omit<Departure, 'leftMinute'>) => {
		for (const deviceHash of leftDeviceHashes) {
			addDeparture(deviceHash, { ...departure, leftMinute: beganMinute });
		}
	};
	await forEachWithPauses(deviceHashes, pause, ([index, hashesNow]) => {
		const { recordBefore, key, customerId, fingerprint } = customers[index]!;
		if (recordBefore === undefined || recordBefore.deviceHashes.equals(hashesNow)) {
			return;
		}
		const presentHashes = new Set(deviceHashesIn(hashesNow));
		const leftDeviceHashes = deviceHashesIn(recordBefore.deviceHashes).filter(
			(hash) => !presentHashes.has(hash),
		);
		// If the last run had the same rows of this customer, and could not send them, its safety checks have already counted the loss.
		const wasInLastRows = recordBefore.fingerprint !== fingerprint;
		addDepartures(leftDeviceHashes, { formerOwnerKey: key, formerOwnerId: customerId, wasInLastRows });
	});
	await forEachWithPauses(withheld, pause, ({ recordBefore, key, customerId }) => {
		addDepartures(deviceHashesOf(recordBefore), {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			wasInLastRows: false,
			isFormerOwnerWithheld: true,
		});
	});
	await forEachWithPauses(leftOut, pause, ({ recordBefore, key, customerId }) => {
		const wasInLastRows = recordBefore?.status !== 'withoutDevice';
		addDepartures(deviceHashesOf(recordBefore), {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			wasInLastRows,
		});
	});
	await forEachWithPauses(missingKeys, pause, (formerOwnerKey) => {
		const leftDeviceHashes = deviceHashesOf(content?.records.get(formerOwnerKey));
		addDepartures(leftDeviceHashes, { formerOwnerKey, formerOwnerId: undefined, wasInLastRows: true });
	});
	// Devices that left in earlier runs, and whose move no report has named; also those of customers that lost all their devices.
	const departedRecords: Array<[string, CustomerRecord]> = [];
	await forEachWithPauses(content?.records ?? [], pause, (entry) => {
		if (hadDepartures(entry[1])) {
			departedRecords.push(entry);
		}
	});
	if (departedRecords.length === 0) {
		return departuresByDevice;
	}
	const idsByKey = new Map<string, string>();
	await forEachWithPauses(
		[...customers, ...withheld, ...leftOut],
		pause,
		({ key, customerId, recordBefore }) => {
			if (recordBefore !== undefined && hadDepartures(recordBefore)) {
				idsByKey.set(key, customerId);
			}
		},
	);
	for (const [formerOwnerKey, record] of departedRecords) {
		const formerOwnerId = idsByKey.get(formerOwnerKey);
		const departure = { formerOwnerKey, formerOwnerId, wasInLastRows: false };
		for (const [deviceHash, leftMinute] of record.leftDevices ?? []) {
			addDeparture(deviceHash, { ...departure, leftMinute });
		}
		if (formerOwnerId === undefined) {
			addDepartures(deviceHashesOf(record), departure);
		}
	}
	return departuresByDevice;
}

/** Whether the record of a customer shows that devices left this customer in an earlier run. */
function hadDepartures({ leftDevices, status }: CustomerRecord): boolean {
	return leftDevices !== undefined || status === 'withoutDevice';
}

/** What `findArrivals` needs to find the new owners of devices. */
interface ArrivalSearch extends Pick<Departures, 'deviceHashesByIndex'> {
	/** The former owners of each device that left, by the hash of the device. */
	departuresByDevice: Departures['departuresByDevice'];
	pause: Pause;
}

/** Finds the new owner of each device that has left a customer, by the hash of the device. Devices that no row has are not listed. */
async function findArrivals(
	{ mayShareDevices = false }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	{ deviceHashesByIndex, departuresByDevice, pause }: ArrivalSearch,
): Promise<Map<string, Arrival>> {
	const deviceFilter = new DeviceFilter(departuresByDevice.keys());
	const arrivalsByDevice = new Map<string, Arrival>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, newOwner]) => {
		const isUnchangedOwner = isUnchanged(verdicts[index]);
		// If several customers may have a device, an unchanged customer with the device had it before, and is no new owner.
		if (isUnchangedOwner && mayShareDevices) {
			return;
		}
		const hashesSentBefore = deviceFilter.possiblyWantedIn(newOwner.recordBefore?.deviceHashes);
		const hashesNow = isUnchangedOwner
			? hashesSentBefore
			: deviceFilter.possiblyWantedIn(deviceHashesByIndex.get(index));
		const sentBefore = new Set(hashesSentBefore);
		for (const deviceHash of hashesNow) {
			const isSentBefore = sentBefore.has(deviceHash);
			if (departuresByDevice.has(deviceHash) && !(mayShareDevices && isSentBefore)) {
				arrivalsByDevice.set(deviceHash, { newOwner, isSentBefore });
			}
		}
	});
	return arrivalsByDevice;
}

/** A device that left a customer this long ago, and has turned up at no other one, is no longer awaited: no report will name its move. 400 days. */
const LONGEST_AWAITED_MINUTES = 400 * 1440;

/** What a run knows of the devices that have left a customer. */
interface KnownDepartures {
	/** The records that the run has found in the state, by the hashes of customers. */
	recordsBefore: ReadonlyMap<string, CustomerRecord>;
	departures: Pick<Departures, 'departuresByDevice' | 'moved'>;
	/** The moves among `departures.moved` that no report has named, not even that of this run. */
	unreportedMoves: readonly MovedDevice[];
	/** When the run began, minutes since 1970. */
	beganMinute: number;
}

/**
 * Notes in the records which devices have left a customer, until a report has named their new owner: if a push adds devices, Tencent keeps
 * such a device bound to its former owner. A device that a customer had is
 *
 *     in `deviceHashes` of the record  while the customer's last request had it
 *     in `leftDevices` of the record   once the customer's rows no longer have it, until a report has named its new owner, or for 400 days
 *     in neither                       after that
 *
 * A customer that no row names any more keeps a record, with the status `left`, as long as it has `leftDevices`.
 * @param records the records for the state after this run, by the hashes of customers; changed here
 */
export async function recordDepartures(
	records: Map<string, CustomerRecord>,
	{ recordsBefore, departures: { departuresByDevice, moved }, unreportedMoves, beganMinute }: KnownDepartures,
	pause: Pause,
): Promise<void> {
	const reportedMoveKeys = new Set(
		moved.map(({ deviceHash, formerOwnerKey }) => moveKey(deviceHash, formerOwnerKey)),
	);
	for (const { deviceHash, formerOwnerKey } of unreportedMoves) {
		reportedMoveKeys.delete(moveKey(deviceHash, formerOwnerKey));
	}
	// For each former owner, by its hash: the hashes of the devices that left it, and the minute when each left.
	const leftDevicesByOwner = new Map<string, Map<string, number>>();
	const addLeftDevice = (deviceHash: string, formerOwnerKey: string, leftMinute: number) => {
		const leftDevices = leftDevicesByOwner.get(formerOwnerKey) ?? new Map<string, number>();
		leftDevicesByOwner.set(formerOwnerKey, leftDevices);
		if (
			beganMinute - leftMinute < LONGEST_AWAITED_MINUTES &&
			!reportedMoveKeys.has(moveKey(deviceHash, formerOwnerKey))
		) {
			leftDevices.set(deviceHash, leftMinute);
		}
	};
	// An earlier attempt of the execution may have removed these devices from the state, although nobody got its report. Here they are put back, so
	// that a later run reports where they moved.
	for (const { deviceHash, formerOwnerKey, leftMinute } of unreportedMoves) {
		addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
	}
	await forEachWithPauses(departuresByDevice, pause, ([deviceHash, departuresOfDevice]) => {
		for (const { formerOwnerKey, leftMinute } of departuresOfDevice) {
			addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
		}
	});
	await forEachWithPauses(leftDevicesByOwner, pause, ([key, leftDevices]) => {
		const record = records.get(key);
		// A customer that was not sent has its earlier devices in `deviceHashes`, even those that its rows no longer have. `leftDevices` does not repeat them.
		const hashes = deviceHashesOf(record).filter((hash) => !reportedMoveKeys.has(moveKey(hash, key)));
		for (const deviceHash of hashes) {
			leftDevices.delete(deviceHash);
		}
		if (record === undefined && leftDevices.size === 0) {
			return;
		}
		const acceptedMinute = recordsBefore.get(key)?.acceptedMinute ?? 0;
		const emptyRecord = {
			status: 'left',
			isFailureReported: false,
			fingerprint: '',
			acceptedMinute,
			deviceHashes: NO_DEVICE_HASHES,
		} as const;
		records.set(key, {
			...(record ?? emptyRecord),
			deviceHashes: Buffer.concat(hashes.map((deviceHash) => Buffer.from(deviceHash, 'base64url'))),
			leftDevices: leftDevices.size > 0 ? leftDevices : undefined,
		});
	});
}

/** Names a move by the hashes of the device and of its former owner. A report names each move once. */
function moveKey(deviceHash: string, formerOwnerKey: string): string {
	return `${deviceHash} ${formerOwnerKey}`;
}

/** The size of the filter: 2^20 bits are 128 kB. If 1,000 devices are wanted, some 500 of 500,000 others pass the filter by chance. */
const FILTER_BITS = 2 ** 20;

/**
 * Finds devices in buffers of hashes, and drops nearly all that are not wanted, by 20 bits of each hash. To look up each hash as a text would
 * take twenty times as long.
 */
class DeviceFilter {
	readonly #bits = new Uint8Array(FILTER_BITS / 8);

	constructor(wantedDeviceHashes: Iterable<string>) {
		for (const deviceHash of wantedDeviceHashes) {
			const bitIndex = Buffer.from(deviceHash, 'base64url').readUInt32LE(0) % FILTER_BITS;
			this.#bits[bitIndex >> 3] = (this.#bits[bitIndex >> 3] ?? 0) | (1 << (bitIndex & 7));
		}
	}

	/** The hashes in a buffer that may be wanted: all wanted ones, and a few others. The caller must look these up. */
	possiblyWantedIn(devices: Buffer = NO_DEVICE_HASHES): string[] {
		const possiblyWantedHashes: string[] = [];
		for (let start = 0; start < devices.length; start += HASH_BYTES) {
			const bitIndex = devices.readUInt32LE(start) % FILTER_BITS;
			if (((this.#bits[bitIndex >> 3] ?? 0) & (1 << (bitIndex & 7))) !== 0) {
				possiblyWantedHashes.push(hashAt(devices, start));
			}
		}
		return possiblyWantedHashes;
	}
}
