import type { Moved } from '../safetyChecks';
import { type CustomerRecord, devicesIn, forEachWithPauses, NO_DEVICES, type Pause } from './content';
import { HASH_BYTES } from './hashes';

/** A device that no customer has had for 400 days is forgotten. */
const AWAITED_MINUTES = 400 * 1440;

/**
 * Keeps who had which device until a report has said who has it now. A device that a customer had is
 *
 *     in its record      if it was in the last request of this customer
 *     in `left`          if it has left the customer's rows, and no report has named its new owner yet
 *     in neither         if a report has
 *
 * A customer that is gone stays in the state as long as any of its devices is awaited.
 * @param records what the run leaves of each customer; changed
 * @param found the moves that the run has found, and those of them that it has not told
 */
export async function leaveDepartures(
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
	const isUntold = new Set(untold.map(keyOf));
	const told = byCustomer(found.filter((move) => !isUntold.has(keyOf(move))));
	const stillToTell = byCustomer(untold);
	await forEachWithPauses(recordsBefore, pause, ([key, before]) => {
		const record = records.get(key);
		const isSame = record !== undefined && record.devices.equals(before.devices);
		if (isSame && before.left === undefined && !told.has(key)) {
			return;
		}
		const present = new Set(devicesIn(record?.devices ?? NO_DEVICES));
		const left = new Map<string, number>();
		for (const [device, minute] of before.left ?? []) {
			if (now - minute < AWAITED_MINUTES) {
				left.set(device, minute);
			}
		}
		for (const device of isSame ? [] : devicesIn(before.devices)) {
			if (!left.has(device)) {
				left.set(device, now);
			}
		}
		for (const device of present) {
			left.delete(device);
		}
		for (const { device } of told.get(key) ?? []) {
			left.delete(device);
			present.delete(device);
		}
		leave(records, { key, before, left, present });
	});
	// Moves that an earlier attempt of this run took out of the state, and that no report has named.
	for (const [key, moves] of stillToTell) {
		const record = records.get(key) ?? recordsBefore.get(key);
		const present = new Set(devicesIn(record?.devices ?? NO_DEVICES));
		const left = new Map(records.get(key)?.left);
		for (const { device, since } of moves) {
			if (!present.has(device) && !left.has(device)) {
				left.set(device, since);
			}
		}
		leave(records, { key, before: record, left, present });
	}
}

function leave(
	records: Map<string, CustomerRecord>,
	{
		key,
		before,
		left,
		present,
	}: {
		key: string;
		before: CustomerRecord | undefined;
		left: ReadonlyMap<string, number>;
		present: ReadonlySet<string>;
	},
): void {
	const record = records.get(key);
	if (record === undefined) {
		if (left.size > 0) {
			const { minute = 0 } = before ?? {};
			records.set(key, {
				status: 'left',
				isReported: false,
				fingerprint: '',
				minute,
				devices: NO_DEVICES,
				left,
			});
		}
		return;
	}
	const isShorter = present.size * HASH_BYTES < record.devices.length;
	const devices = isShorter ? bufferOf(present) : record.devices;
	const after: CustomerRecord = { ...record, devices };
	delete after.left;
	if (left.size > 0) {
		after.left = left;
	}
	records.set(key, after);
}

function bufferOf(devices: Iterable<string>): Buffer {
	return Buffer.concat(Array.from(devices, (device) => Buffer.from(device, 'base64url')));
}

function keyOf({ device, fromKey }: Moved): string {
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
