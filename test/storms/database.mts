import { sizeEntry } from '../../nodes/TencentCloudIot/sync/state/entries';
import type { StateStore } from '../../nodes/TencentCloudIot/sync/state/store';
import type { Delay, Steps } from './steps.mts';
import type { Fault, Reject, Statement } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

/** A statement of a process that has died reaches the table within this time: its connection is closed. Milliseconds. */
const AFTER_DEATH_MS = 3000;

type Scope = 'node' | 'workflow';

interface UnderWay {
	readonly steps: Steps;
	/** Takes effect now, once. */
	takeEffect(): void;
	/** Its connection breaks. */
	breakOff(): void;
}

type Slow = Extract<Fault, { kind: 'slow' }>;

/**
 * The rows of a node and of its workflow in n8n's table `processed_data`, and what n8n's deduplication (packages/cli/src/deduplication,
 * 1.123 and 2.41) does with it: each SELECT, INSERT, UPDATE and DELETE is a statement of its own, outside of any transaction.
 * A statement takes a while until it takes effect, and a while until its response comes.
 */
export class Database {
	readonly #time: VirtualTime;
	readonly #slow: readonly Slow[];
	readonly #trouble: (untilMs: number) => void;
	/** The entries of the rows of the node and of its workflow; undefined where there is none. */
	readonly #rows: Record<Scope, readonly string[] | undefined> = { node: undefined, workflow: undefined };
	#downUntilMs = -Infinity;
	#rejecting = { takesEffect: false, left: 0, untilMs: Infinity };
	readonly #underWay = new Set<UnderWay>();
	rejections = 0;

	constructor(time: VirtualTime, slow: readonly Slow[], trouble: (untilMs: number) => void) {
		this.#time = time;
		this.#slow = slow;
		this.#trouble = trouble;
	}

	/** The row in a few words. */
	get description(): string {
		const row = this.#rows.node;
		if (row === undefined) return 'no row';
		return `${row.length} entries${row.includes(sizeEntry(row.length)) ? '' : ' in progress'}`;
	}

	reject({ takesEffect, times = Infinity, forMs = Infinity }: Reject): void {
		this.#rejecting = { takesEffect, left: times, untilMs: this.#time.nowMs + forMs };
		if (forMs !== Infinity) this.#trouble(this.#rejecting.untilMs);
	}

	restart(forMs: number): void {
		this.#downUntilMs = this.#time.nowMs + forMs;
		this.#trouble(this.#downUntilMs);
		for (const statement of this.#underWay) statement.breakOff();
	}

	/** All is well from now on. */
	disarm(): void {
		this.#rejecting = { takesEffect: false, left: 0, untilMs: Infinity };
	}

	/** What the statements of a process that has just died come to. */
	afterDeath(worker: Steps['worker'], draw: () => number): void {
		for (const { steps, takeEffect } of this.#underWay) {
			if (steps.worker === worker) this.#time.at(this.#time.nowMs + draw() * AFTER_DEATH_MS, takeEffect);
		}
	}

	/** The deduplication store of the node, or of its workflow, as a run has it. */
	storeFor(steps: Steps, scope: Scope = 'node'): StateStore {
		const rows = this.#rows;
		const select = () => this.#query(steps, 'SELECT', () => rows[scope]);
		const update = (row: readonly string[]) =>
			this.#query(steps, 'UPDATE', () => {
				if (rows[scope] !== undefined) rows[scope] = row;
			});
		const insert = (row: readonly string[]) =>
			this.#query(steps, 'INSERT', () => {
				if (rows[scope] !== undefined) throw new Error('duplicate key value violates unique constraint');
				rows[scope] = row;
			});
		return {
			record: async (entries, most) => {
				const row = await select();
				if (row === undefined) {
					await insert([...entries]);
					return new Set();
				}
				const before = new Set(row);
				const all = [...row, ...entries.filter((entry) => !before.has(entry))];
				await update(most === undefined ? all : all.slice(-most));
				return new Set(entries.filter((entry) => before.has(entry)));
			},
			forget: async (entries) => {
				const row = await select();
				if (row === undefined) return;
				const left = [...row];
				for (const entry of entries) {
					const index = left.indexOf(entry);
					if (index !== -1) left.splice(index, 1);
				}
				await update(left);
			},
			clear: async () => await this.#query(steps, 'DELETE', () => void (rows[scope] = undefined)),
			count: async () => (await select())?.length ?? 0,
		};
	}

	async #query<Result>(steps: Steps, kind: Statement, effect: () => Result): Promise<Result> {
		return await new Promise<Result>((resolve, reject) => {
			steps.take(kind, (delay) => {
				const rejectLater = (afterMs: number) => {
					this.rejections++;
					steps.log(`${kind} is rejected`);
					steps.worker.deliver(this.#time.nowMs + afterMs, () => reject(new Error('the connection broke')));
				};
				const { toEffectMs, toResponseMs } = this.#times(steps, delay);
				const fault = this.#nextRejection();
				if (fault === 'lost') return rejectLater(toEffectMs);
				let outcome: (() => void) | undefined;
				let isBroken = false;
				const statement: UnderWay = {
					steps,
					takeEffect: () => {
						if (outcome !== undefined || isBroken) return;
						outcome = outcomeOf(effect, resolve, reject);
						steps.log(`${kind}: ${this.description}`);
						if (steps.worker.isDead) this.#underWay.delete(statement);
					},
					breakOff: () => {
						isBroken = true;
						this.#underWay.delete(statement);
						rejectLater(1);
					},
				};
				this.#underWay.add(statement);
				const issuedMs = this.#time.nowMs;
				// A process may have been frozen before it issues what is to be held up.
				if (delay.toEffectMs + delay.toResponseMs > 0) this.#trouble(issuedMs + toEffectMs + toResponseMs);
				this.#time.at(issuedMs + toEffectMs, statement.takeEffect);
				this.#time.at(issuedMs + toEffectMs + toResponseMs, () => {
					if (isBroken) return;
					this.#underWay.delete(statement);
					if (fault === 'responseLost') rejectLater(0);
					else if (outcome !== undefined) steps.worker.deliver(this.#time.nowMs, outcome);
				});
			});
		});
	}

	#times({ chance }: Steps, delay: Delay): Delay {
		const { nowMs } = this.#time;
		const slow = this.#slow.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
		const wholeMs = slow ? chance.integer(slow.minMs, slow.maxMs) : chance.integer(5, 50);
		const toEffectMs = chance.share() * wholeMs;
		return {
			toEffectMs: toEffectMs + delay.toEffectMs,
			toResponseMs: wholeMs - toEffectMs + delay.toResponseMs,
		};
	}

	#nextRejection(): 'lost' | 'responseLost' | undefined {
		const { nowMs } = this.#time;
		if (nowMs < this.#downUntilMs) return 'lost';
		const { left, untilMs, takesEffect } = this.#rejecting;
		if (left <= 0 || nowMs >= untilMs) return undefined;
		this.#rejecting.left--;
		this.#trouble(nowMs);
		return takesEffect ? 'responseLost' : 'lost';
	}
}

/** Takes effect, and returns what the response will be. */
function outcomeOf<Result>(
	effect: () => Result,
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
