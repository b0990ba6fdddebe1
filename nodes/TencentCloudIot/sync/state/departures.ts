import { BitSet } from '../../input/bitSet';
import { forEachPausingByCount, type Pause } from '../../input/pausing';
import type { MovedDevice } from '../stop';
import { hasSameDevices, type Verdict } from '../verdicts';
import { type CustomerRecord, deviceHashesOf, NO_DEVICE_HASHES, wasLeftOut } from './content';
import { HASH_BYTES, hashAt } from './hashes';
import type { ComparedRun, CustomerInRows, CustomersInRows, SendableCustomer } from './customersInRows';
import type { SyncSettings } from './settings';

/** One device leaving one customer: the customer's rows had the device in an earlier run and do not have it now. */
interface Departure {
	/** The hash of the former owner. */
	formerOwnerKey: string;
	/** The CustomerId of the former owner; undefined if no row names the customer any more. */
	formerOwnerId: string | undefined;
	/** When the rows of the former owner first lacked the device, minutes since 1970. */
	leftMinute: number;
	/** Whether the last run's rows still had the device under the former owner. Then the loss of the device counts in the safety checks of this run. */
	wasDeviceInLastRows: boolean;
	/** Set if the former owner is withheld. Then a row that cannot be read may still name the device. */
	isFormerOwnerWithheld?: true;
}

/** A device that has left a customer, in the rows of its new owner. */
interface Arrival {
	newOwner: SendableCustomer;
	/** Whether an earlier run has already sent the device for the new owner. */
	isSentBefore: boolean;
}

/** What became of the devices that have left a customer. */
export interface Departures {
	/** The former owners of each device that left, by the hash of the device. */
	departuresByDeviceHash: ReadonlyMap<string, readonly Departure[]>;
	/** The devices that have a new owner in the rows; one entry for each former owner. */
	movedDevices: MovedDevice[];
	/** How many devices of the last run's rows are in no row now. */
	missingDeviceCount: number;
	/**
	 * How many devices of the last run's rows are missing from the rows that can be read, but may be in rows of their owners that cannot be read.
	 * `missingDeviceCount` does not count them.
	 */
	maybeMissingDeviceCount: number;
	/** The hashes of customers that no row names, while rows that cannot be sent name their devices: see `StartFacts.presumedWithheldKeys`. */
	presumedWithheldKeys: ReadonlySet<string>;
	/** The hashes of the devices of each customer that is neither unchanged nor due, by the customer's index. */
	deviceHashesByIndex: ReadonlyMap<number, string>;
}

/** A run that knows the verdict of each customer, and which customers its rows lack. */
interface RunWithVerdicts extends ComparedRun {
	verdicts: readonly Verdict[];
	/**
	 * The hashes of the customers that had a device in the last run's rows, or whose loss of all devices no report has named, and that no row names
	 * now. They are missing, or presumed to be withheld: `findDepartures` tells which (`presumedWithheldKeys`).
	 */
	keysInNoRow: readonly string[];
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
export async function findDepartures(run: RunWithVerdicts): Promise<Departures> {
	const { settings, pause } = run;
	const missingDeviceCounter = new MissingDeviceCounter(settings);
	const moveFinder = new MoveFinder(settings);
	const deviceHashesByIndex = await hashDevicesToSend(run);
	const departuresByDeviceHash = await findFormerOwners(run, deviceHashesByIndex);
	// In most runs no device has left a customer. Then the devices in the rows need not be searched.
	if (departuresByDeviceHash.size > 0) {
		const arrivalsByDeviceHash = await findArrivals(run, deviceHashesByIndex, departuresByDeviceHash);
		await forEachPausingByCount(departuresByDeviceHash, pause, ([deviceHash, departuresOfDevice]) => {
			const arrival = arrivalsByDeviceHash.get(deviceHash);
			missingDeviceCounter.count(deviceHash, departuresOfDevice, arrival);
			if (arrival !== undefined) {
				moveFinder.addMove(deviceHash, departuresOfDevice, arrival);
			}
		});
	}
	const { missingDeviceCount, maybeMissingDeviceCount, presumedWithheldKeys } = missingDeviceCounter;
	return {
		departuresByDeviceHash,
		movedDevices: moveFinder.movedDevices,
		missingDeviceCount,
		maybeMissingDeviceCount,
		presumedWithheldKeys,
		deviceHashesByIndex,
	};
}

/**
 * Counts the devices of the last run's rows that are in no row now, for the safety checks. If a row that cannot be sent names a device, the device
 * is not missing. If then no row names the former owner of the device, that row may be the former owner's, so this customer is presumed withheld.
 */
class MissingDeviceCounter {
	missingDeviceCount = 0;
	maybeMissingDeviceCount = 0;
	readonly presumedWithheldKeys = new Set<string>();
	readonly #settings: SyncSettings;
	/** The hashes of the devices named only by rows that cannot be sent. Made when first needed: in most runs no device has left a customer. */
	#unsendableDeviceHashes: ReadonlySet<string> | undefined;

