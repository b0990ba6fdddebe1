import type { Moved } from '../safetyChecks';
import { type CustomerRecord, devicesOf, forEachWithPauses, NO_DEVICES, type Pause } from './content';
import { HASH_BYTES } from './hashes';

/** A device that left a customer this long ago, and has turned up at no other one, is forgotten. */
const AWAITED_MINUTES = 400 * 1440;

/**
 * Records which devices have left a customer, until a report has named their new owner. A device that a customer had is
 *
 *     in `devices` of its record       while its last request had it
 *     in `leftDevices` of its record   once it has left the customer's rows, until a report has named its new owner, or for 400 days
 *     in neither                       after that
 *
 * A customer that no row names any more keeps a record, with the status `left`, as long as that has `leftDevices`.
 * @param records what the state is to say of each customer, by its hash; changed here
 * @param recordsBefore what it said before this run
 * @param found the moves that the run has found
 * @param untold those of them that it has not reported
 */
export async function recordDepartures(
	records: Map<string, CustomerRecord>,
	{
		recordsBefore,
		found,
		untold,
		now,
	}: {
		recordsBefore: ReadonlyMap<string, CustomerRecord>;
		found: readonly Moved[];
		untold: readonly Moved[];
		/** Minutes since 1970. */
		now: number;
	},
	pause: Pause,
): Promise<void> {
	const isUntold = new Set(untold.map(moveKey));
	const told = byCustomer(found.filter((move) => !isUntold.has(moveKey(move))));
	const stillToTell = byCustomer(untold);
	const updateRecord = (key: string) => {
		const before = recordsBefore.get(key);
		const record = records.get(key);
		const toldMoves = told.get(key) ?? [];
		const untoldMoves = stillToTell.get(key) ?? [];
		const isSame = before !== undefined && record?.devices.equals(before.devices) === true;
		if (isSame && before.leftDevices === undefined && toldMoves.length === 0 && untoldMoves.length === 0) {
			return;
		}
		const present = new Set(devicesOf(record));
		const leftDevices = new Map<string, number>();
		for (const [device, minute] of before?.leftDevices ?? []) {
			if (now - minute < AWAITED_MINUTES) {
				leftDevices.set(device, minute);
			}
		}
		for (const device of devicesOf(before)) {
			if (!leftDevices.has(device)) {
				leftDevices.set(device, now);
			}
		}
		// An earlier attempt of this run may have taken them out of the state, though no report has named them.
		for (const { device, since } of untoldMoves) {
			if (!leftDevices.has(device)) {
				leftDevices.set(device, since);
			}
		}
		for (const device of present) {
			leftDevices.delete(device);
		}
		for (const { device } of toldMoves) {
			leftDevices.delete(device);
			present.delete(device);
		}
		if (record !== undefined || leftDevices.size > 0) {
			records.set(key, withDevices(record, before?.minute ?? 0, present, leftDevices));
		}
	};
	await forEachWithPauses(recordsBefore.keys(), pause, updateRecord);
	for (const key of stillToTell.keys()) {
		if (!recordsBefore.has(key)) {
			updateRecord(key);
		}
	}
}

/**
 * The record of a customer with these devices.
 * @param record undefined for a customer that no row names any more
 * @param minute when it was accepted last, minutes since 1970
 * @param present the hashes of the devices that its record keeps
 */
function withDevices(
	record: CustomerRecord | undefined,
	minute: number,
	present: ReadonlySet<string>,
	leftDevices: ReadonlyMap<string, number>,
): CustomerRecord {
	const gone = { status: 'left', isReported: false, fingerprint: '', minute, devices: NO_DEVICES } as const;
	const after: CustomerRecord = { ...(record ?? gone) };
	after.leftDevices = leftDevices.size > 0 ? leftDevices : undefined;
	if (present.size * HASH_BYTES < after.devices.length) {
		after.devices = bufferOf(present);
	}
	return after;
}

function bufferOf(devices: Iterable<string>): Buffer {
	return Buffer.concat(Array.from(devices, (device) => Buffer.from(device, 'base64url')));
}

function moveKey({ device, fromKey }: Moved): string {
	return `${device} ${fromKey}`;
}

function byCustomer(moves: readonly Moved[]): Map<string, Moved[]> {
	const byKey = new Map<string, Moved[]>();
	for (const move of moves) {
		const ofCustomer = byKey.get(move.fromKey);
		if (ofCustomer === undefined) {
			byKey.set(move.fromKey, [move]);
		} else {
			ofCustomer.push(move);
		}
	}
	return byKey;
}
