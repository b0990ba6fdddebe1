import type { Failure } from '../service/outcome';
import { entryOf, type Health } from './entries/stateEntries';

/** Which numbers `Reported` has: what goes beyond them begins again at 0. */
export const STOPS = 128;
export const HOURS = 512;

/** What was last reported of a node; in the sync state, so that the next run knows what is new. */
export interface Reported {
	health: Health;
	/** A number for the code of why the whole run failed; 0 where it did not. */
	stop: number;
	/** When, in hours since 1970, of which the lowest 512 are kept. */
	hour: number;
}

/** Where nothing is known nothing was reported. */
export const ALL_WELL: Reported = { health: 'ok', stop: 0, hour: 0 };

/** @param minute since 1970 */
export function hourOf(minute: number): number {
	return Math.floor(minute / 60) % HOURS;
}

/** Of 127 numbers that codes have, few share one. */
export function stopNumber(reason: Failure | undefined): number {
	if (reason === undefined) return 0;
	return 1 + (Buffer.from(entryOf([reason.code]), 'base64url').readUInt16LE() % (STOPS - 1));
}
