import type { Moved } from '../safetyChecks';
import type { Verdict } from '../verdicts';
import {
	type Content,
	type CustomerRecord,
	devicesIn,
	forEachWithPauses,
	hashAt,
	type Pause,
} from './content';
import { HASH_BYTES } from './hashes';
import type { KeyedCustomers } from './keyed';
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
	/** Of `SyncSettings.customers`. */
	index: number;
	/** Whether it was sent for this customer before. */
	isSent: boolean;
}

/** What became of devices that left a customer. */
export interface Departures {
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

/** What is compared. Records are in the order of the customers that they belong to. */
interface Compared {
	content: Content | undefined;
	keyed: KeyedCustomers;
	records: Readonly<Record<keyof KeyedCustomers, ReadonlyArray<CustomerRecord | undefined>>>;
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
	compared: Compared,
	pause: Pause,
): Promise<Departures> {
	const none = { moved: [], lost: 0, lostInPart: 0, explained: new Set<string>() };
	if (compared.content === undefined) {
		return { ...none, hashed: new Map() };
	}
	const hashed = await hashSent(settings, compared, pause);
	const departures = await departuresOf(settings, compared, { hashed, pause });
	if (departures.size === 0) {
		return { ...none, hashed };
	}
	const arrivals = await arrivalsOf(settings, compared, { hashed, departures, pause });
	const { hashes, customers, rows } = settings;
	const invalid = new Set(Array.from(rows.invalid ?? [], (deviceId) => hashes.device(deviceId)));
	const names = new DeviceNames(settings);
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
		const owner = arrival === undefined ? undefined : customers[arrival.index];
		if (arrival === undefined || owner === undefined) {
			return;
		}
		const { isSent, index } = arrival;
		const deviceId = names.find(index, device);
		for (const { fromKey, from, since, isWithheld } of leavings) {
			const mayStillHave = isWithheld && settings.isSharing === true;
			if (deviceId !== undefined && fromKey !== compared.keyed.customers[index] && !mayStillHave) {
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
	readonly #settings: SyncSettings;
	readonly #ofCustomers = new Map<number, ReadonlyMap<string, string>>();

	constructor(settings: SyncSettings) {
		this.#settings = settings;
	}

	/** @param index of the customer in `SyncSettings.customers` */
	find(index: number, device: string): string | undefined {
		const names = this.#ofCustomers.get(index) ?? this.#namesOf(index);
		this.#ofCustomers.set(index, names);
		return names.get(device);
	}

	#namesOf(index: number): ReadonlyMap<string, string> {
		const { customers, hashes } = this.#settings;
		const devices = customers[index]?.devices ?? [];
		return new Map(devices.map(({ DeviceId }) => [hashes.device(DeviceId), DeviceId]));
	}
}

/** Whether the devices of a customer are those that the state has. */
function isUnchanged(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

async function hashSent(
	{ customers, hashes }: SyncSettings,
	{ verdicts }: Compared,
	pause: Pause,
): Promise<Map<number, Buffer>> {
	const hashed = new Map<number, Buffer>();
	await forEachWithPauses(customers.entries(), pause, ([index, { devices }]) => {
		if (!isUnchanged(verdicts[index])) {
			const parts = devices.map(({ DeviceId }) => Buffer.from(hashes.device(DeviceId), 'base64url'));
			hashed.set(index, Buffer.concat(parts));
		}
	});
	return hashed;
}

/** What has left whom, by the hash of the device. */
async function departuresOf(
	{ customers, withheld, leftOut }: SyncSettings,
	{ content, keyed, records, missing, minute }: Compared,
	{ hashed, pause }: { hashed: ReadonlyMap<number, Buffer>; pause: Pause },
): Promise<Map<string, Departure[]>> {
	const departures = new Map<string, Departure[]>();
	const add = (device: string, departure: Departure) => {
		const before = departures.get(device);
		if (before === undefined) {
			departures.set(device, [departure]);
		} else if (!before.some(({ fromKey }) => fromKey === departure.fromKey)) {
			before.push(departure);
		}
	};
	await forEachWithPauses(hashed, pause, ([index, buffer]) => {
		const record = records.customers[index];
		const { customerId, fingerprint } = customers[index] ?? { customerId: '', fingerprint: '' };
		if (record === undefined || record.devices.equals(buffer)) {
			return;
		}
		const present = new Set(devicesIn(buffer));
		// If the last run had these rows and could not send them, it has counted the devices as missing already.
		const isOfLastRun = record.fingerprint !== fingerprint;
		const fromKey = keyed.customers[index] ?? '';
		for (const device of devicesIn(record.devices)) {
			if (!present.has(device)) {
				add(device, { fromKey, from: customerId, since: minute, isOfLastRun, isWithheld: false });
			}
		}
	});
	const addAll = (record: CustomerRecord | undefined, departure: Omit<Departure, 'since'>) => {
		for (const device of devicesIn(record?.devices ?? Buffer.alloc(0))) {
			add(device, { ...departure, since: minute });
		}
	};
	await forEachWithPauses(withheld.entries(), pause, ([index, from]) => {
		const fromKey = keyed.withheld[index] ?? '';
		addAll(records.withheld[index], { fromKey, from, isOfLastRun: false, isWithheld: true });
	});
	await forEachWithPauses(leftOut.entries(), pause, ([index, from]) => {
		const record = records.leftOut[index];
		const fromKey = keyed.leftOut[index] ?? '';
		addAll(record, { fromKey, from, isOfLastRun: record?.status !== 'withoutDevice', isWithheld: false });
	});
	await forEachWithPauses(missing, pause, (fromKey) => {
		const record = content?.customers.get(fromKey);
		addAll(record, { fromKey, from: undefined, isOfLastRun: true, isWithheld: false, isOfMissing: true });
	});
	await addEarlier();
	return departures;

	/** What left in earlier runs. */
	async function addEarlier(): Promise<void> {
		const earlier: Array<[string, CustomerRecord]> = [];
		await forEachWithPauses(content?.customers ?? [], pause, (entry) => {
			if (entry[1].left !== undefined) {
				earlier.push(entry);
			}
		});
		if (earlier.length === 0) {
			return;
		}
		const keys = [...keyed.customers, ...keyed.withheld, ...keyed.leftOut];
		const ids = [...customers.map(({ customerId }) => customerId), ...withheld, ...leftOut];
		const wanted = new Set(earlier.map(([key]) => key));
		const idOf = new Map<string, string | undefined>();
		await forEachWithPauses(keys.entries(), pause, ([place, key]) => {
			if (wanted.has(key)) {
				idOf.set(key, ids[place]);
			}
		});
		for (const [fromKey, { left }] of earlier) {
			const from = idOf.get(fromKey);
			for (const [device, since] of left ?? []) {
				add(device, { fromKey, from, since, isOfLastRun: false, isWithheld: false });
			}
		}
	}
}

/** Who has the devices that have left somebody. */
async function arrivalsOf(
	{ isSharing = false }: SyncSettings,
	{ records, verdicts }: Compared,
	{
		hashed,
		departures,
		pause,
	}: { hashed: ReadonlyMap<number, Buffer>; departures: ReadonlyMap<string, unknown>; pause: Pause },
): Promise<Map<string, Arrival>> {
	const filter = new DeviceFilter(departures.keys());
	const arrivals = new Map<string, Arrival>();
	await forEachWithPauses(verdicts.entries(), pause, ([index, verdict]) => {
		const record = records.customers[index];
		if (!isUnchanged(verdict)) {
			const sentBefore = new Set(record === undefined ? [] : filter.devicesIn(record.devices));
			for (const device of filter.devicesIn(hashed.get(index))) {
				const isSent = sentBefore.has(device);
				// Where several customers may have a device, it has moved only to one that did not have it.
				if (departures.has(device) && !(isSharing && isSent)) {
					arrivals.set(device, { index, isSent });
				}
			}
		} else if (!isSharing) {
			for (const device of filter.devicesIn(record?.devices)) {
				if (departures.has(device)) {
					arrivals.set(device, { index, isSent: true });
				}
			}
		}
	});
	return arrivals;
}

/** One bit for each value of the first 20 bits of a hash: 128 kB. With 1,000 wanted devices some 500 of 500,000 others pass. */
const FILTER_BITS = 2 ** 20;

const NO_DEVICES = Buffer.alloc(0);

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
