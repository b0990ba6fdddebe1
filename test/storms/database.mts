import { type LockRow, NOBODY, type SyncTable } from '../../nodes/TencentCloudIot/sync/state/table';
import type { Delay, Steps } from './steps.mts';
import type { Fault, Reject, Statement } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

/** A statement of a process that has died reaches the table within this time: its connection is closed. Milliseconds. */
const AFTER_DEATH_MS = 3000;

interface UnderWay {
	readonly steps: Steps;
	/** Takes effect now, once. */
	takeEffect(): void;
	/** Its connection breaks. */
	breakOff(): void;
}

type Slow = Extract<Fault, { kind: 'slow' }>;

/**
 * The rows of a node in a Data Table of n8n, and what n8n 2.41 does with it (packages/cli/src/modules/data-table,
 * `data-table-rows.repository`): an UPDATE looks at its conditions and writes in one transaction, and returns the row as it is then. An
 * id is given out when an INSERT is issued, as PostgreSQL does it, and the row is seen when it takes effect.
 * A statement takes a while until it takes effect, and a while until its response comes. Some take effect once more, later.
 */
export class Database {
	readonly #time: VirtualTime;
	readonly #slow: readonly Slow[];
	readonly #trouble: (untilMs: number) => void;
	#locks: LockRow[] = [];
	readonly #contents = new Map<number, string>();
	#lastId = 0;
	#isNoted = false;
	#downUntilMs = -Infinity;
	#rejecting = { takesEffect: false, left: 0, untilMs: Infinity };
	readonly #underWay = new Set<UnderWay>();
	rejections = 0;
	/** Whether some statements take effect once more, later. */
	isRepeating = false;

	constructor(time: VirtualTime, slow: readonly Slow[], trouble: (untilMs: number) => void) {
		this.#time = time;
		this.#slow = slow;
		this.#trouble = trouble;
	}

	/** The row in a few words. */
	get description(): string {
		const rows = this.#locks.map(({ id, owner, stateId, doubtId }) => {
			const has = owner === NOBODY ? 'free' : owner;
			return `row ${id} ${has}, state ${stateId}${doubtId > 0 ? `, doubt ${doubtId}` : ''}`;
		});
		return rows.length === 0 ? 'no row' : rows.join('; ');
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
		this.isRepeating = false;
	}

	/** What the statements of a process that has just died come to. */
	afterDeath(worker: Steps['worker'], draw: () => number): void {
		for (const { steps, takeEffect } of this.#underWay) {
			if (steps.worker === worker) this.#time.at(this.#time.nowMs + draw() * AFTER_DEATH_MS, takeEffect);
		}
	}

	/** The table of the node, as a run has it. */
	tableFor(steps: Steps): SyncTable {
		const select = async <Result,>(read: () => Result) => await this.#query(steps, 'SELECT', read);
		return {
			all: async () =>
				await select(() => ({ locks: this.#locks.map((row) => ({ ...row })), contents: new Map(this.#contents) })),
			locks: async () => await select(() => this.#locks.map((row) => ({ ...row }))),
			addLockRow: async (row) => {
				const id = ++this.#lastId;
				await this.#query(steps, 'INSERT', () => {
					if (this.#locks.every((other) => other.id !== id)) this.#locks.push({ ...row, id });
				});
			},
			removeLockRow: async (seen) =>
				await this.#query(steps, 'DELETE', () => {
					this.#locks = this.#locks.filter(({ id, stamp }) => id !== seen.id || stamp !== seen.stamp);
				}),
			change: async (seen, set, content) => {
				const pointer: Partial<LockRow> = {};
				if (content !== undefined) {
					const id = ++this.#lastId;
					await this.#query(steps, 'INSERT', () => void this.#contents.set(id, content.text));
					pointer[content.column] = id;
				}
				return await this.#query(steps, 'UPDATE', () => {
					const row = this.#locks.find(({ id, stamp }) => id === seen.id && stamp === seen.stamp);
					if (row === undefined) return undefined;
					Object.assign(row, set, pointer);
					return { ...row };
				});
			},
			removeContents: async (below, except) =>
				await this.#query(steps, 'DELETE', () => {
					for (const id of this.#contents.keys()) if (id < below && id !== except) this.#contents.delete(id);
				}),
			hadState: async () => await select(() => (this.#isNoted ? 'had' : 'never')),
			noteState: async () => await this.#query(steps, 'INSERT', () => void (this.#isNoted = true)),
		};
	}

	async #query<Result>(steps: Steps, kind: Statement, effect: () => Result): Promise<Result> {
		return await new Promise<Result>((resolve, reject) => {
			// After its deadline an execution gets no answer any more; what it writes is still written.
			if (steps.isTimedOut && kind === 'SELECT') return reject(new Error('timed out'));
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
						if (this.isRepeating && kind !== 'SELECT' && steps.chance.is(0.05))
							this.#time.at(this.#time.nowMs + steps.chance.integer(0, 40_000), () => void effect());
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
					else if (outcome !== undefined) {
						const isAnswered = !steps.isTimedOut || kind === 'INSERT';
						if (isAnswered) steps.worker.deliver(this.#time.nowMs, outcome);
						else rejectLater(0);
					}
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
