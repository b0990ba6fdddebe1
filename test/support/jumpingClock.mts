import { systemClock } from '../../nodes/TencentCloudIot/systemClock';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';

/** A clock for runs against real servers: waits of the run jump ahead instead of taking time, and are added up. */
export class JumpingClock implements Clock {
	/** All waits together, milliseconds. */
	sleptMs = 0;
	/** Each wait, milliseconds. */
	readonly sleeps: number[] = [];

	nowMs(): number {
		return systemClock.nowMs() + this.sleptMs;
	}

	elapsedMs(): number {
		return systemClock.elapsedMs() + this.sleptMs;
	}

	async sleep(ms: number): Promise<void> {
		this.sleeps.push(ms);
		this.sleptMs += ms;
	}

	/** Deadlines are about real servers: their alarm takes real time, in which the runs of the tests have long ended. */
	alarm(ms: number, ring: () => void): () => void {
		return systemClock.alarm(ms, ring);
	}
}
