/**
 * The first requests of a run go before those of a run that has made more, so that an order does not wait behind a large
 * Sync: at the default rate, one second of them.
 */
const FIRST_REQUESTS = 20;

/** After this many starts in a row a run that has made more has its turn, so that none starves. */
const MOST_IN_A_ROW = 3;

/** What is known of a run that takes turns with others. */
export interface TurnTaker {
	/** How many requests it has started. */
	requests: number;
	/** The number of its last turn; at first of the last one before it came. */
	lastTurn: number;
}

/** Whose request starts next, of all runs that send to one account. */
export class Turns {
	/** The number of the last turn. */
	last = 0;
	/** How many first requests in a row went before those of a run that waits. */
	#inARow = 0;

	/** Gives the next turn to one of the runs that may start a request; to nobody, where there is none. */
	take<T extends TurnTaker>(runs: readonly T[]): T | undefined {
		if (runs.length === 0) return undefined;
		const first = runs.filter(({ requests }) => requests < FIRST_REQUESTS);
		const later = runs.filter(({ requests }) => requests >= FIRST_REQUESTS);
		const isFirst = first.length > 0 && (later.length === 0 || this.#inARow < MOST_IN_A_ROW);
		this.#inARow = isFirst && later.length > 0 ? this.#inARow + 1 : 0;
		const run = (isFirst ? first : later).reduce((a, b) => (b.lastTurn < a.lastTurn ? b : a));
		run.requests++;
		run.lastTurn = ++this.last;
		return run;
	}
}
