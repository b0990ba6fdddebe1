import { Chance } from './chance.mts';
import { Database } from './database.mts';
import { execute, isBesideOther, type Ended } from './execution.mts';
import { Judge, type JudgedRun, type Violation } from './judge.mts';
import { Service } from './service.mts';
import { describe, Steps, type Nature } from './steps.mts';
import type { Fault, FaultOfWorker, Storm, Trigger } from './storm.mts';
import { VirtualTime } from './virtualTime.mts';
import { Worker } from './worker.mts';

/** Faults may still meet the last runs for so long; then nothing goes wrong any more. Milliseconds. */
const LAST_FAULTS_MS = 15_000;
/** It is to have healed after this time, unless somebody has to approve. Milliseconds. */
const LATE_MS = 80_000;
/** The same where a time limit ends each run: a takeover may take several of them. */
const LATE_WITH_LIMIT_MS = 160_000;
/** A storm must have healed after this time, milliseconds. */
const HEAL_WITHIN_MS = 300_000;
/** After all has healed, whatever is under way comes to its end in this time, milliseconds. */
const CALM_MS = 45_000;
/** The ids of the triggers after a storm: no fault names them. */
const AFTER_STORM = 1000;
/** A process that was killed for being frozen is started again after this time, milliseconds. */
const BACK_AFTER_MS = 3000;
/** The operator approves a plan that has stopped as many runs, if its rows are right. */
const STOPS_BEFORE_APPROVAL = 2;

/** What a storm was like. */
export interface StormReport {
	violations: readonly Violation[];
	runs: number;
	kills: number;
	freezes: number;
	rejections: number;
	requests: number;
	/** Of those that began beside another run: their process was stopped between the check and the request. */
	windowRequests: number;
	olderRows: number;
	/** From the end of the last fault until the service holds what the CRM holds, milliseconds; undefined where it never did. */
	healMs: number | undefined;
	/** Runs with wrong rows; and those of them that were stopped by a safety check. */
	wrongRuns: number;
	wrongStopped: number;
	/** Why runs with right rows were stopped until somebody approved, with how many. */
	stopped: ReadonlyMap<string, number>;
	approvals: number;
	/** Runs that stopped sending since another one had taken over. */
	cutShort: number;
	/** Runs that were to send every customer though one has ended well before. */
	everybody: number;
	/** Groups of runs that began together, and met nobody else: how many runs of them went on, with how many. */
	groups: ReadonlyMap<'one went on' | 'several went on' | 'all left' | 'others stopped', number>;
	/** What happened, one line a step. */
	trace: readonly string[];
}

/** Runs a storm. @param isTraced whether to keep what happened */
export async function runStorm(storm: Storm, isTraced = false): Promise<StormReport> {
	return await new World(storm, isTraced).run();
}

let startedWorkers = 0;

class World implements Nature {
	readonly database: Database;
	readonly #storm: Storm;
	readonly #time = new VirtualTime();
	readonly #judge = new Judge(() => this.#time.nowMs);
	readonly #service: Service;
	readonly #workers: Worker[] = [];
	readonly #chance: Chance;
	readonly #trace: string[] | undefined;
	/** When the last fault ends, as far as it is known. */
	#troubleMs = 0;
	#isDisarmed = false;
	/** The runs, and when they started. */
	readonly #underWay = new Map<Steps, number>();
	/** A run has ended well: there is something to compare with. */
	#hasState = false;
	#nextTrigger = AFTER_STORM;
	#runs = 0;
	#kills = 0;
	#freezes = 0;
	#wrongRuns = 0;
	#wrongStopped = 0;
	#approvals = 0;
	#cutShort = 0;
	#everybody = 0;
	/** How the runs of each group ended; undefined for one that began beside another run. */
	readonly #groups = new Map<number, Ended[] | undefined>();
	readonly #stopped = new Map<string, number>();
	/** The plan that stopped the last runs with right rows, and how many. */
	#plan = { id: '', stops: 0 };
	#approvedPlan = '';
	/** A run that began after the storm has found everybody right and nothing to send. */
	#phase: 'storm' | 'healed' | 'last run' | 'over' = 'storm';

