import type { Clock } from '../../../service/transport/clock';
import type { Lease } from './lease';
import { stopwatch } from '../fence';

/**
 * Keeps two runs in two processes from sending at the same time. A run that finds the state in progress cannot see whether
 * the run that left it is dead. Its own entries change the number of entries, which an active run sees at its next query
 * and meets with one entry more, its heartbeat, for as long as somebody is there. A run takes over only if nobody writes
 * for `takeoverMs`, and an active run that gave no heartbeat for so long gives up.
 */
export class Heartbeat {
	readonly #lease: Lease;
	readonly #clock: Clock;
	/** Since the last query began that found the run alone, or was met with a heartbeat in time. */
	#sinceHeldMs: () => number;
	/** Since the last heartbeat. */
	#sinceHeartbeatMs: () => number = () => Infinity;
	/** The number of entries after the last heartbeat. */
	#metCount: number | undefined;
	#query: Promise<boolean> | undefined;
	#turnOff: (() => void) | undefined;

	constructor(lease: Lease, clock: Clock) {
		this.#lease = lease;
		this.#clock = clock;
		this.#sinceHeldMs = stopwatch(clock);
	}

	/** Whether a request may start, or be retried: no other run can have taken over. */
	async mayStart(): Promise<boolean> {
		if (!this.#isHeld()) await this.query();
		return this.#isHeld();
	}

	/** Whether another run has taken over, or began at the same moment. */
	get isLost(): boolean {
		return this.#lease.isLost;
	}

	/** From now on the run queries by itself. */
	start(): void {
		this.#turnOff = this.#clock.alarm(this.#lease.timing.queryEveryMs, () => {
			void this.query().then(() => this.#turnOff && this.start());
		});
	}

	/** Ends that, and waits for a query that is under way. */
	async stop(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#query;
	}

	/** Queries whether another run has come. @returns whether this run still has the state, and every other run sees it */
	async query(): Promise<boolean> {
		this.#query ??= this.#queryOnce().finally(() => (this.#query = undefined));
		return await this.#query;
	}

	#isHeld(): boolean {
		return !this.#lease.isLost && this.#sinceHeldMs() < this.#lease.timing.heldMs;
	}

	async #queryOnce(): Promise<boolean> {
		const sinceQueryMs = stopwatch(this.#clock);
		const { heartbeatEveryMs, takeoverMs } = this.#lease.timing;
		try {
			const count = await this.#lease.count();
			const isAlone = count === this.#lease.expected;
			const isMet = count === this.#metCount && this.#sinceHeartbeatMs() < heartbeatEveryMs;
			if (!isAlone && !isMet) {
				await this.#lease.signalAlive();
				// Too late: the other run may have taken over.
				if (this.#sinceHeldMs() >= takeoverMs) this.#lease.loseToOther();
				this.#metCount = count + 1;
				this.#sinceHeartbeatMs = sinceQueryMs;
			}
			if (this.#lease.isLost) return false;
			this.#sinceHeldMs = sinceQueryMs;
			return true;
		} catch {
			// A query that failed counts as none.
			return false;
		}
	}
}
