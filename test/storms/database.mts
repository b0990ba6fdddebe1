import { DataTables, type DatabaseKind } from './dataTables.mts';
import type { Delay, Steps } from './steps.mts';
import type { Fault, Range, Reject, Statement } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

/** A statement of a process that has died takes effect within this time at most, because its connection is closed. Milliseconds. */
const AFTER_DEATH_MS = 3000;
/** In a storm with repetitions, this share of writes takes effect a second time within the given time. */
const REPEATED = 0.05;
const REPEATED_WITHIN_MS = 40_000;

type Slow = Extract<Fault, { kind: 'slow' }>;

/** The properties of a database. */
export interface DatabasePlan {
	kind: DatabaseKind;
	statementMs: Range;
	slow: readonly Slow[];
	isRepeating: boolean;
}

/** Takes effect and returns the result for the response. If it throws, the response is that error. */
export type Effect<Result> = () => Result;

interface UnderWay {
	readonly steps: Steps;
	/** Takes effect now, once. */
	takeEffect(): void;
	/** Breaks its connection. */
	breakOff(): void;
}

/** How a statement is rejected: without effect, after its effect, or so that it takes effect long after the error response. */
type Rejection = { takesEffect: false } | { takesEffect: true; afterMs: number };

/**
 * n8n's database: the Data Tables, the table behind *Remove Duplicates*, and what happens to statements on their way. A statement takes a
 * while until it takes effect, and a while until its response comes.
 */
export class Database {
	readonly tables: DataTables;
	/** What *Remove Duplicates* has recorded, by the key of a node. */
	readonly recorded = new Map<string, Set<string>>();
	rejections = 0;
	/** Called when an INSERT of a late part takes effect again after a run has read and deleted that part. @param run the run that inserted it */
	latePartIsBack: (run: string) => void = () => {};
	readonly #time: VirtualTime;
	readonly #plan: DatabasePlan;
	readonly #trouble: (untilMs: number) => void;
	readonly #describeTables: () => string;
	#isRepeating: boolean;
	#downUntilMs = -Infinity;
	#rejecting: { remaining: number; untilMs: number; rejection: Rejection } = NO_REJECTIONS;
	readonly #underWay = new Set<UnderWay>();

	/** @param describeTables for the trace */
	constructor(
		time: VirtualTime,
		plan: DatabasePlan,
		trouble: (untilMs: number) => void,
		describeTables: (tables: DataTables) => string,
	) {
		this.#time = time;
		this.#plan = plan;
		this.#isRepeating = plan.isRepeating;
		this.#trouble = trouble;
		this.tables = new DataTables(plan.kind);
		this.#describeTables = () => describeTables(this.tables);
	}

	reject({ takesEffect, effectAfterMs = 0, times = Infinity, forMs = Infinity }: Reject): void {
		const untilMs = this.#time.nowMs + forMs;
		const rejection: Rejection = takesEffect ? { takesEffect, afterMs: effectAfterMs } : { takesEffect };
		this.#rejecting = { remaining: times, untilMs, rejection };
		if (forMs !== Infinity) {
			this.#trouble(untilMs);
		}
		this.#trouble(this.#time.nowMs + effectAfterMs);
	}

	restart(forMs: number): void {
		this.#downUntilMs = this.#time.nowMs + forMs;
		this.#trouble(this.#downUntilMs);
		for (const statement of this.#underWay) {
			statement.breakOff();
		}
	}

	/** Causes no more faults from now on. */
	disarm(): void {
		this.#rejecting = NO_REJECTIONS;
		this.#isRepeating = false;
	}

	/** Lets the pending statements of a process that has just died take effect. */
	afterDeath(worker: Steps['worker'], draw: () => number): void {
		for (const { steps, takeEffect } of this.#underWay) {
			if (steps.worker === worker) {
				this.#time.at(this.#time.nowMs + draw() * AFTER_DEATH_MS, takeEffect);
			}
		}
	}

