import type { IExecuteFunctions } from 'n8n-workflow';

import { counted } from '../../service/words';
import type { Clock } from '../../service/transport/clock';

/** So much time is between two lines. Milliseconds. */
const EVERY_MS = 30_000;

interface ProgressOptions {
	context: Pick<IExecuteFunctions, 'logger' | 'getNode'>;
	clock: Pick<Clock, 'elapsedMs'>;
	/** What one call stands for, in the singular. */
	unit: string;
	/** How many calls there are; undefined where it is not known: then what is read is counted. */
	total: number | undefined;
}

/** A line in n8n's log every 30 seconds of a run, as long as calls come to their end: how many have, and how long the rest takes. */
export class ProgressLog {
	readonly #options: ProgressOptions;
	readonly #startMs: number;
	#loggedMs: number;
	#ended = 0;

	constructor(options: ProgressOptions) {
		this.#options = options;
		this.#startMs = this.#loggedMs = options.clock.elapsedMs();
	}

	/** One more call has come to its end. */
	ended(): void {
		this.#ended++;
		const { context, clock, unit, total } = this.#options;
		const nowMs = clock.elapsedMs();
		if (nowMs - this.#loggedMs < EVERY_MS || this.#ended === total) return;
		this.#loggedMs = nowMs;
		const restMs = ((nowMs - this.#startMs) / this.#ended) * ((total ?? NaN) - this.#ended);
		const { name } = context.getNode();
		const ended = `${this.#ended.toLocaleString('en-US')} of ${counted(total ?? 0, unit)}`;
		const done =
			total === undefined
				? `${counted(this.#ended, unit)} read`
				: `${ended} sent, ${aboutDuration(restMs)} left`;
		context.logger.info(`Tencent Cloud IoT, node '${name}': ${done}`);
	}
}

/** How long something takes, in words: "about 45 s", "about 17 min", "about 8.3 h". */
export function aboutDuration(ms: number): string {
	const seconds = Math.max(1, Math.round(ms / 1000));
	if (seconds < 100) return `about ${seconds} s`;
	const minutes = seconds / 60;
	return minutes < 100 ? `about ${Math.round(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}
