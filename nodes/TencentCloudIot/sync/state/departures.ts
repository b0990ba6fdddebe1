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

/** A device that a customer had, and that no row of this customer has any more: its former owner. */
interface Departure {
	/** The hash of the former owner. */
	fromKey: string;
	/** Its CustomerId; undefined where no row names it any more. */
	from: string | undefined;
	/** When the device was first missed, minutes since 1970. */
	since: number;
	/** Whether the rows of the last run still had it. */
	isOfLastRun: boolean;
	/** Whether the former owner is withheld: a row that cannot be read may still have the device. */
	isWithheld: boolean;
}

/** The new owner of a device that has left a customer. */
interface Arrival {
	owner: SendableCustomer;
	/** Whether the device was sent for the new owner before this run. */
	isSent: boolean;
}

/** What became of the devices that have left a customer. */
export interface Departures {
	/** Their former owners, by the hash of the device. */
	formerOwners: ReadonlyMap<string, readonly Departure[]>;
	/** Those that another customer has now, once for each former owner. */
	moved: Moved[];
	/** How many devices of the last run's rows are in no row of this one, of customers whose rows can all be read. */
	lostCount: number;
	/** How many more are in no row that can be read, of customers with rows that cannot be sent: these rows may still have them. */
	maybeLostCount: number;
	/** The hashes of missing customers whose devices are in rows that cannot be sent: those rows may be theirs. */
	presumedWithheld: ReadonlySet<string>;
	/** The hashes of the devices of each customer that is to be sent, by its index. */
	deviceHashes: ReadonlyMap<number, Buffer>;
}

/** The state and the rows that are compared with it. */
interface ComparedRows {
	/** The state of this account; undefined where there is none. */
	content: Content | undefined;
	named: NamedCustomers;
	verdicts: readonly Verdict[];
	/** The hashes of the customers that are no longer in the rows. */
	missing: readonly string[];
	/** When the run began, minutes since 1970. */
	minute: number;
}

/**
 * Finds the devices that have left a customer since it was sent last, and their new owners:
 *
 *     departures   by device, its former owners: the customers of which the state has the device and the rows do not (an unchanged customer
 *                  has all of its devices), and those that it left in an earlier run, if no report has said so yet
 *     arrivals     by device, its new owner in the rows
 *
 * The devices of unchanged customers are taken from the state, without hashing them anew: 500,000 take some 10 ms.
 */
export async function findDepartures(
	settings: SyncSettings,
	compared: ComparedRows,
	pause: Pause,
): Promise<Departures> {
	const noDepartures = {
		formerOwners: new Map(),
		moved: [],
		lostCount: 0,
		maybeLostCount: 0,
		presumedWithheld: new Set<string>(),
	};
	if (compared.content === undefined) {
		return { ...noDepartures, deviceHashes: new Map() };
	}
	const deviceHashes = await hashDevicesToSend(settings, compared, pause);
	const departures = await departuresOf(compared, deviceHashes, pause);
	if (departures.size === 0) {
		return { ...noDepartures, deviceHashes };
	}
	const arrivals = await arrivalsOf(settings, compared, { deviceHashes, departures, pause });
	const { hashes, namedDevices, partlyWithheld, mayShareDevices } = settings;
	const invalid = new Set(Array.from(namedDevices.invalid ?? [], (deviceId) => hashes.device(deviceId)));
	const names = new DeviceNames(hashes);
	const moved: Moved[] = [];
	const presumedWithheld = new Set<string>();
	let lostCount = 0;
	let maybeLostCount = 0;
	await forEachWithPauses(departures, pause, ([device, owners]) => {
		const arrival = arrivals.get(device);
		const ofLastRun = owners.filter(({ isOfLastRun }) => isOfLastRun);
		if (invalid.has(device)) {
			for (const { fromKey, from } of ofLastRun) {
				// It had a row in the last run, and has none now.
				if (from === undefined) {
					presumedWithheld.add(fromKey);
				}
			}
		} else if (arrival === undefined && ofLastRun.length > 0) {
			if (ofLastRun.every(({ from = '' }) => partlyWithheld.has(from))) {
				maybeLostCount++;
			} else {
				lostCount++;
			}
		}
		if (arrival === undefined) {
			return;
		}
		const { owner, isSent } = arrival;
		const deviceId = names.find(owner, device);
		for (const { fromKey, from, since, isWithheld } of owners) {
			const mayStillHave = isWithheld && mayShareDevices === true;
			if (deviceId !== undefined && fromKey !== owner.key && !mayStillHave) {
				moved.push({ deviceId, device, fromKey, from, to: owner.customerId, since, isSent });
			}
		}
	});
	return { formerOwners: departures, moved, lostCount, maybeLostCount, presumedWithheld, deviceHashes };
}

/**
 * Finds the DeviceId of a hash among the devices of a customer. All devices of a customer are hashed at once: hashing them again for each
 * device that arrived took 70 s where 8,000 arrived at one customer.
 */
class DeviceNames {
	readonly #hashes: StateHashes;
	readonly #ofCustomers = new Map<SendableCustomer, ReadonlyMap<string, string>>();

	constructor(hashes: StateHashes) {
		this.#hashes = hashes;
	}

