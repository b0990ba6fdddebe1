import type { Moved } from '../safetyChecks';
import { type CustomerRecord, devicesOf, forEachWithPauses, NO_DEVICES, type Pause } from './content';
import type { Departures } from './departures';

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
 * @param unreportedMoves those of the moves that this run has not reported
 */
export async function recordDepartures(
	records: Map<string, CustomerRecord>,
	{
		recordsBefore,
		departures: { formerOwners, moved },
		unreportedMoves,
		now,
	}: {
		recordsBefore: ReadonlyMap<string, CustomerRecord>;
		departures: Pick<Departures, 'formerOwners' | 'moved'>;
		unreportedMoves: readonly Moved[];
		/** Minutes since 1970. */
		now: number;
	},
	pause: Pause,
): Promise<void> {
	const reportedMoves = new Set(moved.map(({ device, fromKey }) => moveKey(device, fromKey)));
	for (const { device, fromKey } of unreportedMoves) {
		reportedMoves.delete(moveKey(device, fromKey));
	}
	// By the hash of each customer that a device has left, in this run or earlier.
	const leftByOwner = new Map<string, Map<string, number>>();
	const addLeftDevice = (device: string, fromKey: string, since: number) => {
		const left = leftByOwner.get(fromKey) ?? new Map<string, number>();
		leftByOwner.set(fromKey, left);
		if (now - since < AWAITED_MINUTES && !reportedMoves.has(moveKey(device, fromKey))) {
			left.set(device, since);
		}
	};
	// An earlier attempt of this run may have taken them out of the state, though no report has named them.
	for (const { device, fromKey, since } of unreportedMoves) {
		addLeftDevice(device, fromKey, since);
	}
	await forEachWithPauses(formerOwners, pause, ([device, owners]) => {
		for (const { fromKey, since } of owners) {
			addLeftDevice(device, fromKey, since);
		}
	});
	await forEachWithPauses(leftByOwner, pause, ([key, left]) => {
		const record = records.get(key);
		// A customer that was not sent still has the devices that its rows do not have.
		const devices = devicesOf(record).filter((device) => !reportedMoves.has(moveKey(device, key)));
		for (const device of devices) {
			left.delete(device);
		}
		if (record === undefined && left.size === 0) {
			return;
		}
		const minute = recordsBefore.get(key)?.minute ?? 0;
		const emptyRecord = {
			status: 'left',
			isFailureReported: false,
			fingerprint: '',
			minute,
			devices: NO_DEVICES,
		} as const;
		records.set(key, {
			...(record ?? emptyRecord),
			devices: Buffer.concat(devices.map((device) => Buffer.from(device, 'base64url'))),
			leftDevices: left.size > 0 ? left : undefined,
		});
	});
}

/** Names a move: a report names each once. */
function moveKey(device: string, fromKey: string): string {
	return `${device} ${fromKey}`;
}
