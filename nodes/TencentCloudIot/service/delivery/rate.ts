/** The service's limit is measured over this time. Milliseconds. */
const WINDOW_MS = 1_000;

/** After throttling the rate is this part of what the service accepted, so that it is not met again at once. */
const BACK_OFF = 0.97;

/** From this part of the rate on, what was accepted is as good as the rate. */
const NEAR = 0.75;

/** Assumed when throttled before there was anything to measure. */
const FIRST_GUESS_PER_SECOND = 10;

/** The rate is back at what was throttled after this time, and grows ever faster from there on. Milliseconds. */
const RECOVERY_MS = 30_000;

/**
 * A request rate that finds the limit of a service which does not tell it. When throttled it falls to just below what
 * was accepted in the last second, and returns on a cubic curve: long just below the limit, and away from it quickly
 * when the limit is gone.
 */
export class AdaptiveRate {
	readonly #mostPerSecond: number;
	/** When requests succeeded, oldest first; those before `#firstRecent` are older than the window. */
	#successesMs: number[] = [];
	#firstRecent = 0;
	#throttled: { acceptedPerSecond: number; atMs: number } | undefined;

	/** @param mostPerSecond never exceeded; Infinity for no limit */
	constructor(mostPerSecond: number) {
		this.#mostPerSecond = mostPerSecond;
	}

	/** Requests per second that may be started now. */
	perSecond(nowMs: number): number {
		if (this.#throttled === undefined) return this.#mostPerSecond;
		const { acceptedPerSecond, atMs } = this.#throttled;
		const growth = (1 - BACK_OFF) * ((nowMs - atMs) / RECOVERY_MS) ** 3;
		return Math.min(this.#mostPerSecond, acceptedPerSecond * (BACK_OFF + growth));
	}

	succeeded(nowMs: number): void {
		this.#successesMs.push(nowMs);
		this.#countRecent(nowMs);
	}

	/** @param activeSinceMs since when requests go without a pause: less than a second is too short to measure */
	throttled(nowMs: number, activeSinceMs: number): void {
		const accepted = Math.max(1, this.#countRecent(nowMs));
		const perSecond = this.perSecond(nowMs);
		// A count near the rate itself means that the rate only just met the limit; some answers are still on their way.
		const isNear = accepted >= NEAR * perSecond;
		const isMeasured = nowMs - activeSinceMs >= WINDOW_MS;
		const least = isNear ? perSecond : isMeasured ? 1 : this.#guess(perSecond);
		const acceptedPerSecond = Math.max(accepted, least);
		this.#throttled = { acceptedPerSecond, atMs: nowMs };
	}

	#guess(perSecond: number): number {
		return perSecond === Infinity ? FIRST_GUESS_PER_SECOND : perSecond / 2;
	}

	#countRecent(nowMs: number): number {
		while (this.#successesMs[this.#firstRecent]! <= nowMs - WINDOW_MS) this.#firstRecent++;
		if (this.#firstRecent > this.#successesMs.length / 2) {
			this.#successesMs = this.#successesMs.slice(this.#firstRecent);
			this.#firstRecent = 0;
		}
		return this.#successesMs.length - this.#firstRecent;
	}
}
