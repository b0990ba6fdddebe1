import type { Moved } from '../safetyChecks';
import type { Verdict } from '../verdicts';
import {
	type Content,
	type CustomerRecord,
	deviceHashesIn,
	deviceHashesOf,
	forEachWithPauses,
	hashAt,
	NO_HASHES,
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
	isOfLastRun: boolean;
	/** Whether the former owner is withheld. Then a row that cannot be read may still name the device. */
	isWithheld: boolean;
}

/** The new owner of a device that has left a customer. */
interface Arrival {
	owner: SendableCustomer;
	/** Whether an earlier run has already sent the device for the new owner. */
	isSentBefore: boolean;
}

/** What became of the devices that have left a customer. */
export interface Departures {
	/** The former owners of each device that left, by the hash of the device. */
	formerOwners: ReadonlyMap<string, readonly Departure[]>;
	/** The devices that have a new owner in the rows; one entry for each former owner. */
	moved: Moved[];
	/** How many devices of the last run's rows are in no row now. */
	missingDeviceCount: number;
	/**
	 * How many devices of the last run's rows are missing from the rows that can be read, but may be in rows of their owners that cannot be read.
	 * `missingDeviceCount` does not count them.
	 */
	maybeMissingDeviceCount: number;
	/** The hashes of missing customers whose devices are in rows that cannot be sent: see `StartFacts.presumedWithheld`. */
	presumedWithheld: ReadonlySet<string>;
	/** The hashes of the devices of each customer that is neither unchanged nor due, by the customer's index. */
	deviceHashes: ReadonlyMap<number, Buffer>;
}

