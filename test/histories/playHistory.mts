import { asStop } from '../../nodes/TencentCloudIot/sync/stop';
import { SyncDataTables } from '../../nodes/TencentCloudIot/run/syncTable';
import { Database } from '../storms/database.mts';
import { execute, type ExecutionEnd, type Observer } from '../storms/execution.mts';
import type { JudgedRun } from '../storms/judge.mts';
import { describeTables, doDeed, STATE_TABLE, SYNC_TABLE } from '../storms/people.mts';
import { deduplicationFor, RunTables } from '../storms/runTables.mts';
import type { Response } from '../storms/service.mts';
import { Steps, type Delay, type Nature } from '../storms/steps.mts';
import type { AtStep, Fault, FaultOfWorker, StepKind } from '../storms/storm.mts';
import { VirtualTime } from '../storms/virtualTime.mts';
import { Worker } from '../storms/worker.mts';
import { ROWS, START, type Disturbance, type History, type Values } from './history.mts';

/** The correct clock of each process. No re-push slot begins within a history. */
const CLOCK = { plan: { offsetMs: 0, steps: [] }, beginsMs: 1_700_000_000_000 };

/** When the runs of a history begin, after its beginning was set up. Milliseconds. */
const BEGINS_MS = 20_000;
/** After this time all of its runs have ended. */
const LASTS_MS = 260_000;
/** Then this many undisturbed runs follow, one after the other. */
const LATER_RUNS = 5;
const LATER_MS = 120_000;
/** How long a run takes for a request, milliseconds. */
const PER_REQUEST_MS = 4000;
/** The service applies a request within this time while its client waits. */
const LATEST_MS = 29_500;
/** A request with an error response, or one that arrives twice, is applied this much later. */
const REQUEST_AGAIN_MS = 1000;
/** A process that was stopped for longer than this before a request may send that one request while another run sends. */
const STOOD_STILL_MS = 20_000;
/** The most parts that may remain at the end. */
const MOST_PARTS = 8;

/** A request, as the service sees it. */
export interface Push {
	run: string;
	customer: string;
	value: number;
	startMs: number;
	/** When the service applied it; 0 if it never did. */
	appliedMs: number;
}

/** A run of a history. */
interface StartedRun {
	run: JudgedRun;
	worker: Worker;
	ended: ExecutionEnd | undefined;
}

let historyCount = 0;

/** The result of a history. */
export interface PlayedHistory {
	/** The broken promises; empty if all were kept. */
	broken: string[];
	/** Requests of the runs of the history, and of those after them. */
	pushes: readonly Push[];
	/** Whether each run that has sent, by its name, reports that its state was kept. */
	kept: ReadonlyMap<string, boolean>;
	/** The most parts at any moment. */
	mostParts: number;
	/** Which kinds of steps the disturbances met, in the order of time. A history whose disturbance meets the wrong step proves nothing. */
	met: readonly StepKind[];
	trace: string[];
}

/** Plays a history over the node's own code. */
export async function playHistory(history: History, isTraced = false): Promise<PlayedHistory> {
	const stage = new Stage(history, isTraced);
	const broken = await stage.play();
	const { trace, pushes, kept, mostParts, met } = stage;
	return { broken, trace, pushes, kept, mostParts, met };
}

class Stage implements Nature, Observer {
	readonly database: Database;
	readonly trace: string[] = [];
	readonly #history: History;
	readonly #isTraced: boolean;
	readonly #time = new VirtualTime();
	readonly #node: string;
	readonly pushes: Push[] = [];
	readonly kept = new Map<string, boolean>();
	readonly met: StepKind[] = [];
	mostParts = 0;
	readonly #held = new Map<string, number>();
	#approvedPlan = '';
	#isLossReported = false;
	#workers = 0;

	constructor(history: History, isTraced: boolean) {
		this.#history = history;
		this.#isTraced = isTraced;
		historyCount += 1;
		this.#node = `history ${historyCount}`;
		const plan = {
			kind: 'postgresql',
			statementMs: { min: 12, max: 12 },
			slow: [],
			isRepeating: false,
		} as const;
		this.database = new Database(
			this.#time,
			plan,
			() => {},
			(tables) => {
				const parts = tables.byExactName(STATE_TABLE)?.rows.length ?? 0;
				this.mostParts = Math.max(this.mostParts, parts);
				return isTraced ? describeTables(tables) : '';
			},
		);
	}