	constructor(settings: SyncSettings) {
		this.#settings = settings;
	}

	/** Counts a device that its former owners no longer have, unless a row of any customer names it. @param arrival the new owner, if the rows have one */
	count(deviceHash: string, departuresOfDevice: readonly Departure[], arrival: Arrival | undefined): void {
		const { partlyWithheldIds } = this.#settings;
		const departuresOfLastRun = departuresOfDevice.filter(({ wasDeviceInLastRows }) => wasDeviceInLastRows);
		if (this.#isInUnsendableRow(deviceHash)) {
			this.#presumeGoneOwnersWithheld(departuresOfLastRun);
			return;
		}
		if (arrival !== undefined || departuresOfLastRun.length === 0) {
			return;
		}
		const mayBeInWithheldRows = departuresOfLastRun.every(({ formerOwnerId = '' }) =>
			partlyWithheldIds.has(formerOwnerId),
		);
		if (mayBeInWithheldRows) {
			this.maybeMissingDeviceCount++;
		} else {
			this.missingDeviceCount++;
		}
	}

	/** Whether the device is named only by rows that cannot be sent. */
	#isInUnsendableRow(deviceHash: string): boolean {
		const { hashes, namedDevices } = this.#settings;
		this.#unsendableDeviceHashes ??= new Set(
			Array.from(namedDevices.invalidDeviceIds ?? [], (deviceId) => hashes.deviceHash(deviceId)),
		);
		return this.#unsendableDeviceHashes.has(deviceHash);
	}

	/** Presumes the former owners that no row names any more to be withheld: the row that cannot be sent may be theirs. */
	#presumeGoneOwnersWithheld(departures: readonly Departure[]): void {
		for (const { formerOwnerKey, formerOwnerId } of departures) {
			if (formerOwnerId === undefined) {
				this.presumedWithheldKeys.add(formerOwnerKey);
			}
		}
	}
}

/** Lists the devices that have a new owner. */
class MoveFinder {
	readonly movedDevices: MovedDevice[] = [];
	readonly #settings: SyncSettings;
	/** For each new owner so far, its DeviceIds by their hashes. When 8,000 devices moved to one customer, hashing them again for each took 70 s. */
	readonly #deviceIdsByOwner = new Map<SendableCustomer, ReadonlyMap<string, string>>();

	constructor(settings: SyncSettings) {
		this.#settings = settings;
	}