/** The rows of a run, and the state to compare them with. */
interface ComparedRows {
	/** The state of this account; undefined if there is none. */
	content: Content | undefined;
	named: NamedCustomers;
	verdicts: readonly Verdict[];
	/** The hashes of the customers that no row names any more. */
	missingKeys: readonly string[];
	/** When the run began, minutes since 1970. */
	minute: number;
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
		formerOwners: new Map(),
		moved: [],
		missingDeviceCount: 0,
		maybeMissingDeviceCount: 0,
		presumedWithheld: new Set<string>(),
	};
	if (comparedRows.content === undefined) {
		return { ...noDepartures, deviceHashes: new Map() };
	}
	const deviceHashes = await hashDevicesToSend(settings, comparedRows, pause);
	const departures = await findFormerOwners(comparedRows, deviceHashes, pause);
	if (departures.size === 0) {
		return { ...noDepartures, deviceHashes };
	}
	const arrivals = await findArrivals(settings, comparedRows, { deviceHashes, departures, pause });
	const { hashes, namedDevices, partlyWithheld, mayShareDevices } = settings;
	const unsendableHashes = new Set(
		Array.from(namedDevices.invalidDeviceIds ?? [], (deviceId) => hashes.device(deviceId)),
	);
	const deviceIdFinder = new DeviceIdFinder(hashes);
	const moved: Moved[] = [];
	const presumedWithheld = new Set<string>();
	let missingDeviceCount = 0;
	let maybeMissingDeviceCount = 0;
	await forEachWithPauses(departures, pause, ([deviceHash, departuresOfDevice]) => {
		const arrival = arrivals.get(deviceHash);
		const departuresOfLastRun = departuresOfDevice.filter(({ isOfLastRun }) => isOfLastRun);
		if (unsendableHashes.has(deviceHash)) {
			for (const { formerOwnerKey, formerOwnerId } of departuresOfLastRun) {
				// No row names the former owner any more, but a row that cannot be sent names its device: that row may be the former owner's.
				if (formerOwnerId === undefined) {
					presumedWithheld.add(formerOwnerKey);
				}
			}
		} else if (arrival === undefined && departuresOfLastRun.length > 0) {
			if (departuresOfLastRun.every(({ formerOwnerId = '' }) => partlyWithheld.has(formerOwnerId))) {
				maybeMissingDeviceCount++;
			} else {
				missingDeviceCount++;
			}
		}
		if (arrival === undefined) {
			return;
		}
		const { owner, isSentBefore } = arrival;
		const deviceId = deviceIdFinder.find(owner, deviceHash);
		for (const { formerOwnerKey, formerOwnerId, leftMinute, isWithheld } of departuresOfDevice) {
			const mayStillHave = isWithheld && mayShareDevices === true;
			if (deviceId !== undefined && formerOwnerKey !== owner.key && !mayStillHave) {
				moved.push({
					deviceId,
					deviceHash,
					formerOwnerKey,
					formerOwnerId,
					newOwnerId: owner.customerId,
					leftMinute,
					isSentBefore,
				});
			}
		}
	});
	return {
		formerOwners: departures,
		moved,
		missingDeviceCount,
		maybeMissingDeviceCount,
		presumedWithheld,
		deviceHashes,
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

	/** @param deviceHash the hash of the device */
	find(customer: SendableCustomer, deviceHash: string): string | undefined {
		let ids = this.#idsByCustomer.get(customer);
		if (ids === undefined) {
			ids = new Map(customer.set.devices.map(({ DeviceId }) => [this.#hashes.device(DeviceId), DeviceId]));
			this.#idsByCustomer.set(customer, ids);
		}
		return ids.get(deviceHash);
	}
}

/** Whether a customer with this verdict has exactly the devices that its record has. */
function isUnchanged(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

/** Hashes the devices of the customers that are neither unchanged nor due, by index. */
async function hashDevicesToSend(
	{ hashes }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	pause: Pause,
): Promise<Map<number, Buffer>> {
	const deviceHashes = new Map<number, Buffer>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, customer]) => {
		// Most customers are unchanged, and the state has the hashes of their devices, so these devices are not read.
		if (!isUnchanged(verdicts[index])) {
			deviceHashes.set(index, hashes.devices(customer.set.devices));
		}
	});
	return deviceHashes;
}

/** Finds the former owners of each device that has left a customer, by the hash of the device. */
async function findFormerOwners(
	{ content, named, missingKeys, minute }: ComparedRows,
	deviceHashes: ReadonlyMap<number, Buffer>,
	pause: Pause,
): Promise<Map<string, Departure[]>> {
	const { customers, withheld, leftOut } = named;
	const departures = new Map<string, Departure[]>();
	const addDeparture = (deviceHash: string, departure: Departure) => {
		const earlierDepartures = departures.get(deviceHash);
		if (earlierDepartures === undefined) {
			departures.set(deviceHash, [departure]);
		} else if (!earlierDepartures.some(({ formerOwnerKey }) => formerOwnerKey === departure.formerOwnerKey)) {
			earlierDepartures.push(departure);
		}
	};
	const addDepartures = (
		leftHashes: readonly string[],
		departure: Omit<Departure, 'leftMinute' | 'isWithheld'>,
	) => {
		for (const deviceHash of leftHashes) {
			addDeparture(deviceHash, { isWithheld: false, ...departure, leftMinute: minute });
		}
	};
	await forEachWithPauses(deviceHashes, pause, ([index, hashesNow]) => {
		const { recordBefore, key, customerId, fingerprint } = customers[index]!;
		if (recordBefore === undefined || recordBefore.deviceHashes.equals(hashesNow)) {
			return;
		}
		const presentHashes = new Set(deviceHashesIn(hashesNow));
		const leftHashes = deviceHashesIn(recordBefore.deviceHashes).filter((hash) => !presentHashes.has(hash));
		// If the last run had the same rows of this customer, and could not send them, its safety checks have already counted the loss.
		const isOfLastRun = recordBefore.fingerprint !== fingerprint;
		addDepartures(leftHashes, { formerOwnerKey: key, formerOwnerId: customerId, isOfLastRun });
	});
	await forEachWithPauses(withheld, pause, ({ recordBefore, key, customerId }) => {
		const departure = {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			isOfLastRun: false,
			isWithheld: true,
		};
		addDepartures(deviceHashesOf(recordBefore), departure);
	});
	await forEachWithPauses(leftOut, pause, ({ recordBefore, key, customerId }) => {
		const isOfLastRun = recordBefore?.status !== 'withoutDevice';
		addDepartures(deviceHashesOf(recordBefore), {
			formerOwnerKey: key,
			formerOwnerId: customerId,
			isOfLastRun,
		});
	});
	await forEachWithPauses(missingKeys, pause, (formerOwnerKey) => {
		const leftHashes = deviceHashesOf(content?.records.get(formerOwnerKey));
		addDepartures(leftHashes, { formerOwnerKey, formerOwnerId: undefined, isOfLastRun: true });
	});
	// Devices that left in earlier runs, and whose move no report has named; also those of customers that lost all their devices.
	const earlierDeparted: Array<[string, CustomerRecord]> = [];
	await forEachWithPauses(content?.records ?? [], pause, (entry) => {
		if (isDeparted(entry[1])) {
			earlierDeparted.push(entry);
		}
	});
	if (earlierDeparted.length === 0) {
		return departures;
	}
	const idsByKey = new Map<string, string>();
	await forEachWithPauses(
		[...customers, ...withheld, ...leftOut],
		pause,
		({ key, customerId, recordBefore }) => {
			if (recordBefore !== undefined && isDeparted(recordBefore)) {
				idsByKey.set(key, customerId);
			}
		},
	);
	for (const [formerOwnerKey, record] of earlierDeparted) {
		const formerOwnerId = idsByKey.get(formerOwnerKey);
		const departure = { formerOwnerKey, formerOwnerId, isOfLastRun: false, isWithheld: false };
		for (const [deviceHash, leftMinute] of record.leftDevices ?? []) {
			addDeparture(deviceHash, { ...departure, leftMinute });
		}
		if (formerOwnerId === undefined) {
			addDepartures(deviceHashesOf(record), departure);
		}
	}
	return departures;
}

/** Whether the record of a customer shows that devices left it in an earlier run. */
function isDeparted({ leftDevices, status }: CustomerRecord): boolean {
	return leftDevices !== undefined || status === 'withoutDevice';
}

/** What the search for new owners goes by. */
interface ArrivalSearch extends Pick<Departures, 'deviceHashes'> {
	/** The former owners of each device that left, by the hash of the device. */
	departures: Departures['formerOwners'];
	pause: Pause;
}

/** Finds the new owner of each device that has left a customer, by the hash of the device. Devices that no row has are not listed. */
async function findArrivals(
	{ mayShareDevices = false }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	{ deviceHashes, departures, pause }: ArrivalSearch,
): Promise<Map<string, Arrival>> {
	const deviceFilter = new DeviceFilter(departures.keys());
	const arrivals = new Map<string, Arrival>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, owner]) => {
		const isUnchangedOwner = isUnchanged(verdicts[index]);
		// If several customers may have a device, an unchanged customer with the device had it before, and is no new owner.
		if (isUnchangedOwner && mayShareDevices) {
			return;
		}
		const hashesSentBefore = deviceFilter.wantedIn(owner.recordBefore?.deviceHashes);
		const hashesNow = isUnchangedOwner ? hashesSentBefore : deviceFilter.wantedIn(deviceHashes.get(index));
		const sentBefore = new Set(hashesSentBefore);
		for (const deviceHash of hashesNow) {
			const isSentBefore = sentBefore.has(deviceHash);
			if (departures.has(deviceHash) && !(mayShareDevices && isSentBefore)) {
				arrivals.set(deviceHash, { owner, isSentBefore });
			}
		}
	});
	return arrivals;
}