	async play(): Promise<string[]> {
		const { beginning, offsets, person, final } = this.#history;
		await this.#makeBeginning();
		await this.#passUntil(BEGINS_MS);
		const before = this.pushes.length;
		const runs = offsets.map((offset, index) => this.#plan(index, offset));
		if (person !== undefined) {
			this.#time.at(BEGINS_MS + person.atMs, () => {
				this.log('person', person.deed);
				doDeed(this.database.tables, person.deed, this.#time.nowMs);
			});
		}
		await this.#passUntil(BEGINS_MS + LASTS_MS);
		const pushes = this.pushes.slice(before);
		const later = await this.#runLater(final);
		return [
			...this.#judgeEnd(later),
			...this.#judgePushes(pushes),
			...this.#judgeNeed(pushes, beginning),
			...this.#judgeRows(),
			...runs.flatMap(({ run, ended, worker }) =>
				ended === undefined && !worker.isDead ? `${run.name} hangs` : [],
			),
		];
	}

	strike(worker: Worker, fault: FaultOfWorker): void {
		if (fault.kind === 'kill') {
			worker.kill();
			this.database.afterDeath(worker, () => 0.5);
			return;
		}
		worker.stop(fault.forMs, fault.kind === 'pause');
	}

	meets(kind: StepKind): void {
		if (this.#time.nowMs >= BEGINS_MS) {
			this.met.push(kind);
		}
	}

	log(who: string, text: string): void {
		if (this.#isTraced) {
			this.trace.push(`${(this.#time.nowMs / 1000).toFixed(2).padStart(8)} ${who}: ${text}`);
		}
	}

	skipped(): void {}

	sendingBegins(): void {}

	requestStarts(): void {}

	runEnds({ name }: JudgedRun, isKept: boolean): void {
		this.kept.set(name, isKept);
	}

	async #makeBeginning(): Promise<void> {
		const { beginning } = this.#history;
		if (beginning === 'first') {
			return;
		}
		this.#start('P', START, 0, []);
		await this.#passUntil(5000);
		if (beginning === 'dead') {
			const dies: AtStep = { trigger: 0, meets: 'INSERT', nth: 2, when: 'before' };
			this.#start('Z', { a: 5, b: 5, c: 0, d: 0 }, 0, [{ kind: 'kill', at: dies, backAfterMs: 0 }]);
			await this.#passUntil(15_000);
		}
		if (beginning === 'deadWithoutDoubt') {
			const table = this.database.tables.byExactName(SYNC_TABLE);
			for (const { id } of table?.rows ?? []) {
				table?.edit(id, 'owner', 'Z', this.#time.nowMs);
				table?.edit(id, 'stamp', 'held Z', this.#time.nowMs);
			}
		}
	}

	/** Plans a run of the history. */
	#plan(index: number, offsetMs: number): StartedRun {
		const { disturbances, perRequestMs = PER_REQUEST_MS } = this.#history;
		const faults = disturbances.filter(({ run }) => run === index).map(faultOf);
		return this.#start(`R${index}`, ROWS[index] ?? START, perRequestMs, faults, BEGINS_MS + offsetMs);
	}

