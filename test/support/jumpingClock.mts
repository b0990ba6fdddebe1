import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';

/**
 * A clock for runs against real servers: it does not run, so that a slow machine changes nothing, and waits of the run move it ahead
 * instead of taking time.
 */
export class JumpingClock implements Clock {
	readonly #startMs = Date.now();
	#rungMs = 0;
	/** All waits together, milliseconds. */
	sleptMs = 0;
	/** Each wait, milliseconds. */
	readonly sleeps: number[] = [];

	nowMs(): number {
		return this.#startMs + this.elapsedMs();
	}

	elapsedMs(): number {
		return this.sleptMs + this.#rungMs;
	}

	async sleep(ms: number): Promise<void> {
		this.sleeps.push(ms);
		this.sleptMs += ms;
	}

	/** Deadlines are for real servers, so their alarm takes real time, which this clock then adds. */
	alarm(ms: number, ring: () => void): () => void {
		return systemClock.alarm(ms, () => {
			this.#rungMs += ms;
			ring();
		});
	}
}
