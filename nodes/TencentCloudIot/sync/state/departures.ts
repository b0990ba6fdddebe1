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

/** A device that a customer had, and that is not in the rows of this customer any more. */
interface Departure {
	/** The hash of the customer. */
	fromKey: string;
	from: string | undefined;
	/** When it was first missed, minutes since 1970. */
	since: number;
	/** Whether the last run still had it. */
	isOfLastRun: boolean;
	/** Whether its customer is withheld: a row that cannot be read may still have the device. */
	isWithheld: boolean;
	/** Whether its customer is missing from the rows. */
	isOfMissing?: boolean;
}

/** The customer who has a device that has left another one. */
interface Arrival {
	owner: SendableCustomer;
	/** Whether it was sent for this customer before. */
	isSent: boolean;
}

/** What became of devices that left a customer. */
interface Departures {
	moved: Moved[];
	/** How many devices of the last run are in no row of this one, of customers whose rows can all be read. */
	lost: number;
	/** The same for customers with rows that cannot be sent: these rows may still have the devices. */
	lostInPart: number;
	/** The hashes of missing customers whose devices stand in rows that cannot be sent: those rows may be theirs. */
	explained: ReadonlySet<string>;
	/** The hashes of the devices of each customer that is to be sent, by its index. */
	hashed: ReadonlyMap<number, Buffer>;
}

/** What is compared. */
interface ComparedRows {
	content: Content | undefined;
	named: NamedCustomers;
	verdicts: readonly Verdict[];
	/** The hashes of the customers that are no longer in the rows. */
	missing: readonly string[];
	/** When the run began, minutes since 1970. */
	minute: number;
}

/**
 * Finds the devices that have left a customer since it was sent last, and who has them now:
 *
 *     departures   the devices that the state has of a customer and the rows do not, where the customer is to be sent, withheld, left
 *                  out or missing; and those that left in an earlier run and that no report has named
 *     arrivals     the customers that have these devices in the rows
 *
 * The devices of unchanged customers are taken from the state, without hashing them anew: 500,000 take some 10 ms.
 */
export async function findDepartures(
	settings: SyncSettings,
	compared: ComparedRows,
	pause: Pause,
): Promise<Departures> {
	const none = { moved: [], lost: 0, lostInPart: 0, explained: new Set<string>() };
	if (compared.content === undefined) {
		return { ...none, hashed: new Map() };
	}
	const hashed = await hashSent(settings, compared, pause);
	const departures = await departuresOf(compared, hashed, pause);
	if (departures.size === 0) {
		return { ...none, hashed };
	}
	const arrivals = await arrivalsOf(settings, compared, { hashed, departures, pause });
	const { hashes, rows } = settings;
	const invalid = new Set(Array.from(rows.invalid ?? [], (deviceId) => hashes.device(deviceId)));
	const names = new DeviceNames(hashes);
	const moved: Moved[] = [];
	const explained = new Set<string>();
	let lost = 0;
	let lostInPart = 0;
	await forEachWithPauses(departures, pause, ([device, leavings]) => {
		const arrival = arrivals.get(device);
		const ofLastRun = leavings.filter(({ isOfLastRun }) => isOfLastRun);
		if (invalid.has(device)) {
			for (const { fromKey } of leavings.filter(({ isOfMissing }) => isOfMissing === true)) {
				explained.add(fromKey);
			}
		} else if (arrival === undefined && ofLastRun.length > 0) {
			const isInPart = ofLastRun.every(({ from = '' }) => settings.inPart.has(from));
			lost += isInPart ? 0 : 1;
			lostInPart += isInPart ? 1 : 0;
		}
		if (arrival === undefined) {
			return;
		}
		const { owner, isSent } = arrival;
		const deviceId = names.find(owner, device);
		for (const { fromKey, from, since, isWithheld } of leavings) {
			const mayStillHave = isWithheld && settings.isSharing === true;
			if (deviceId !== undefined && fromKey !== owner.key && !mayStillHave) {
				moved.push({ deviceId, device, fromKey, from, to: owner.customerId, since, isSent });
			}
		}
	});
	return { moved, lost, lostInPart, explained, hashed };
}

/**
 * The DeviceIds of customers by their hashes. All devices of a customer are hashed at once: to look through them for each device that came
 * took 70 s where 8,000 came to one customer.
 */
class DeviceNames {
	readonly #hashes: StateHashes;
	readonly #ofCustomers = new Map<SendableCustomer, ReadonlyMap<string, string>>();

	constructor(hashes: StateHashes) {
		this.#hashes = hashes;
	}

