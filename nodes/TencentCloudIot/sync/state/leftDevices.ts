import type { Moved } from '../safetyChecks';
import { type CustomerRecord, devicesOf, forEachWithPauses, NO_DEVICES, type Pause } from './content';
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
	const recordOfCustomer = (key: string) => {
		const before = recordsBefore.get(key);
		const record = records.get(key);
		const toldMoves = told.get(key) ?? [];
		const untoldMoves = stillToTell.get(key) ?? [];
		const isSame = before !== undefined && record?.devices.equals(before.devices) === true;
		if (isSame && before.left === undefined && toldMoves.length === 0 && untoldMoves.length === 0) {
			return;
		}
		const present = new Set(devicesOf(record));
		const left = new Map<string, number>();
		for (const [device, minute] of before?.left ?? []) {
			if (now - minute < AWAITED_MINUTES) {
				left.set(device, minute);
			}
		}
		for (const device of devicesOf(before)) {
			if (!left.has(device)) {
				left.set(device, now);
			}
		}
		// An earlier attempt of this run may have taken them out of the state, though no report has named them.
		for (const { device, since } of untoldMoves) {
			if (!left.has(device)) {
				left.set(device, since);
			}
		}
		for (const device of present) {
			left.delete(device);
		}
		for (const { device } of toldMoves) {
			left.delete(device);
			present.delete(device);
		}
		setLeft(records, { key, minute: before?.minute ?? 0, present, left });
	};
	await forEachWithPauses(recordsBefore.keys(), pause, recordOfCustomer);
	for (const key of stillToTell.keys()) {
		if (!recordsBefore.has(key)) {
			recordOfCustomer(key);
		}
	}
}

function setLeft(
	records: Map<string, CustomerRecord>,
	{
		key,
		minute,
		present,
		left,
	}: { key: string; minute: number; present: ReadonlySet<string>; left: ReadonlyMap<string, number> },
): void {
	const record = records.get(key);
	if (record === undefined && left.size === 0) {
		return;
	}
	const gone = { status: 'left', isReported: false, fingerprint: '', minute, devices: NO_DEVICES } as const;
	const after: CustomerRecord = { ...(record ?? gone) };
	after.left = left.size > 0 ? left : undefined;
	if (present.size * HASH_BYTES < after.devices.length) {
		after.devices = bufferOf(present);
	}
	records.set(key, after);
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