	constructor(storm: Storm, isTraced: boolean) {
		this.#storm = storm;
		this.#chance = new Chance('world', storm.seed);
		this.#trace = isTraced ? [] : undefined;
		const trouble = (untilMs: number) => this.trouble(untilMs);
		const slow = storm.faults.filter((fault) => fault.kind === 'slow');
		this.database = new Database(this.#time, slow, trouble);
		this.database.isRepeating = storm.isRepeating === true;
		this.#service = new Service(this.#time, this.#judge, storm, trouble);
		for (const index of storm.workers.keys()) this.#startWorker(index);
	}

	async run(): Promise<StormReport> {
		const { triggers, changes, faults, customers, workers } = this.#storm;
		for (let customer = 0; customer < customers; customer++) this.#judge.changeRow(nameOf(customer), 'v1');
		for (const { atMs, customer, devices } of changes) {
			this.#time.at(atMs, () => {
				this.log('CRM', `${nameOf(customer)} ${devices === undefined ? 'goes' : `has v${devices}`}`);
				this.#judge.changeRow(nameOf(customer), devices === undefined ? undefined : `v${devices}`);
			});
		}
		for (const fault of faults) this.#expect(fault);
		for (const { atMs } of [...changes, ...workers.flatMap(({ steps }) => steps)]) this.trouble(atMs);
		for (const trigger of triggers) this.#time.at(trigger.atMs, () => this.#trigger(trigger));
		const lastMs = triggers.at(-1)!.atMs;
		this.trouble(lastMs);
		this.#time.at(lastMs + LAST_FAULTS_MS, () => this.#disarm());
		this.#heal();
		await this.#time.pass(() => this.#phase === 'over');
		const { rightSinceMs, violations, windowRequests } = this.#judge;
		const healMs = rightSinceMs === undefined ? undefined : Math.max(0, rightSinceMs - this.#troubleMs);
		const { limitMs, slowness } = this.#storm;
		// Where requests take long, it takes long to send every customer.
		const sendingMs = slowness === undefined ? 0 : customers * slowness * 300;
		const lateMs = sendingMs + (limitMs === undefined ? LATE_MS : LATE_WITH_LIMIT_MS);
		if (healMs !== undefined && healMs > lateMs && this.#approvals === 0) this.#judge.healedLate(healMs);
		return {
			violations,
			runs: this.#runs,
			kills: this.#kills,
			freezes: this.#freezes,
			rejections: this.database.rejections,
			requests: this.#service.requests,
			windowRequests,
			olderRows: this.#judge.olderRows,
			healMs,
			wrongRuns: this.#wrongRuns,
			wrongStopped: this.#wrongStopped,
			stopped: this.#stopped,
			approvals: this.#approvals,
			cutShort: this.#cutShort,
			everybody: this.#everybody,
			groups: this.#howGroupsEnded(),
			trace: this.#trace ?? [],
		};
	}

	strike(worker: Worker, fault: FaultOfWorker): void {
		if (worker.isDead) return;
		if (fault.kind === 'kill') return this.#kill(worker, fault.backAfterMs);
		this.#freezes++;
		worker.stop(fault.forMs, fault.kind === 'pause');
		this.trouble(worker.nowMs);
		if (fault.kind === 'pause' || fault.killedAfterMs === undefined) return;
		const killedMs = worker.nowMs + fault.killedAfterMs;
		this.trouble(killedMs);
		this.#time.at(killedMs, () => {
			if (worker.isDead) return;
			this.log(worker.name, '! killed');
			this.#kill(worker, BACK_AFTER_MS);
		});
	}

	trouble(untilMs: number): void {
		this.#troubleMs = Math.max(this.#troubleMs, untilMs);
	}

	log(who: string, what: string): void {
		this.#trace?.push(`${(this.#time.nowMs / 1000).toFixed(3).padStart(9)} s  ${who}: ${what}`);
	}

	#kill(worker: Worker, backAfterMs: number): void {
		this.#kills++;
		worker.kill();
		this.database.afterDeath(worker, () => this.#chance.share());
		for (const steps of this.#underWay.keys()) if (steps.worker === worker) this.#underWay.delete(steps);
		const index = this.#workers.indexOf(worker);
		this.#time.at(this.#time.nowMs + backAfterMs, () => this.#startWorker(index));
		this.trouble(this.#time.nowMs);
	}

	#startWorker(index: number): void {
		const name = `w${index + 1}`;
		const chance = new Chance('worker', this.#storm.seed, index, this.#time.nowMs);
		this.#workers[index] = new Worker(++startedWorkers, name, this.#time, this.#storm.workers[index]!, () =>
			chance.share(),
		);
	}

	/** What does not happen at a step of a run. */
	#expect(fault: Fault): void {
		if (fault.kind === 'slow') {
			this.#time.at(fault.fromMs, () =>
				this.log('database', `! ${fault.minMs} to ${fault.maxMs} ms a statement`),
			);
			return this.trouble(fault.untilMs);
		}
		if (!('atMs' in fault.at)) return;
		const { at } = fault;
		this.trouble(at.atMs);
		this.#time.at(at.atMs, () => {
			this.log('worker' in at ? this.#workers[at.worker]!.name : 'database', `! ${describe(fault)}`);
			if (fault.kind === 'restart') this.database.restart(fault.forMs);
			else if ('worker' in at) this.strike(this.#workers[at.worker]!, fault as FaultOfWorker);
		});
	}

	#disarm(): void {
		this.#isDisarmed = true;
		this.database.disarm();
		for (const steps of this.#underWay.keys()) steps.disarm();
		const overMs = Math.max(this.#time.nowMs, this.#troubleMs) + HEAL_WITHIN_MS;
		this.#time.at(overMs, () => {
			if (this.#phase !== 'storm') return;
			this.#judge.neverHealed(`${HEAL_WITHIN_MS / 1000} s after the last fault`);
			this.#phase = 'over';
		});
	}

	/** The workflow starts on and on, until all has healed. */
	#heal(): void {
		const { triggers, healEveryMs, limitMs, workers } = this.#storm;
		const chance = new Chance('heal', this.#storm.seed);
		const next = (atMs: number) =>
			this.#time.at(atMs, () => {
				if (this.#phase !== 'storm') return;
				const worker = chance.integer(0, workers.length - 1);
				this.#trigger({ id: this.#nextTrigger++, atMs, worker, ...(limitMs !== undefined && { limitMs }) });
				next(atMs + healEveryMs);
			});
		next(triggers.at(-1)!.atMs + healEveryMs);
	}

	#trigger(trigger: Trigger): void {
		const from = trigger.worker;
		const workers = [...this.#workers.slice(from), ...this.#workers.slice(0, from)];
		const worker = workers.find(({ isDead, isStopped }) => !isDead && !isStopped);
		if (worker === undefined) return this.log('n8n', `nobody takes run ${trigger.id}`);
		const { seed, concurrency, faults } = this.#storm;
		const isWrong = trigger.wrongJoin !== undefined && this.#hasState;
		if (isWrong) this.trouble(this.#time.nowMs);
		const steps = new Steps(seed, trigger.id, worker, this, this.#isDisarmed ? [] : faults);
		const { group } = trigger;
		if (group !== undefined && !this.#groups.has(group.id))
			this.#groups.set(group.id, this.#underWay.size === 0 ? [] : undefined);
		this.#underWay.set(steps, this.#time.nowMs);
		const run: JudgedRun = {
			name: steps.name,
			sinceMs: Infinity,
			rows: isWrong ? wrongRows(this.#judge.crm, trigger.wrongJoin!) : new Map(this.#judge.crm),
			hasWrongRows: isWrong,
		};
		if (isWrong) this.#wrongRuns++;
		steps.log(`starts${isWrong ? ' with wrong rows' : ''}, the store has ${this.database.description}`);
		const isAfterStorm = this.#isDisarmed && this.#time.nowMs >= this.#troubleMs;
		const begin = () => {
			this.#runs++;
			void execute({
				run,
				steps,
				table: this.database.tableFor(steps),
				service: this.#service,
				judge: this.#judge,
				node: `storm of ${worker.id}`,
				concurrency,
				limitMs: trigger.limitMs,
				approvedPlan: this.#approvedPlan,
				isFaulty: !this.#isDisarmed && trigger.id !== 0,
				onCancel: () => void (this.#isDisarmed || this.trouble(this.#time.nowMs)),
			}).then((ended) =>
				worker.deliver(worker.nowMs + 5, () => {
					if (group !== undefined) this.#groups.get(group.id)?.push(ended);
					this.#ended(run, steps, ended, isAfterStorm);
				}),
			);
		};
		// The rows are read before the node runs.
		worker.deliver(this.#time.nowMs + (group?.beginMs ?? steps.chance.integer(1, 300)), begin);
	}

	#ended(run: JudgedRun, steps: Steps, ended: Ended, isAfterStorm: boolean): void {
		this.#underWay.delete(steps);
		const { stopped, toSend, isWell } = ended;
		if (this.#hasState && toSend === run.rows.size) this.#everybody++;
		if (isWell) this.#hasState = true;
		if (ended.isCutShort) this.#cutShort++;
		if (run.hasWrongRows) {
			this.trouble(this.#time.nowMs);
			if (stopped !== undefined && !isBesideOther(stopped)) this.#wrongStopped++;
			return;
		}
		this.#operate(stopped?.code, stopped?.planId);
		if (!isAfterStorm || isBesideOther(stopped)) return;
		if (this.#phase === 'last run') {
			if (stopped !== undefined || toSend > 0) this.#judge.sentAgain(run, toSend);
			this.#phase = 'over';
		} else if (this.#phase === 'storm' && isWell && toSend === 0 && this.#isCalm) {
			this.#phase = 'healed';
			this.log('judge', 'healed');
			this.#time.at(this.#time.nowMs + CALM_MS, () => {
				this.#phase = 'last run';
				this.#trigger({ id: this.#nextTrigger++, atMs: this.#time.nowMs, worker: 0 });
			});
		}
	}

	#howGroupsEnded(): StormReport['groups'] {
		const counts = new Map<'one went on' | 'several went on' | 'all left' | 'others stopped', number>();
		for (const ends of this.#groups.values()) {
			if (ends === undefined) continue;
			const wentOn = ends.filter(({ stopped }) => stopped === undefined).length;
			const isLeft = ends.every(({ stopped }) => isBesideOther(stopped));
			const how =
				wentOn > 1
					? 'several went on'
					: wentOn === 1
						? 'one went on'
						: isLeft
							? 'all left'
							: 'others stopped';
			counts.set(how, (counts.get(how) ?? 0) + 1);
		}
		return counts;
	}

	/** All is right, and no run of the storm is left that could change it. */
	get #isCalm(): boolean {
		const isLeft = [...this.#underWay.values()].some((startedMs) => startedMs < this.#troubleMs);
		return !isLeft && this.#judge.wrong.length === 0;
	}

	/** Somebody looks at what stopped a run, and approves right rows after a while. */
	#operate(code: string | undefined, planId: string | undefined): void {
		if (code === undefined || planId === undefined) return;
		this.#stopped.set(code, (this.#stopped.get(code) ?? 0) + 1);
		this.#plan =
			planId === this.#plan.id ? { id: planId, stops: this.#plan.stops + 1 } : { id: planId, stops: 1 };
		if (this.#plan.stops < STOPS_BEFORE_APPROVAL || this.#approvedPlan === planId) return;
		this.#approvals++;
		this.#approvedPlan = planId;
		this.log('operator', `approves plan ${planId}`);
	}
}

function nameOf(customer: number): string {
	return `c${customer}`;
}

/** All customers but a few have the devices of others. */
function wrongRows(crm: ReadonlyMap<string, string>, wrongJoin: number): Map<string, string> {
	const chance = new Chance('wrong join', wrongJoin);
	return new Map(
		[...crm].map(([customer, devices], index) => [
			customer,
			index > 0 && chance.is(0.92) ? `wrong${wrongJoin} ${devices}` : devices,
		]),
	);
}