	/** Adds the move of a device to its new owner, once for each former owner. */
	addMove(
		deviceHash: string,
		departuresOfDevice: readonly Departure[],
		{ newOwner, isSentBefore }: Arrival,
	): void {
		const deviceId = this.#findDeviceId(newOwner, deviceHash);
		if (deviceId === undefined) {
			return;
		}
		for (const { formerOwnerKey, formerOwnerId, leftMinute, isFormerOwnerWithheld } of departuresOfDevice) {
			const mayStillHaveDevice = isFormerOwnerWithheld === true && this.#settings.mayShareDevices === true;
			if (formerOwnerKey !== newOwner.key && !mayStillHaveDevice) {
				this.movedDevices.push({
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
	}

	/** Finds the DeviceId of a hash among the devices of a new owner; undefined if none of them has this hash. */
	#findDeviceId(newOwner: SendableCustomer, deviceHash: string): string | undefined {
		let deviceIdsByHash = this.#deviceIdsByOwner.get(newOwner);
		if (deviceIdsByHash === undefined) {
			const { hashes } = this.#settings;
			deviceIdsByHash = new Map(
				newOwner.fullSet.devices.map(({ DeviceId }) => [hashes.deviceHash(DeviceId), DeviceId]),
			);
			this.#deviceIdsByOwner.set(newOwner, deviceIdsByHash);
		}
		return deviceIdsByHash.get(deviceHash);
	}
}

/**
 * Hashes the devices of the customers that are neither unchanged nor due.
 * @returns the hashes of each, by the customer's index; none if the table has no state of this account: then no device can have left
 */
async function hashDevicesToSend({
	settings: { hashes },
	customersInRows,
	foundState,
	verdicts,
	pause,
}: RunWithVerdicts): Promise<Map<number, string>> {
	const deviceHashesByIndex = new Map<number, string>();
	if (foundState.accountContent === undefined) {
		return deviceHashesByIndex;
	}
	await forEachPausingByCount(customersInRows.sendable.entries(), pause, ([index, customer]) => {
		// Most customers are unchanged, and the state has the hashes of their devices, so these devices are not read.
		if (!hasSameDevices(verdicts[index])) {
			deviceHashesByIndex.set(index, hashes.deviceHashes(customer.fullSet.devices));
		}
	});
	return deviceHashesByIndex;
}

/** Finds the former owners of each device that has left a customer, by the hash of the device. */
async function findFormerOwners(
	{ foundState, customersInRows, keysInNoRow, beganMinute, pause }: RunWithVerdicts,
	deviceHashesByIndex: ReadonlyMap<number, string>,
): Promise<Departures['departuresByDeviceHash']> {
	const records = foundState.accountContent?.records ?? new Map<string, CustomerRecord>();
	const collector = new DepartureCollector(beganMinute);
	// The earlier departures come first: they have the minute in which the device left.
	const earlierFormerOwners = await findEarlierFormerOwners(records, customersInRows, pause);
	for (const formerOwner of earlierFormerOwners) {
		collector.addFromEarlierRuns(formerOwner);
	}
	await forEachPausingByCount(deviceHashesByIndex, pause, ([index, deviceHashesNow]) => {
		collector.addFromCustomerToSend(customersInRows.sendable[index]!, deviceHashesNow);
	});
	await forEachPausingByCount(customersInRows.withheld, pause, (customer) =>
		collector.addFromWithheld(customer),
	);
	await forEachPausingByCount(customersInRows.leftOut, pause, (customer) =>
		collector.addFromLeftOut(customer),
	);
	await forEachPausingByCount(keysInNoRow, pause, (key) => collector.addFromGone(key, records.get(key)));
	// `keysInNoRow` lacks the gone customers whose loss of all devices a report has named.
	for (const { key, customerId, record } of earlierFormerOwners) {
		if (customerId === undefined) {
			collector.addFromGone(key, record);
		}
	}
	return collector.departuresByDeviceHash;
}

/** A customer that devices have left in earlier runs. */
interface EarlierFormerOwner {
	key: string;
	/** Undefined if no row names the customer any more. */
	customerId: string | undefined;
	record: CustomerRecord;
}

/** Finds the customers that devices have left in earlier runs without a report that names the move; also those that lost all their devices. */
async function findEarlierFormerOwners(
	records: ReadonlyMap<string, CustomerRecord>,
	{ sendable, withheld, leftOut }: CustomersInRows,
	pause: Pause,
): Promise<EarlierFormerOwner[]> {
	const recordsWithDepartures: Array<[key: string, record: CustomerRecord]> = [];
	await forEachPausingByCount(records, pause, (entry) => {
		if (hadDepartures(entry[1])) {
			recordsWithDepartures.push(entry);
		}
	});
	if (recordsWithDepartures.length === 0) {
		return [];
	}
	const customerIdsByKey = new Map<string, string>();
	const noteCustomerId = ({ key, customerId, recordBefore }: CustomerInRows) => {
		if (recordBefore !== undefined && hadDepartures(recordBefore)) {
			customerIdsByKey.set(key, customerId);
		}
	};
	await forEachPausingByCount([...sendable, ...withheld, ...leftOut], pause, noteCustomerId);
	return recordsWithDepartures.map(([key, record]) => {
		return { key, customerId: customerIdsByKey.get(key), record };
	});
}

/** Collects the devices that have left a customer, with their former owners. */
class DepartureCollector {
	/** The former owners of each device that left, by the hash of the device. An owner is listed once for each device. */
	readonly departuresByDeviceHash = new Map<string, Departure[]>();
	readonly #beganMinute: number;

	constructor(beganMinute: number) {
		this.#beganMinute = beganMinute;
	}

	/** Adds the devices that a customer had and its rows do not have any more. @param deviceHashesNow the hashes of the devices that its rows have */
	addFromCustomerToSend(
		{ recordBefore, key, customerId, fingerprint }: SendableCustomer,
		deviceHashesNow: string,
	): void {
		if (recordBefore === undefined || recordBefore.deviceHashes === deviceHashesNow) {
			return;
		}
		const presentDeviceHashes = new Set(deviceHashesOf({ deviceHashes: deviceHashesNow }));
		const leftDeviceHashes = deviceHashesOf(recordBefore).filter((hash) => !presentDeviceHashes.has(hash));
		// If the last run had the same rows of this customer, and could not send them, its safety checks have already counted the loss.
		const wasDeviceInLastRows = recordBefore.fingerprint !== fingerprint;
		this.#addAll(leftDeviceHashes, { formerOwnerKey: key, formerOwnerId: customerId, wasDeviceInLastRows });
	}

	/**
	 * Adds all devices of a withheld customer, because another customer's rows may have them now. They do not count as lost: the withheld
	 * customer's rows, which cannot be sent, may still name them.
	 */
	addFromWithheld({ recordBefore, key, customerId }: CustomerInRows): void {
		this.#addAll(deviceHashesOf(recordBefore), {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			wasDeviceInLastRows: false,
			isFormerOwnerWithheld: true,
		});
	}

	/** Adds all devices that a customer had, since its rows have no device any more. */
	addFromLeftOut({ recordBefore, key, customerId }: CustomerInRows): void {
		this.#addAll(deviceHashesOf(recordBefore), {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			wasDeviceInLastRows: !wasLeftOut(recordBefore),
		});
	}

	/** Adds all devices of a customer that no row names any more. */
	addFromGone(key: string, record: CustomerRecord | undefined): void {
		this.#addAll(deviceHashesOf(record), {
			formerOwnerKey: key,
			formerOwnerId: undefined,
			wasDeviceInLastRows: !wasLeftOut(record),
		});
	}

	/** Adds the devices that left a customer in earlier runs. */
	addFromEarlierRuns({ key, customerId, record }: EarlierFormerOwner): void {
		const departureBase = { formerOwnerKey: key, formerOwnerId: customerId, wasDeviceInLastRows: false };
		for (const [deviceHash, leftMinute] of record.leftDevices ?? []) {
			this.#addDeparture(deviceHash, { ...departureBase, leftMinute });
		}
	}

	#addAll(deviceHashes: readonly string[], departure: Omit<Departure, 'leftMinute'>): void {
		for (const deviceHash of deviceHashes) {
			this.#addDeparture(deviceHash, { ...departure, leftMinute: this.#beganMinute });
		}
	}

	/** Adds a former owner of a device, unless it is listed: then the entry that came first stays. */
	#addDeparture(deviceHash: string, departure: Departure): void {
		const departuresOfDevice = this.departuresByDeviceHash.get(deviceHash);
		if (departuresOfDevice === undefined) {
			this.departuresByDeviceHash.set(deviceHash, [departure]);
		} else if (
			!departuresOfDevice.some(({ formerOwnerKey }) => formerOwnerKey === departure.formerOwnerKey)
		) {
			departuresOfDevice.push(departure);
		}
	}
}