	#start(
		name: string,
		values: Values,
		perRequestMs: number,
		faults: Fault[],
		atMs = this.#time.nowMs,
	): StartedRun {
		this.#workers += 1;
		const worker = new Worker(this.#workers, name, this.#time, CLOCK, () => 0.5);
		const steps = new Steps(this.#workers, 0, worker, this, faults);
		const rows = new Map(Object.entries(values).map(([customer, value]) => [customer, String(value)]));
		const run: JudgedRun = {
			name,
			sinceMs: Infinity,
			rows,
			hasWrongRows: false,
			stoodStillMs: (fromMs, untilMs) => worker.stoodStillMs(fromMs, untilMs),
		};
		const result: StartedRun = { run, worker, ended: undefined };
		this.#time.at(atMs, () => {
			const ended = execute({
				run,
				steps,
				beganMs: worker.wallMs,
				tableFor: (signal) =>
					new SyncDataTables(
						new RunTables(this.#time, this.database, steps, signal),
						deduplicationFor(this.database, steps, this.#node),
						{ key: this.#node, workflow: 'History', node: this.#node },
					),
				observer: this,
				send: (customer, devices, delay, respond) =>
					this.#send({ name, worker, perRequestMs, delay }, customer, Number(devices), respond),
				nodeInProcess: `${this.#node} ${name}`,
				concurrency: 1,
				pushAgainAfterDays: 7,
				hasReceipts: false,
				asksAtFirstByte: false,
				limitMs: undefined,
				approvedPlan: this.#approvedPlan,
				isByHand: false,
				onCancel: () => {},
			});
			void ended.then((value) => {
				result.ended = value;
			});
		});
		return result;
	}

	#send(
		{
			name,
			worker,
			perRequestMs,
			delay,
		}: { name: string; worker: Worker; perRequestMs: number; delay: Delay },
		customer: string,
		value: number,
		respond: (response: Response) => void,
	): void {
		const { nowMs } = this.#time;
		const push: Push = { run: name, customer, value, startMs: nowMs, appliedMs: 0 };
		this.pushes.push(push);
		this.log(name, `REQUEST ${customer}=${value}`);
		const apply = () => {
			push.appliedMs = this.#time.nowMs;
			this.#held.set(customer, value);
		};
		const appliedMs = nowMs + 8 + Math.min(delay.toEffectMs, LATEST_MS);
		this.#time.at(appliedMs, apply);
		if (delay.againAfterMs !== undefined) {
			this.#time.at(appliedMs + REQUEST_AGAIN_MS, apply);
		}
		const respondedMs = appliedMs + 4 + Math.min(delay.toResponseMs, LATEST_MS) + perRequestMs;
		worker.deliver(respondedMs, () => respond('accepted'));
	}

	/** Runs without disturbances; a person approves a lost state. */
	async #runLater(final: Values): Promise<ExecutionEnd[]> {
		const ends: ExecutionEnd[] = [];
		for (let index = 0; index < LATER_RUNS; index++) {
			const { ended } = await this.#runToEnd(`H${index}`, final);
			if (ended !== undefined) {
				ends.push(ended);
			}
			const stop = asStop(ended?.stopped);
			if (stop?.code === 'STATE_LOST' || stop?.code === 'OTHER_VERSION') {
				this.#isLossReported = true;
				this.#approvedPlan = stop.planId;
			}
		}
		return ends;
	}

	async #runToEnd(name: string, values: Values): Promise<StartedRun> {
		const run = this.#start(name, values, 200, []);
		await this.#passUntil(this.#time.nowMs + LATER_MS);
		return run;
	}

	/** Checks that the last of the later runs has nothing to do, and that the service has what the rows say. */
	#judgeEnd(later: readonly ExecutionEnd[]): string[] {
		const last = later.at(-1);
		const isRight = Object.entries(this.#history.final).every(
			([customer, value]) => this.#held.get(customer) === value,
		);
		const isQuiet = last?.isUnchanged === true;
		if (isRight && isQuiet) {
			return [];
		}
		if (isRight) {
			return [`never quiet: ${last?.stopped?.code ?? `to send ${last?.toSend}`}`];
		}
		return [isQuiet ? 'WRONG SKIP' : `never healed: ${last?.stopped?.code ?? `to send ${last?.toSend}`}`];
	}

	#judgePushes(pushes: readonly Push[]): string[] {
		const broken: string[] = [];
		if (areMixed(pushes)) {
			// At most one request may be out of order, from a process that was stopped between the check and the request.
			const longFreezes = this.#history.disturbances.filter(
				({ kind, ms }) => kind === 'freezeBefore' && ms > STOOD_STILL_MS,
			);
			const names = longFreezes.map(({ run }) => `R${run}`);
			const isOne = pushes.some(
				(push) => names.includes(push.run) && !areMixed(pushes.filter((other) => other !== push)),
			);
			if (!isOne) {
				broken.push('TWO SENDERS');
			}
		} else if (pushes.some((older) => pushes.some((newer) => overtakes(older, newer)))) {
			broken.push('OLDER AFTER NEWER');
		}
		return broken;
	}

	/** Checks that `d`, which never changes, is sent only if there was no state. */
	#judgeNeed(pushes: readonly Push[], beginning: History['beginning']): string[] {
		const { person } = this.#history;
		const isSent = pushes.some(({ customer }) => customer === 'd');
		// A state that cannot be read is not a loss: with fewer than 20 customers all of them are sent.
		const isUnreadable = person?.deed === 'edit the newest part';
		if (beginning !== 'first' && isSent && !this.#isLossReported && !isUnreadable) {
			return ['NEEDLESS'];
		}
		return this.#isLossReported && this.#history.person === undefined
			? ['STATE_LOST although nothing was lost']
			: [];
	}

	#judgeRows(): string[] {
		const parts = this.database.tables.byExactName(STATE_TABLE)?.rows.length ?? 0;
		const owners = (this.database.tables.byExactName(SYNC_TABLE)?.rows ?? []).map(({ owner }) => owner);
		const broken: string[] = [];
		if (this.#history.person === undefined && parts > MOST_PARTS) {
			broken.push(`${parts} parts left`);
		}
		if (owners.length !== 1 || owners[0] !== 'nobody') {
			broken.push(`lock rows of ${owners.join(', ')} left`);
		}
		return broken;
	}

	async #passUntil(untilMs: number): Promise<void> {
		let isOver = false;
		this.#time.at(untilMs, () => {
			isOver = true;
		});
		await this.#time.pass(() => isOver);
	}
}

