import type { Clock } from '../../service/transport/clock';
import type { Lease } from './lease';

/** A run looks this often whether another one has come, milliseconds. */
export const LOOK_EVERY_MS = 10_000;

/** A run whose last look is older begins no request before it has looked again, milliseconds. */
export const HELD_FOR_MS = 20_000;

/**
 * Who comes to an open memory waits so long for a sign of life, milliseconds: longer than the other may go on without a
 * look, and then some, since a look and its answer take seconds where there are a million marks.
 */
export const KNOCK_FOR_MS = 30_000;

/** Meanwhile it looks this often, milliseconds. */
const KNOCK_STEP_MS = 2500;

/**
 * Keeps two runs in two processes from sending at the same time. Who finds `open` cannot see whether the run that left it
 * is dead. It knocks: its token is one mark more, which a living run sees at its next look and answers with another one.
 * Who gets no answer within `KNOCK_FOR_MS` has the memory. A run that was stalled for so long sees it by its own clock and
 * by the number of marks, before it begins a request.
 *
 * Without this, two long runs would push everything at the same time and leave the memory open to the next two; and one
 * that took the other for dead would close it, while the other one sends on.
 *
 * What stays possible: two runs that open a closed memory within the same few statements of the database, each reading the
 * row before the other has written it. 'Push Again After' mends what may come of it. All this is tried in
 * test/sync/memory/overlap.test.mts.
 */
export class Watch {
	readonly #lease: Lease;
	readonly #clock: Clock;
	/** When the last look began that found the run alone or answered in time, by `elapsedMs`. */
	#lookedMs: number;
	#look: Promise<void> | undefined;
	#turnOff: (() => void) | undefined;

	constructor(lease: Lease, clock: Clock) {
		this.#lease = lease;
		this.#clock = clock;
		this.#lookedMs = clock.elapsedMs();
	}

	/**
	 * Waits for a sign of life of the run that left the memory open.
	 * @returns whether there was none; false also when the signal is aborted
	 */
	async knock(signal: AbortSignal | undefined): Promise<boolean> {
		const endMs = this.#clock.elapsedMs() + KNOCK_FOR_MS;
		while (!signal?.aborted && (await this.#lease.isAlone())) {
			if (this.#clock.elapsedMs() >= endMs) return await this.#isStillThere();
			await this.#clock.sleep(KNOCK_STEP_MS, signal);
		}
		return false;
	}

	/** Whether a request may be begun, or sent again: no other run can have taken over. */
	async mayStart(): Promise<boolean> {
		if (!this.#isHeld()) await this.#lookAgain();
		return this.#isHeld();
	}

	/** From now on the run looks by itself. */
	keep(): void {
		this.#turnOff = this.#clock.alarm(LOOK_EVERY_MS, () => {
			void this.#lookAgain().then(() => this.#turnOff && this.keep());
		});
	}

	/** Ends that, and waits for a look that is under way. */
	async end(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#look;
	}

	/** Who knocked at the same moment may have overwritten the token, and the number of marks does not tell. */
	async #isStillThere(): Promise<boolean> {
		await this.#lease.record([]);
		return await this.#lease.isAlone();
	}

	#isHeld(): boolean {
		return !this.#lease.isLost && this.#clock.elapsedMs() - this.#lookedMs < HELD_FOR_MS;
	}

	async #lookAgain(): Promise<void> {
		this.#look ??= this.#lookOnce().finally(() => (this.#look = undefined));
		await this.#look;
	}

	async #lookOnce(): Promise<void> {
		const startMs = this.#clock.elapsedMs();
		const wasHeld = this.#isHeld();
		try {
			if (!(await this.#lease.isAlone())) {
				await this.#lease.answer();
				// Too late: who knocked may have gone on.
				if (!wasHeld) this.#lease.giveUp();
			}
			this.#lookedMs = startMs;
		} catch {
			// What could not be looked at counts as not looked at.
		}
	}
}
