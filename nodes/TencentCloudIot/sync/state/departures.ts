import type { Moved } from '../safetyChecks';
import type { Verdict } from '../verdicts';
import {
	type Content,
	type CustomerRecord,
	devicesIn,
	devicesOf,
	forEachWithPauses,
	hashAt,
	NO_DEVICES,
	type Pause,
} from './content';
import { HASH_BYTES, type StateHashes } from './hashes';
import type { NamedCustomers, SendableCustomer } from './named';
import type { SyncSettings } from './settings';

/** A customer that had a device, and whose rows no longer have it. */
interface Departure {
	/** The hash of the former owner. */
	fromKey: string;
	/** The CustomerId of the former owner; undefined if no row names the customer any more. */
	fromId: string | undefined;
	/** When the rows of the former owner first lacked the device, minutes since 1970. */
	since: number;
	/** Whether the last run's rows still had the device under the former owner. Then the loss of the device counts in the safety checks of this run. */
	isOfLastRun: boolean;
	/** Whether the former owner is withheld. Then a row that cannot be read may still name the device. */
	isWithheld: boolean;
}

/** The new owner of a device that has left a customer. */
interface Arrival {
	owner: SendableCustomer;
	/** Whether an earlier run has already sent the device for the new owner. */
	isSent: boolean;
}

/** What became of the devices that have left a customer. */
export interface Departures {
	/** The former owners of each device that left, by the hash of the device. */
	formerOwners: ReadonlyMap<string, readonly Departure[]>;
	/** The devices that have a new owner in the rows; one entry for each former owner. */
	moved: Moved[];
	/** How many devices of the last run's rows no row has now. */
	lostCount: number;
	/**
	 * How many devices of the last run's rows are missing from the rows that can be read, but may be in rows of their owners that cannot be read.
	 * `lostCount` does not count them.
	 */
	maybeLostCount: number;
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
	missing: readonly string[];
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
		lostCount: 0,
		maybeLostCount: 0,
		presumedWithheld: new Set<string>(),
	};
	if (comparedRows.content === undefined) {
		return { ...noDepartures, deviceHashes: new Map() };
	}
	const deviceHashes = await hashDevicesToSend(settings, comparedRows, pause);
	const departures = await departuresOf(comparedRows, deviceHashes, pause);
	if (departures.size === 0) {
		return { ...noDepartures, deviceHashes };
	}
	const arrivals = await arrivalsOf(settings, comparedRows, { deviceHashes, departures, pause });
	const { hashes, namedDevices, partlyWithheld, mayShareDevices } = settings;
	const unsendableHashes = new Set(
		Array.from(namedDevices.invalid ?? [], (deviceId) => hashes.device(deviceId)),
	);
	const names = new DeviceNames(hashes);
	const moved: Moved[] = [];
	const presumedWithheld = new Set<string>();
	let lostCount = 0;
	let maybeLostCount = 0;
	await forEachWithPauses(departures, pause, ([deviceHash, owners]) => {
		const arrival = arrivals.get(deviceHash);
		const ownersOfLastRun = owners.filter(({ isOfLastRun }) => isOfLastRun);
		if (unsendableHashes.has(deviceHash)) {
			for (const { fromKey, fromId } of ownersOfLastRun) {
				// The former owner had a row in the last run, and no row names it now: the row that cannot be sent may be its row.
				if (fromId === undefined) {
					presumedWithheld.add(fromKey);
				}
			}
		} else if (arrival === undefined && ownersOfLastRun.length > 0) {
			if (ownersOfLastRun.every(({ fromId = '' }) => partlyWithheld.has(fromId))) {
				maybeLostCount++;
			} else {
				lostCount++;
			}
		}
		if (arrival === undefined) {
			return;
		}
		const { owner, isSent } = arrival;
		const deviceId = names.find(owner, deviceHash);
		for (const { fromKey, fromId, since, isWithheld } of owners) {
			const mayStillHave = isWithheld && mayShareDevices === true;
			if (deviceId !== undefined && fromKey !== owner.key && !mayStillHave) {
				moved.push({ deviceId, deviceHash, fromKey, fromId, toId: owner.customerId, since, isSent });
			}
		}
	});
	return { formerOwners: departures, moved, lostCount, maybeLostCount, presumedWithheld, deviceHashes };
}

/**
 * Finds the DeviceId of a hash among the devices of a customer. It hashes all devices of a customer once and keeps the result: when 8,000
 * devices moved to one customer, hashing them again for each took 70 s.
 */
class DeviceNames {
	readonly #hashes: StateHashes;
	readonly #ofCustomers = new Map<SendableCustomer, ReadonlyMap<string, string>>();

	constructor(hashes: StateHashes) {
		this.#hashes = hashes;
	}