	/**
	 * Runs a statement of a run.
	 * @param begin called when it is issued, which is when PostgreSQL draws an id
	 */
	async run<Result>(steps: Steps, kind: Statement, begin: () => Effect<Result>): Promise<Result> {
		return await new Promise<Result>((resolve, reject) => {
			steps.take(kind, (delay) => this.#issue({ steps, kind, effect: begin(), resolve, reject }, delay));
		});
	}

	#issue<Result>(statement: Issued<Result>, delay: Delay): void {
		const { steps, kind, effect, resolve, reject } = statement;
		const issuedMs = this.#time.nowMs;
		const { toEffectMs, toResponseMs } = this.#times(steps, delay);
		const effectMs = issuedMs + toEffectMs;
		const responseMs = effectMs + toResponseMs;
		const rejectAt = (atMs: number) => {
			this.rejections += 1;
			steps.log(`${kind} is rejected`);
			steps.worker.deliver(atMs, () => reject(new Error('the connection broke')));
		};
		const rejection = this.#nextRejection();
		if (rejection !== undefined && !rejection.takesEffect) {
			rejectAt(effectMs);
			return;
		}
		let respond: (() => void) | undefined;
		let isBroken = false;
		const underWay: UnderWay = {
			steps,
			takeEffect: () => {
				if (respond !== undefined || isBroken) {
					return;
				}
				respond = responseOf(effect, resolve, reject);
				this.#repeatLater(statement, delay);
				steps.log(`${kind}: ${this.#describeTables()}`);
				if (steps.worker.isDead) {
					this.#underWay.delete(underWay);
				}
			},
			breakOff: () => {
				isBroken = true;
				this.#underWay.delete(underWay);
				rejectAt(this.#time.nowMs + 1);
			},
		};
		this.#underWay.add(underWay);
		if (delay.toEffectMs + delay.toResponseMs > 0) {
			// Counted from when it was issued, because the process may have been frozen before that.
			this.#trouble(responseMs);
		}
		if (rejection?.takesEffect) {
			rejectAt(responseMs);
			this.#time.at(effectMs + rejection.afterMs, () => {
				underWay.takeEffect();
				this.#underWay.delete(underWay);
			});
			return;
		}
		this.#time.at(effectMs, underWay.takeEffect);
		this.#time.at(responseMs, () => {
			if (isBroken) {
				return;
			}
			this.#underWay.delete(underWay);
			if (respond !== undefined) {
				steps.worker.deliver(responseMs, respond);
			}
		});
	}

	/** Plans a late repetition of a write. Its conditions are evaluated at that time; an INSERT adds no second row with the same id. */
	#repeatLater<Result>({ steps, kind, effect }: Issued<Result>, { againAfterMs }: Delay): void {
		if (kind === 'SELECT') {
			return;
		}
		const isRepeated = this.#isRepeating && steps.chance.is(REPEATED);
		const afterMs = againAfterMs ?? (isRepeated ? steps.chance.integer(0, REPEATED_WITHIN_MS) : undefined);
		if (afterMs === undefined) {
			return;
		}
		this.#trouble(this.#time.nowMs + afterMs);
		this.#time.at(this.#time.nowMs + afterMs, () => {
			try {
				effect();
			} catch {
				// Nothing waits for its response.
			}
			steps.log(`${kind} once more: ${this.#describeTables()}`);
		});
	}

	#times({ chance }: Steps, delay: Delay): { toEffectMs: number; toResponseMs: number } {
		const { nowMs } = this.#time;
		const { slow, statementMs } = this.#plan;
		const slowNow = slow.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
		const { min, max } = slowNow === undefined ? statementMs : { min: slowNow.minMs, max: slowNow.maxMs };
		const wholeMs = chance.integer(min, max);
		const toEffectMs = chance.share() * wholeMs;
		return {
			toEffectMs: toEffectMs + delay.toEffectMs,
			toResponseMs: wholeMs - toEffectMs + delay.toResponseMs,
		};
	}

	#nextRejection(): Rejection | undefined {
		const { nowMs } = this.#time;
		if (nowMs < this.#downUntilMs) {
			return { takesEffect: false };
		}
		const { remaining, untilMs, rejection } = this.#rejecting;
		if (remaining <= 0 || nowMs >= untilMs) {
			return undefined;
		}
		this.#rejecting.remaining -= 1;
		this.#trouble(nowMs);
		return rejection;
	}
}

interface Issued<Result> {
	steps: Steps;
	kind: Statement;
	effect: Effect<Result>;
	resolve: (result: Result) => void;
	reject: (cause: unknown) => void;
}

const NO_REJECTIONS = { remaining: 0, untilMs: -Infinity, rejection: { takesEffect: false } } as const;

/** Takes effect, and returns a function that gives the response. */
function responseOf<Result>(
	effect: Effect<Result>,
	resolve: (result: Result) => void,
	reject: (cause: unknown) => void,
): () => void {
	try {
		const result = effect();
		return () => resolve(result);
	} catch (cause) {
		return () => reject(cause);
	}
}