	find(customer: SendableCustomer, device: string): string | undefined {
		let names = this.#ofCustomers.get(customer);
		if (names === undefined) {
			names = new Map(customer.devices.map(({ DeviceId }) => [this.#hashes.device(DeviceId), DeviceId]));
			this.#ofCustomers.set(customer, names);
		}
		return names.get(device);
	}
}

/** Whether the devices of a customer are those that the state has. */
function isUnchanged(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

async function hashSent(
	{ hashes }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	pause: Pause,
): Promise<Map<number, Buffer>> {
	const hashed = new Map<number, Buffer>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, customer]) => {
		// The devices of unchanged customers may not have been read, and need not be.
		if (!isUnchanged(verdicts[index])) {
			hashed.set(index, hashes.devices(customer.devices));
		}
	});
	return hashed;
}

/** What has left whom, by the hash of the device. */
async function departuresOf(
	{ content, named, missing, minute }: ComparedRows,
	hashed: ReadonlyMap<number, Buffer>,
	pause: Pause,
): Promise<Map<string, Departure[]>> {
	const { customers, withheld, leftOut } = named;
	const departures = new Map<string, Departure[]>();
	const add = (device: string, departure: Departure) => {
		const before = departures.get(device);
		if (before === undefined) {
			departures.set(device, [departure]);
		} else if (!before.some(({ fromKey }) => fromKey === departure.fromKey)) {
			before.push(departure);
		}
	};
	const addAll = (devices: readonly string[], departure: Omit<Departure, 'since' | 'isWithheld'>) => {
		for (const device of devices) {
			add(device, { isWithheld: false, ...departure, since: minute });
		}
	};
	await forEachWithPauses(hashed, pause, ([index, buffer]) => {
		const { before, key, customerId, fingerprint } = customers[index]!;
		if (before === undefined || before.devices.equals(buffer)) {
			return;
		}
		const present = new Set(devicesIn(buffer));
		const devices = devicesIn(before.devices).filter((device) => !present.has(device));
		// If the last run had these rows and could not send them, it has counted the devices as missing already.
		const isOfLastRun = before.fingerprint !== fingerprint;
		addAll(devices, { fromKey: key, from: customerId, isOfLastRun });
	});
	await forEachWithPauses(withheld, pause, ({ before, key, customerId }) => {
		const departure = { fromKey: key, from: customerId, isOfLastRun: false, isWithheld: true };
		addAll(devicesOf(before), departure);
	});
	await forEachWithPauses(leftOut, pause, ({ before, key, customerId }) => {
		const isOfLastRun = before?.status !== 'withoutDevice';
		addAll(devicesOf(before), { fromKey: key, from: customerId, isOfLastRun });
	});
	await forEachWithPauses(missing, pause, (fromKey) => {
		const devices = devicesOf(content?.customers.get(fromKey));
		addAll(devices, { fromKey, from: undefined, isOfLastRun: true, isOfMissing: true });
	});
	// What left in earlier runs.
	const earlier: Array<[string, CustomerRecord]> = [];
	await forEachWithPauses(content?.customers ?? [], pause, (entry) => {
		if (entry[1].left !== undefined) {
			earlier.push(entry);
		}
	});
	if (earlier.length === 0) {
		return departures;
	}
	const idOf = new Map<string, string>();
	await forEachWithPauses([...customers, ...withheld, ...leftOut], pause, ({ key, customerId, before }) => {
		if (before?.left !== undefined) {
			idOf.set(key, customerId);
		}
	});
	for (const [fromKey, { left = [] }] of earlier) {
		for (const [device, since] of left) {
			add(device, { fromKey, from: idOf.get(fromKey), since, isOfLastRun: false, isWithheld: false });
		}
	}
	return departures;
}

/** Who has the devices that have left somebody. */
async function arrivalsOf(
	{ isSharing = false }: SyncSettings,
	{ named, verdicts }: ComparedRows,
	{
		hashed,
		departures,
		pause,
	}: { hashed: ReadonlyMap<number, Buffer>; departures: ReadonlyMap<string, unknown>; pause: Pause },
): Promise<Map<string, Arrival>> {
	const filter = new DeviceFilter(departures.keys());
	const arrivals = new Map<string, Arrival>();
	await forEachWithPauses(named.customers.entries(), pause, ([index, owner]) => {
		const isSame = isUnchanged(verdicts[index]);
		// Where several customers may have a device, it has moved only to one that did not have it.
		if (isSame && isSharing) {
			return;
		}
		const sentBefore = filter.devicesIn(owner.before?.devices);
		const devices = isSame ? sentBefore : filter.devicesIn(hashed.get(index));
		const sent = new Set(sentBefore);
		for (const device of devices) {
			const isSent = sent.has(device);
			if (departures.has(device) && !(isSharing && isSent)) {
				arrivals.set(device, { owner, isSent });
			}
		}
	});
	return arrivals;
}

/** One bit for each value of the first 20 bits of a hash: 128 kB. With 1,000 wanted devices some 500 of 500,000 others pass. */
const FILTER_BITS = 2 ** 20;

/** Sorts out nearly all devices that are not wanted by the first bytes of their hashes: to make a text of a hash costs twenty times as much. */
class DeviceFilter {
	readonly #bits = new Uint8Array(FILTER_BITS / 8);

	constructor(wanted: Iterable<string>) {
		for (const device of wanted) {
			const bit = Buffer.from(device, 'base64url').readUInt32LE(0) % FILTER_BITS;
			this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
		}
	}

	/** The devices of a buffer that may be wanted. */
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
