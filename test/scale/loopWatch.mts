/** How often the event loop should get a turn. Milliseconds. */
const TICK_MS = 10;

/** What was measured in a watched process. */
export interface LoopFigures {
	/** The longest time that the event loop got no turn, milliseconds. */
	longestBlockMs: number;
	/** The largest heap, including garbage, MiB. */
	mostHeapMib: number;
	/** The largest resident memory of the process, MiB. */
	mostRssMib: number;
}

const NOTHING: LoopFigures = { longestBlockMs: 0, mostHeapMib: 0, mostRssMib: 0 };

/** Watches the event loop and the heap of this process by a timer of its own, stretch by stretch. */
export class LoopWatch {
	#lastMs = performance.now();
	#figures: LoopFigures = NOTHING;
	readonly #timer = setInterval(() => this.#tick(), TICK_MS);

	/** Ends the stretch and starts the next one. */
	lap(): LoopFigures {
		this.#tick();
		const figures = this.#figures;
		this.#figures = NOTHING;
		return figures;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#tick(): void {
		const nowMs = performance.now();
		const blockMs = Math.round(nowMs - this.#lastMs - TICK_MS);
		this.#lastMs = nowMs;
		const { heapUsed, rss } = process.memoryUsage();
		this.#figures = {
			longestBlockMs: Math.max(this.#figures.longestBlockMs, blockMs),
			mostHeapMib: Math.max(this.#figures.mostHeapMib, Math.round(heapUsed / 2 ** 20)),
			mostRssMib: Math.max(this.#figures.mostRssMib, Math.round(rss / 2 ** 20)),
		};
	}
}