	/** @param deviceHash the hash of the device */
	find(customer: SendableCustomer, deviceHash: string): string | undefined {
		let names = this.#ofCustomers.get(customer);
		if (names === undefined) {
			names = new Map(customer.set.devices.map(({ DeviceId }) => [this.#hashes.device(DeviceId), DeviceId]));
			this.#ofCustomers.set(customer, names);
		}
		return names.get(deviceHash);
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
async function departuresOf(
	{ content, named, missing, minute }: ComparedRows,
	deviceHashes: ReadonlyMap<number, Buffer>,
	pause: Pause,
): Promise<Map<string, Departure[]>> {
	const { customers, withheld, leftOut } = named;
	const departures = new Map<string, Departure[]>();
	const addDeparture = (deviceHash: string, departure: Departure) => {
		const before = departures.get(deviceHash);
		if (before === undefined) {
			departures.set(deviceHash, [departure]);
		} else if (!before.some(({ fromKey }) => fromKey === departure.fromKey)) {
			before.push(departure);
		}
	};
	const addDepartures = (devices: readonly string[], departure: Omit<Departure, 'since' | 'isWithheld'>) => {
		for (const deviceHash of devices) {
			addDeparture(deviceHash, { isWithheld: false, ...departure, since: minute });
		}
	};
	await forEachWithPauses(deviceHashes, pause, ([index, buffer]) => {
		const { recordBefore, key, customerId, fingerprint } = customers[index]!;
		if (recordBefore === undefined || recordBefore.devices.equals(buffer)) {
			return;
		}
		const present = new Set(devicesIn(buffer));
		const devices = devicesIn(recordBefore.devices).filter((deviceHash) => !present.has(deviceHash));
		// If the last run had the same rows of this customer, and could not send them, its safety checks have already counted the loss.
		const isOfLastRun = recordBefore.fingerprint !== fingerprint;
		addDepartures(devices, { fromKey: key, fromId: customerId, isOfLastRun });
	});
	await forEachWithPauses(withheld, pause, ({ recordBefore, key, customerId }) => {
		const departure = { fromKey: key, fromId: customerId, isOfLastRun: false, isWithheld: true };
		addDepartures(devicesOf(recordBefore), departure);
	});
	await forEachWithPauses(leftOut, pause, ({ recordBefore, key, customerId }) => {
		const isOfLastRun = recordBefore?.status !== 'withoutDevice';
		addDepartures(devicesOf(recordBefore), { fromKey: key, fromId: customerId, isOfLastRun });
	});
	await forEachWithPauses(missing, pause, (fromKey) => {
		const devices = devicesOf(content?.customers.get(fromKey));
		addDepartures(devices, { fromKey, fromId: undefined, isOfLastRun: true });
	});
	// Devices that left in earlier runs, and whose move no report has named; also those of customers that lost all their devices.
	const earlier: Array<[string, CustomerRecord]> = [];
	await forEachWithPauses(content?.customers ?? [], pause, (entry) => {
		if (isDeparted(entry[1])) {
			earlier.push(entry);
		}
	});
	if (earlier.length === 0) {
		return departures;
	}
	const idOf = new Map<string, string>();
	await forEachWithPauses(
		[...customers, ...withheld, ...leftOut],
		pause,
		({ key, customerId, recordBefore }) => {
			if (recordBefore !== undefined && isDeparted(recordBefore)) {
				idOf.set(key, customerId);
			}
		},
	);
	for (const [fromKey, record] of earlier) {
		const fromId = idOf.get(fromKey);
		const departure = { fromKey, fromId, isOfLastRun: false, isWithheld: false };
		for (const [deviceHash, since] of record.leftDevices ?? []) {
			addDeparture(deviceHash, { ...departure, since });
		}
		if (fromId === undefined) {
			addDepartures(devicesOf(record), departure);
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

/** Finds the new owner of each device that has left a customer, by the hash of the device. Devices that no row has are left out. */
async function arrivalsOf(
	{ mayShareDevices = false }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	{ deviceHashes, departures, pause }: ArrivalSearch,
): Promise<Map<string, Arrival>> {
	const filter = new DeviceFilter(departures.keys());
	const arrivals = new Map<string, Arrival>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, owner]) => {
		const isSame = isUnchanged(verdicts[index]);
		// If several customers may have a device, an unchanged customer with the device had it before, and is no new owner.
		if (isSame && mayShareDevices) {
			return;
		}
		const sentBefore = filter.devicesIn(owner.recordBefore?.devices);
		const devices = isSame ? sentBefore : filter.devicesIn(deviceHashes.get(index));
		const sent = new Set(sentBefore);
		for (const deviceHash of devices) {
			const isSent = sent.has(deviceHash);
			if (departures.has(deviceHash) && !(mayShareDevices && isSent)) {
				arrivals.set(deviceHash, { owner, isSent });
			}
		}
	});
	return arrivals;
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
			const bit = Buffer.from(deviceHash, 'base64url').readUInt32LE(0) % FILTER_BITS;
			this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
		}
	}

	/** The hashes in a buffer that may be wanted: all wanted ones, and a few others. The caller must look these up. */
	devicesIn(devices: Buffer = NO_DEVICES): string[] {
		const found: string[] = [];
		for (let start = 0; start < devices.length; start += HASH_BYTES) {
			const bit = devices.readUInt32LE(start) % FILTER_BITS;
			if (((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0) {
				found.push(hashAt(devices, start));
			}
		}
		return found;
	}
}
