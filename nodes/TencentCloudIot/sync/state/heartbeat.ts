import type { Clock } from '../../service/transport/clock';
import type { Lease } from './lease';

/** How often a run queries whether another one has come, milliseconds. */
export const HEARTBEAT_EVERY_MS = 10_000;

/** A run whose last query is older than this starts no request before it has queried again, milliseconds. */
export const LEASE_HELD_MS = 20_000;

/**
 * How long a run waits for the other run's heartbeat before it takes over, milliseconds: longer than the other may go on
 * without a query, and more, since a query and a heartbeat take seconds where there are a million entries.
 */
export const TAKEOVER_WAIT_MS = 30_000;

/** How often it queries meanwhile, milliseconds. */
const TAKEOVER_QUERY_EVERY_MS = 2500;

/**
 * Keeps two runs in two processes from sending at the same time. A run that finds `in progress` cannot see whether the run
 * that left it is dead. Its own token is one entry more, which an active run sees at its next query and meets with another
 * entry, its heartbeat. A run that sees no heartbeat within `TAKEOVER_WAIT_MS` takes over. A run that was stalled for that
 * long sees it by its own clock and by the number of entries, before it starts a request.
 *
 * Without this, two long runs would push everything at the same time and leave the state in progress for the next two; and
 * a run that took the other for dead would close it while the other still sends.
 *
 * What stays possible: two runs that begin on a closed state within the same few statements of the database, each reading
 * the row before the other has written it. The scheduled re-push mends what may come of it. test/sync/state/overlap.test.mts
 * tries all this.
 */
export class Heartbeat {
	readonly #lease: Lease;
	readonly #clock: Clock;
	/** When the last query began that found the run alone or was met with a heartbeat in time, by `elapsedMs`. */
	#queriedMs: number;
	#query: Promise<void> | undefined;
	#turnOff: (() => void) | undefined;

	constructor(lease: Lease, clock: Clock) {
		this.#lease = lease;
		this.#clock = clock;
		this.#queriedMs = clock.elapsedMs();
	}

	/**
	 * Waits for a heartbeat of the run that left the state in progress.
	 * @returns whether there was none; false also when the signal is aborted
	 */
	async waitForTakeover(signal: AbortSignal | undefined): Promise<boolean> {
		const endMs = this.#clock.elapsedMs() + TAKEOVER_WAIT_MS;
		while (!signal?.aborted && (await this.#lease.isAlone())) {
			if (this.#clock.elapsedMs() >= endMs) return await this.#isStillThere();
			await this.#clock.sleep(TAKEOVER_QUERY_EVERY_MS, signal);
		}
		return false;
	}

	/** Whether a request may start, or be retried: no other run can have taken over. */
	async mayStart(): Promise<boolean> {
		if (!this.#isHeld()) await this.#queryAgain();
		return this.#isHeld();
	}

	/** From now on the run queries by itself. */
	start(): void {
		this.#turnOff = this.#clock.alarm(HEARTBEAT_EVERY_MS, () => {
			void this.#queryAgain().then(() => this.#turnOff && this.start());
		});
	}

	/** Ends that, and waits for a query that is under way. */
	async stop(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#query;
	}

	/** A run that came at the same moment may have overwritten the token, and the number of entries does not show it. */
	async #isStillThere(): Promise<boolean> {
		await this.#lease.record([]);
		return await this.#lease.isAlone();
	}

	#isHeld(): boolean {
		return !this.#lease.isLost && this.#clock.elapsedMs() - this.#queriedMs < LEASE_HELD_MS;
	}

	async #queryAgain(): Promise<void> {
		this.#query ??= this.#queryOnce().finally(() => (this.#query = undefined));
		await this.#query;
	}

	async #queryOnce(): Promise<void> {
		const startMs = this.#clock.elapsedMs();
		const wasHeld = this.#isHeld();
		try {
			if (!(await this.#lease.isAlone())) {
				await this.#lease.signalAlive();
				// Too late: the other run may have taken over.
				if (!wasHeld) this.#lease.markLost();
			}
			this.#queriedMs = startMs;
		} catch {
			// A query that failed counts as none.
		}
	}
}
