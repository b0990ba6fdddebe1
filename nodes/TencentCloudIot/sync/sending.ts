import { notSent, type Failure, type OutcomeName } from '../service/outcome';
import type { Verdict } from './plan';

/** So many of the last answers are looked at. */
const LOOKED_AT = 20;

/** The code of what had to wait because the time was over: nothing is wrong with that. */
export const TIME_OVER = 'TIME_OVER';

const NEXT_RUN = 'The next run sends it first';

/** What a run that is sending is held to. */
export interface SendingLimits {
	/** 'Longest Run', milliseconds; 0 for no limit. */
	longestRunMs: number;
	/** When the run began, by `elapsedMs`. */
	startMs: number;
	elapsedMs: () => number;
	/** Whether the run still is the only one: `SyncRun.mayStart`. */
	isAlone: () => Promise<boolean>;
}

/** Says, while a run is sending, whether one more request may be begun. What was not begun is sent by the next run. */
export class Sending {
	readonly #limits: SendingLimits;
	/** Whether each of the last answers was bad news. */
	readonly #lastAnswers: boolean[] = [];
	#stopped: Failure | undefined;

	constructor(limits: SendingLimits) {
		this.#limits = limits;
	}

	/** Why nothing more is begun; undefined as long as there is no reason. */
	get stopped(): Failure | undefined {
		return this.#stopped;
	}

	/** To be asked before each request, also before one is sent again. */
	async mayStart(): Promise<boolean> {
		const { longestRunMs, startMs, elapsedMs, isAlone } = this.#limits;
		if (longestRunMs > 0 && elapsedMs() - startMs >= longestRunMs) {
			this.#stopped ??= postponed(TIME_OVER, "The time of 'Longest Run' was over.");
		}
		if (this.#stopped === undefined && !(await isAlone())) {
			this.#stopped ??= postponed('TAKEN_OVER', 'Another run of this node has taken over.');
		}
		return this.#stopped === undefined;
	}

	/** A request has its outcome. What failed in the last run, too, says nothing of this one. */
	answered(verdict: Verdict, outcome: OutcomeName): void {
		if (verdict === 'failed' || outcome === 'NOT_SENT') return;
		this.#lastAnswers.push(outcome !== 'OK');
		if (this.#lastAnswers.length > LOOKED_AT) this.#lastAnswers.shift();
		const bad = this.#lastAnswers.filter(Boolean).length;
		if (this.#lastAnswers.length < LOOKED_AT || 2 * bad <= LOOKED_AT) return;
		this.#stopped ??= {
			...postponed('MOSTLY_FAILED', `Of the last ${LOOKED_AT} customers ${bad} were refused or unclear.`),
			advice: `See what the first of them say. ${NEXT_RUN}`,
		};
	}
}

function postponed(code: string, reason: string): Failure {
	return { ...notSent(code, reason, NEXT_RUN), scope: 'call' };
}
