/** So often the event loop should get a turn. Milliseconds. */
const TICK_MS = 10;

/** What a process went through while it was watched. */
export interface LoopFigures {
	/** The longest time that the event loop got no turn, milliseconds. */
	longestBlockMs: number;
	/** The highest heap that was seen, garbage included, MiB. */
	mostHeapMib: number;
}

/** Watches the event loop and the heap of this process by a timer of its own, stretch by stretch. */
export class LoopWatch {
	#lastMs = performance.now();
	#figures: LoopFigures = { longestBlockMs: 0, mostHeapMib: 0 };
	readonly #timer = setInterval(() => this.#tick(), TICK_MS);

	/** Ends the stretch and begins the next one. */
	lap(): LoopFigures {
		this.#tick();
		const figures = this.#figures;
		this.#figures = { longestBlockMs: 0, mostHeapMib: 0 };
		return figures;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#tick(): void {
		const nowMs = performance.now();
		const blockMs = Math.round(nowMs - this.#lastMs - TICK_MS);
		this.#lastMs = nowMs;
		const heapMib = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
		this.#figures = {
			longestBlockMs: Math.max(this.#figures.longestBlockMs, blockMs),
			mostHeapMib: Math.max(this.#figures.mostHeapMib, heapMib),
		};
	}
}