/** Whether the record of a customer shows that devices left this customer in an earlier run. */
function hadDepartures({ leftDevices, status }: CustomerRecord): boolean {
	return leftDevices !== undefined || status === 'withoutDevice';
}

/** Finds the new owner of each device that has left a customer, by the hash of the device. Devices that no row has are not listed. */
async function findArrivals(
	{ settings: { mayShareDevices = false }, customersInRows, verdicts, pause }: RunWithVerdicts,
	deviceHashesByIndex: ReadonlyMap<number, string>,
	departuresByDeviceHash: Departures['departuresByDeviceHash'],
): Promise<Map<string, Arrival>> {
	const deviceFilter = new DeviceFilter(departuresByDeviceHash.keys());
	const arrivalsByDeviceHash = new Map<string, Arrival>();
	await forEachPausingByCount(customersInRows.sendable.entries(), pause, ([index, newOwner]) => {
		const isUnchangedOwner = hasSameDevices(verdicts[index]);
		// If several customers may have a device, an unchanged customer with the device had it before, and is not a new owner.
		if (isUnchangedOwner && mayShareDevices) {
			return;
		}
		const sentDeviceHashes = deviceFilter.findPossiblyWanted(newOwner.recordBefore?.deviceHashes);
		const deviceHashesNow = isUnchangedOwner
			? sentDeviceHashes
			: deviceFilter.findPossiblyWanted(deviceHashesByIndex.get(index));
		const sentDeviceHashSet = new Set(sentDeviceHashes);
		for (const deviceHash of deviceHashesNow) {
			const isSentBefore = sentDeviceHashSet.has(deviceHash);
			// If several customers may have a device, a customer that had the device before is not a new owner either.
			const isNewOwner = !(mayShareDevices && isSentBefore);
			if (isNewOwner && departuresByDeviceHash.has(deviceHash)) {
				arrivalsByDeviceHash.set(deviceHash, { newOwner, isSentBefore });
			}
		}
	});
	return arrivalsByDeviceHash;
}