/** Whether a run starts a request after another run that began to send later has started one. */
function areMixed(pushes: readonly Push[]): boolean {
	const firstMs = new Map<string, number>();
	for (const { run, startMs } of pushes) {
		firstMs.set(run, Math.min(startMs, firstMs.get(run) ?? Infinity));
	}
	const beganMs = ({ run }: Push) => firstMs.get(run) ?? 0;
	return pushes.some((push) =>
		pushes.some(
			(other) => other.run !== push.run && beganMs(other) > beganMs(push) && other.startMs < push.startMs,
		),
	);
}

/** Whether a request that was started earlier is applied after another run's for the same customer. */
function overtakes(older: Push, newer: Push): boolean {
	const isSameCustomer = older.customer === newer.customer && older.run !== newer.run;
	return (
		isSameCustomer &&
		newer.startMs > older.startMs &&
		newer.appliedMs > 0 &&
		older.appliedMs > newer.appliedMs
	);
}

/** A disturbance as a fault of a storm. */
function faultOf({ meets = 'call', nth, kind, ms }: Disturbance): Fault {
	const at: AtStep = { trigger: 0, meets, nth: nth + 1, when: 'before' };
	switch (kind) {
		case 'slowEffect':
			return { kind: 'stall', at, of: 'effect', forMs: ms };
		case 'slowResponse':
			return { kind: 'stall', at, of: 'response', forMs: ms };
		case 'lostResponse':
			return { kind: 'reject', at, takesEffect: true, times: 1 };
		case 'reject':
			return { kind: 'reject', at, takesEffect: false, times: 1 };
		case 'zombie':
			return { kind: 'reject', at, takesEffect: true, times: 1, effectAfterMs: ms };
		case 'twice':
			return { kind: 'repeat', at, afterMs: ms };
		case 'freezeBefore':
			return { kind: 'freeze', at, forMs: ms };
		case 'freezeAfter':
			return { kind: 'freeze', at: { ...at, when: 'after' }, forMs: ms };
		case 'killBefore':
			return { kind: 'kill', at, backAfterMs: 0 };
		case 'killAfter':
			return { kind: 'kill', at: { ...at, when: 'after' }, backAfterMs: 0 };
	}
}
