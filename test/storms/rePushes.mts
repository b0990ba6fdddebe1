import { fingerprintOf } from './execution.mts';
import type { Storm } from './storm.mts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How many slots of equal length a period has. */
const SLOTS = 168;

/**
 * Which re-pushes may be due, as *Push Again After (Days)* promises: each customer is pushed again once in a period, in its own slot.
 * It knows when the service accepted a customer, but does not read the sync state.
 */
export class RePushes {
	readonly #periodMs: number;
	readonly #beginsMs: number;
	/** How far the wall clocks of two processes may be apart, plus the rounding to minutes. Milliseconds. */
	readonly #toleranceMs: number;

	constructor({
		pushAgainAfterDays,
		beginsMs,
		workers,
	}: Pick<Storm, 'pushAgainAfterDays' | 'beginsMs' | 'workers'>) {
		this.#periodMs = pushAgainAfterDays * DAY_MS;
		this.#beginsMs = beginsMs;
		const wrongMs = workers.map(({ offsetMs, steps }) =>
			steps.reduce((sum, { byMs }) => sum + Math.abs(byMs), Math.abs(offsetMs)),
		);
		this.#toleranceMs = MINUTE_MS + 2 * Math.max(...wrongMs);
	}

	/** Whether the slot of a customer has begun since it was accepted. Times are those of the storm. */
	mayBeDue(
		customer: string,
		devices: string,
		{ acceptedMs, nowMs }: { acceptedMs: number; nowMs: number },
	): boolean {
		const slot = slotOf(fingerprintOf(customer, devices));
		// Counts how often that slot has begun.
		const countAt = (ms: number) => {
			const slots = Math.floor(((this.#beginsMs + ms) * SLOTS) / this.#periodMs);
			return Math.floor((slots - slot) / SLOTS);
		};
		return countAt(nowMs + this.#toleranceMs) > countAt(acceptedMs - this.#toleranceMs);
	}

	/** Whether a run that begins now must re-push a customer that was accepted then. */
	isOverdue(acceptedMs: number, nowMs: number): boolean {
		return nowMs - acceptedMs > this.#periodMs + this.#periodMs / SLOTS + this.#toleranceMs;
	}
}

/** The slot of a customer: the first eight characters of its fingerprint, as a number to the base of 31. */
function slotOf(fingerprint: string): number {
	const codes = [...fingerprint.slice(0, 8)].map((character) => character.charCodeAt(0));
	return Number(codes.reduce((number, code) => number * 31n + BigInt(code), 0n) % BigInt(SLOTS));
}