/** The size of a `DeviceFilter`: 2^20 bits are 128 kB. If 1,000 devices are wanted, some 500 of 500,000 other devices pass the filter by chance. */
const FILTER_BITS = 2 ** 20;

/**
 * Finds devices in texts of hashes, and drops nearly all that are not wanted, by 20 bits of each hash. To look up each hash as a text would
 * take twenty times as long.
 */
class DeviceFilter {
	readonly #bits = new BitSet(FILTER_BITS);

	constructor(wantedDeviceHashes: Iterable<string>) {
		for (const deviceHash of wantedDeviceHashes) {
			this.#bits.add(Buffer.from(deviceHash, 'base64url').readUInt32LE(0) % FILTER_BITS);
		}
	}

	/**
	 * Finds the hashes that may be wanted, each as base64url: all wanted ones, and a few others by chance, so the caller must look up each hash.
	 * @param deviceHashes as in `CustomerRecord.deviceHashes`
	 */
	findPossiblyWanted(deviceHashes: string = NO_DEVICE_HASHES): string[] {
		const bytes = Buffer.from(deviceHashes, 'latin1');
		const possiblyWantedHashes: string[] = [];
		for (let start = 0; start < bytes.length; start += HASH_BYTES) {
			if (this.#bits.has(bytes.readUInt32LE(start) % FILTER_BITS)) {
				possiblyWantedHashes.push(hashAt(bytes, start));
			}
		}
		return possiblyWantedHashes;
	}
}
