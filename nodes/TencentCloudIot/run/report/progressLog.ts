import type { IExecuteFunctions } from 'n8n-workflow';

import { counted } from '../../service/words';
import type { Clock } from '../../service/transport/clock';
import { aboutDuration } from './duration';

/** So much time is between two lines. Milliseconds. */
const EVERY_MS = 30_000;

/** A line in n8n's log every 30 seconds of a run, as long as calls come to their end: how many have, and how long the rest takes. */
export class ProgressLog {
	readonly #context: Pick<IExecuteFunctions, 'logger' | 'getNode'>;
	readonly #clock: Pick<Clock, 'elapsedMs'>;
	readonly #unit: string;
	readonly #total: number;
	readonly #startMs: number;
	#loggedMs: number;
	#ended = 0;

	/**
	 * @param unit what one call stands for, in the singular
	 * @param total how many calls there are
	 */
	constructor(
		context: Pick<IExecuteFunctions, 'logger' | 'getNode'>,
		clock: Pick<Clock, 'elapsedMs'>,
		unit: string,
		total: number,
	) {
		this.#context = context;
		this.#clock = clock;
		this.#unit = unit;
		this.#total = total;
		this.#startMs = this.#loggedMs = clock.elapsedMs();
	}

	/** One more call has come to its end. */
	ended(): void {
		this.#ended++;
		const nowMs = this.#clock.elapsedMs();
		if (nowMs - this.#loggedMs < EVERY_MS || this.#ended === this.#total) return;
		this.#loggedMs = nowMs;
		const restMs = ((nowMs - this.#startMs) / this.#ended) * (this.#total - this.#ended);
		const { name } = this.#context.getNode();
		const ended = `${this.#ended.toLocaleString('en-US')} of ${counted(this.#total, this.#unit)}`;
		this.#context.logger.info(
			`Tencent Cloud IoT, node '${name}': ${ended} sent, ${aboutDuration(restMs)} left`,
		);
	}
}
