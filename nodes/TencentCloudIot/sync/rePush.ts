/** A day has this many minutes. */
const DAY_MINUTES = 1440;

/** 'Push Again After (Days)' is divided into this many re-push slots: of an hour each for 7 days. */
export const SLOTS = 168;

/** What decides whose re-push is scheduled for this run. */
export interface RePush {
	/** 'Push Again After (Days)', whole days; 0 for never. */
	everyDays: number;
	/** When this run began, minutes since 1970. */
	minute: number;
	/** When the last run that ended began; undefined where it is not known. */
	lastMinute: number | undefined;
}

/**
 * Which unchanged customers are re-pushed: each once in `everyDays`, in the slot that its fingerprint falls into, so that each
 * run re-pushes its share. A last run of more than a day later than this one had a wrong clock: then all are.
 * @returns whether the customer of a fingerprint is scheduled
 */
export function rePushesSince({ everyDays, minute, lastMinute }: RePush): (fingerprint: string) => boolean {
	if (everyDays < 1) return () => false;
	if (lastMinute === undefined || lastMinute > minute + DAY_MINUTES) return () => true;
	const slotsAt = (time: number) => Math.floor((time * SLOTS) / (everyDays * DAY_MINUTES));
	const [last, now] = [slotsAt(lastMinute), slotsAt(minute)];
	return (fingerprint) => {
		// From the slot after the last run's to that of this one: in a whole period each customer's own comes once.
		const slotsToOwn = (((slotOf(fingerprint) - last - 1) % SLOTS) + SLOTS) % SLOTS;
		return slotsToOwn < now - last;
	};
}

/** The slot of an entry, 0 to 167: an entry is random, and all of its characters but the last are evenly spread. */
export function slotOf(entry: string): number {
	let slot = 0;
	for (let index = 0; index < 8; index++) slot = (slot * 31 + entry.charCodeAt(index)) % SLOTS;
	return slot;
}