	/** @param device its hash */
	find(customer: SendableCustomer, device: string): string | undefined {
		let names = this.#ofCustomers.get(customer);
		if (names === undefined) {
			names = new Map(customer.devices.map(({ DeviceId }) => [this.#hashes.device(DeviceId), DeviceId]));
			this.#ofCustomers.set(customer, names);
		}
		return names.get(device);
	}
}

/** Whether a customer with this verdict has exactly the devices that the state has of it. */
function isUnchanged(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

/** Hashes the devices of the customers that are to be sent, by index. */
async function hashDevicesToSend(
	{ hashes }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	pause: Pause,
): Promise<Map<number, Buffer>> {
	const deviceHashes = new Map<number, Buffer>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, customer]) => {
		// The devices of unchanged customers are not read: most rows are theirs, and the state has the hashes.
		if (!isUnchanged(verdicts[index])) {
			deviceHashes.set(index, hashes.devices(customer.devices));
		}
	});
	return deviceHashes;
}

/** The former owners of each device that has left one, by the hash of the device. */
async function departuresOf(
	{ content, named, missing, minute }: ComparedRows,
	deviceHashes: ReadonlyMap<number, Buffer>,
	pause: Pause,
): Promise<Map<string, Departure[]>> {
	const { customers, withheld, leftOut } = named;
	const departures = new Map<string, Departure[]>();
	const addDeparture = (device: string, departure: Departure) => {
		const before = departures.get(device);
		if (before === undefined) {
			departures.set(device, [departure]);
		} else if (!before.some(({ fromKey }) => fromKey === departure.fromKey)) {
			before.push(departure);
		}
	};
	const addDepartures = (devices: readonly string[], departure: Omit<Departure, 'since' | 'isWithheld'>) => {
		for (const device of devices) {
			addDeparture(device, { isWithheld: false, ...departure, since: minute });
		}
	};
	await forEachWithPauses(deviceHashes, pause, ([index, buffer]) => {
		const { recordBefore, key, customerId, fingerprint } = customers[index]!;
		if (recordBefore === undefined || recordBefore.devices.equals(buffer)) {
			return;
		}
		const present = new Set(devicesIn(buffer));
		const devices = devicesIn(recordBefore.devices).filter((device) => !present.has(device));
		// A run that had exactly these rows and could not send them has already counted the devices as lost.
		const isOfLastRun = recordBefore.fingerprint !== fingerprint;
		addDepartures(devices, { fromKey: key, from: customerId, isOfLastRun });
	});
	await forEachWithPauses(withheld, pause, ({ recordBefore, key, customerId }) => {
		const departure = { fromKey: key, from: customerId, isOfLastRun: false, isWithheld: true };
		addDepartures(devicesOf(recordBefore), departure);
	});
	await forEachWithPauses(leftOut, pause, ({ recordBefore, key, customerId }) => {
		const isOfLastRun = recordBefore?.status !== 'withoutDevice';
		addDepartures(devicesOf(recordBefore), { fromKey: key, from: customerId, isOfLastRun });
	});
	await forEachWithPauses(missing, pause, (fromKey) => {
		const devices = devicesOf(content?.customers.get(fromKey));
		addDepartures(devices, { fromKey, from: undefined, isOfLastRun: true });
	});
	// Devices that left in earlier runs, and that no report has named since; also of customers that had lost all their devices.
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
		const from = idOf.get(fromKey);
		const departure = { fromKey, from, isOfLastRun: false, isWithheld: false };
		for (const [device, since] of record.leftDevices ?? []) {
			addDeparture(device, { ...departure, since });
		}
		if (from === undefined) {
			addDepartures(devicesOf(record), departure);
		}
	}
	return departures;
}

/** Whether devices have left a customer in earlier runs, as far as its record shows. */
function isDeparted({ leftDevices, status }: CustomerRecord): boolean {
	return leftDevices !== undefined || status === 'withoutDevice';
}

/** The new owner of each device that has left a customer, by the hash of the device; none where no row has it. */
async function arrivalsOf(
	{ mayShareDevices = false }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	{
		deviceHashes,
		departures,
		pause,
	}: { deviceHashes: ReadonlyMap<number, Buffer>; departures: ReadonlyMap<string, unknown>; pause: Pause },
): Promise<Map<string, Arrival>> {
	const filter = new DeviceFilter(departures.keys());
	const arrivals = new Map<string, Arrival>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, owner]) => {
		const isSame = isUnchanged(verdicts[index]);
		// Where several customers may have a device, one that already had it is no new owner.
		if (isSame && mayShareDevices) {
			return;
		}
		const sentBefore = filter.devicesIn(owner.recordBefore?.devices);
		const devices = isSame ? sentBefore : filter.devicesIn(deviceHashes.get(index));
		const sent = new Set(sentBefore);
		for (const device of devices) {
			const isSent = sent.has(device);
			if (departures.has(device) && !(mayShareDevices && isSent)) {
				arrivals.set(device, { owner, isSent });
			}
		}
	});
	return arrivals;
}

/** One bit for each value that 20 bits of a hash can have: 128 kB. With 1,000 wanted devices some 500 of 500,000 others pass. */
const FILTER_BITS = 2 ** 20;

/**
 * Drops nearly all devices that are not wanted, by the first bytes of their hashes. Making a text of each hash to look it up costs twenty
 * times as much.
 */
class DeviceFilter {
	readonly #bits = new Uint8Array(FILTER_BITS / 8);

	constructor(wanted: Iterable<string>) {
		for (const device of wanted) {
			const bit = Buffer.from(device, 'base64url').readUInt32LE(0) % FILTER_BITS;
			this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
		}
	}

	/** The hashes in a buffer that may be wanted: all that are, and a few more. */
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