/** If a device left a customer this long ago and has not turned up at another one, its move is never reported. 400 days. */
const AWAITED_MINUTES = 400 * 1440;

/** What a run knows of the devices that have left a customer. */
interface KnownDepartures {
	/** The records that the run has found in the state, by the hashes of customers. */
	recordsBefore: ReadonlyMap<string, CustomerRecord>;
	departures: Pick<Departures, 'formerOwners' | 'moved'>;
	/** The moves among `departures.moved` that no report has named, not even that of this run. */
	unreportedMoves: readonly Moved[];
	/** When the run began, minutes since 1970. */
	nowMinute: number;
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
	{ recordsBefore, departures: { formerOwners, moved }, unreportedMoves, nowMinute }: KnownDepartures,
	pause: Pause,
): Promise<void> {
	const reportedMoves = new Set(
		moved.map(({ deviceHash, formerOwnerKey }) => moveKey(deviceHash, formerOwnerKey)),
	);
	for (const { deviceHash, formerOwnerKey } of unreportedMoves) {
		reportedMoves.delete(moveKey(deviceHash, formerOwnerKey));
	}
	// For each former owner, by its hash: the hashes of the devices that left it, and the minute when each left.
	const leftByOwner = new Map<string, Map<string, number>>();
	const addLeftDevice = (deviceHash: string, formerOwnerKey: string, leftMinute: number) => {
		const leftDevices = leftByOwner.get(formerOwnerKey) ?? new Map<string, number>();
		leftByOwner.set(formerOwnerKey, leftDevices);
		if (nowMinute - leftMinute < AWAITED_MINUTES && !reportedMoves.has(moveKey(deviceHash, formerOwnerKey))) {
			leftDevices.set(deviceHash, leftMinute);
		}
	};
	// An earlier attempt of the execution may have removed these moves from the state, although its report has reached nobody.
	for (const { deviceHash, formerOwnerKey, leftMinute } of unreportedMoves) {
		addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
	}
	await forEachWithPauses(formerOwners, pause, ([deviceHash, departuresOfDevice]) => {
		for (const { formerOwnerKey, leftMinute } of departuresOfDevice) {
			addLeftDevice(deviceHash, formerOwnerKey, leftMinute);
		}
	});
	await forEachWithPauses(leftByOwner, pause, ([key, leftDevices]) => {
		const record = records.get(key);
		// A customer that was not sent has its earlier devices in `deviceHashes`, even those that its rows no longer have. `leftDevices` does not repeat them.
		const hashes = deviceHashesOf(record).filter((hash) => !reportedMoves.has(moveKey(hash, key)));
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
			deviceHashes: NO_HASHES,
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

	constructor(wanted: Iterable<string>) {
		for (const deviceHash of wanted) {
			const bitIndex = Buffer.from(deviceHash, 'base64url').readUInt32LE(0) % FILTER_BITS;
			this.#bits[bitIndex >> 3] = (this.#bits[bitIndex >> 3] ?? 0) | (1 << (bitIndex & 7));
		}
	}

	/** The hashes in a buffer that may be wanted: all wanted ones, and a few others. The caller must look these up. */
	wantedIn(devices: Buffer = NO_HASHES): string[] {
		const wantedHashes: string[] = [];
		for (let start = 0; start < devices.length; start += HASH_BYTES) {
			const bitIndex = devices.readUInt32LE(start) % FILTER_BITS;
			if (((this.#bits[bitIndex >> 3] ?? 0) & (1 << (bitIndex & 7))) !== 0) {
				wantedHashes.push(hashAt(devices, start));
			}
		}
		return wantedHashes;
	}
}
