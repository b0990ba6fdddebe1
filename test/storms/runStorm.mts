import { SyncDataTables } from '../../nodes/TencentCloudIot/run/syncTable';
import { Chance } from './chance.mts';
import { Database } from './database.mts';
import { execute, type ExecutionEnd } from './execution.mts';
import type { Violation } from './judge.mts';
import { describeTables, doDeed, STATE_TABLE, SYNC_TABLE, unusedParts } from './people.mts';
import { deduplicationFor, RunTables } from './runTables.mts';
import { Service } from './service.mts';
import { describe, Steps, type Nature } from './steps.mts';
import type { Fault, FaultOfWorker, Storm, Trigger } from './storm.mts';
import { SyncNode, type GroupEnd, type Surroundings } from './syncNode.mts';

import { VirtualTime } from './virtualTime.mts';
import { Worker } from './worker.mts';

/** How long after the last trigger faults still occur. Milliseconds. */
const LAST_FAULTS_MS = 15_000;
/** Healing should take no longer than this, a takeover wait and a run, unless somebody has to approve. Milliseconds. */
const LATE_MS = 120_000;
/** The same if a time limit ends each run, because a takeover may take several runs. */
const LATE_WITH_LIMIT_MS = 240_000;
/** A storm must have healed after this time, milliseconds. */
const HEAL_WITHIN_MS = 400_000;
/** Triggers after a storm have ids from here on; no fault names them. */
const AFTER_STORM = 1000;
/** A process that was killed for being frozen is started again after this time, milliseconds. */
const BACK_AFTER_MS = 3000;
/** Runs that were blocked by another one leave unused parts, which the next run that sends deletes. */
const MOST_UNUSED = 12;

/** Storms whose database responds to every statement, so a run that calls the state not usable gives up too early. */
const ALWAYS_USABLE: ReadonlySet<Storm['kind']> = new Set<Storm['kind']>([
	'calm',
	'twins',
	'threeAtOnce',
	'slowTwins',
	'crowd',
	'tenthOfACore',
]);

/** What happened in a storm. */
export interface StormReport {
	violations: readonly Violation[];
	runs: number;
	kills: number;
	freezes: number;
	rejections: number;
	requests: number;
	/** Those that started while another run was sending, because their process was stopped between the check and the request. */
	windowRequests: number;
	olderRows: number;
	/** Pushes of customers in doubt whose devices the service already had. */
	pushesInDoubt: number;
	/** The same for customers whose re-push was due. */
	rePushes: number;
	/** How often people edited the tables. */
	deeds: number;
	/** The highest number of parts at any moment. */
	mostRows: number;
	/** From the end of the last fault until the service has what the CRM has, milliseconds; undefined if it never had. */
	healMs: number | undefined;
	/** Runs with wrong rows, and how many of them a safety check stopped. */
	wrongRuns: number;
	wrongStopped: number;
	/** How many runs with right rows were stopped until somebody approved, by reason. */
	stopped: ReadonlyMap<string, number>;
	approvals: number;
	/** Runs that stopped sending because another one had taken over. */
	cutShort: number;
	/** Runs that had to send every customer although an earlier run had ended well. */
	everybody: number;
	/** How many groups of runs that began together, and met no other run, ended in each way. */
	groups: ReadonlyMap<GroupEnd, number>;
	/** Runs that reported the state as not usable. */
	notUsable: number;
	/** Every step, one per line. */
	trace: readonly string[];
}

/** Runs a storm. @param isTraced whether to keep what happened */
export async function runStorm(storm: Storm, isTraced = false): Promise<StormReport> {
	return await new World(storm, isTraced).run();
}

let startedWorkers = 0;
let storms = 0;

class World implements Nature, Surroundings {
	readonly database: Database;
	readonly #storm: Storm;
	readonly #time = new VirtualTime();
	readonly #nodes: readonly SyncNode[];
	readonly #service: Service;
	readonly #workers: Worker[] = [];
	readonly #chance: Chance;
	readonly #trace: string[] | undefined;
	/** When the last fault ends, as far as it is known. */
	#troubleMs = 0;
	#isDisarmed = false;
	#nextTrigger = AFTER_STORM;
	#runs = 0;
	#kills = 0;
	#freezes = 0;
	#deeds = 0;
	#mostRows = 0;
	#notUsable = 0;

	constructor(storm: Storm, isTraced: boolean) {
		this.#storm = storm;
		this.#chance = new Chance('world', storm.seed);
		this.#trace = isTraced ? [] : undefined;
		storms += 1;
		const trouble = (untilMs: number) => this.trouble(untilMs);
		const slow = storm.faults.filter((fault) => fault.kind === 'slow');
		const { database: kind, statementMs, isRepeating } = storm;
		this.database = new Database(this.#time, { kind, statementMs, isRepeating, slow }, trouble, (tables) => {
			const parts = tables.byExactName(STATE_TABLE)?.rows.length ?? 0;
			this.#mostRows = Math.max(this.#mostRows, parts);
			return this.#trace === undefined ? '' : describeTables(tables);
		});
		this.database.latePartIsBack = (run) => {
			for (const { judge } of this.#nodes) {
				judge.latePartIsBack(run);
			}
		};
		this.#service = new Service(this.#time, storm.service, trouble);
		const indexes = Array.from({ length: storm.nodes }, (_, index) => index);
		this.#nodes = indexes.map((index) => new SyncNode(index, `storm ${storms} node ${index}`, storm, this));
		for (const index of storm.workers.keys()) {
			this.#startWorker(index);
		}
	}

	async run(): Promise<StormReport> {
		const { triggers, changes, faults, workers } = this.#storm;
		this.#planRows();
		for (const fault of faults) {
			this.#planFault(fault);
		}
		const corrections = workers.flatMap(({ steps }) => steps);
		for (const { atMs } of [...changes, ...corrections]) {
			this.trouble(atMs);
		}
		for (const trigger of triggers) {
			this.#time.at(trigger.atMs, () => this.#trigger(trigger));
		}
		const lastMs = triggers.at(-1)?.atMs ?? 0;
		this.trouble(lastMs);
		this.#time.at(lastMs + LAST_FAULTS_MS, () => this.#disarm());
		for (const node of this.#nodes) {
			this.#healFrom(node, lastMs);
		}
		await this.#time.pass(() => this.#nodes.every(({ phase }) => phase === 'over'));
		const healMs = this.#judgeHealing();
		this.#judgeRows();
		return this.#report(healMs);
	}

	nowMs(): number {
		return this.#time.nowMs;
	}

	at(atMs: number, action: () => void): void {
		this.#time.at(atMs, action);
	}

	troubleMs(): number {
		return this.#troubleMs;
	}

	isTouched(): boolean {
		return this.#deeds > 0;
	}

	startRun(node: SyncNode): void {
		this.#trigger({ id: this.#takeTriggerId(), atMs: this.#time.nowMs, worker: 0, node: node.index });
	}

	strike(worker: Worker, fault: FaultOfWorker): void {
		if (worker.isDead) {
			return;
		}
		if (fault.kind === 'kill') {
			this.#kill(worker, fault.backAfterMs);
			return;
		}
		this.#freezes += 1;
		worker.stop(fault.forMs, fault.kind === 'pause');
		this.trouble(worker.nowMs);
		if (fault.kind === 'pause' || fault.killedAfterMs === undefined) {
			return;
		}
		const killedMs = worker.nowMs + fault.killedAfterMs;
		this.trouble(killedMs);
		this.#time.at(killedMs, () => {
			if (!worker.isDead) {
				this.log(worker.name, '! killed');
				this.#kill(worker, BACK_AFTER_MS);
			}
		});
	}

	trouble(untilMs: number): void {
		this.#troubleMs = Math.max(this.#troubleMs, untilMs);
	}

	log(who: string, text: string): void {
		this.#trace?.push(`${(this.#time.nowMs / 1000).toFixed(3).padStart(9)} s  ${who}: ${text}`);
	}

	#planRows(): void {
		const { customers, changes } = this.#storm;
		for (const { judge, customers: prefix } of this.#nodes) {
			for (let customer = 0; customer < customers; customer++) {
				judge.changeRow(`${prefix}${customer}`, 'v1');
			}
		}
		for (const { atMs, node: index, customer, devices } of changes) {
			const node = this.#nodes[index];
			if (node === undefined) {
				continue;
			}
			this.#time.at(atMs, () => {
				const name = `${node.customers}${customer}`;
				this.log('CRM', `${name} ${devices === undefined ? 'goes' : `has v${devices}`}`);
				node.judge.changeRow(name, devices === undefined ? undefined : `v${devices}`);
			});
		}
	}

	#kill(worker: Worker, backAfterMs: number): void {
		this.#kills += 1;
		worker.kill();
		this.database.afterDeath(worker, () => this.#chance.share());
		for (const node of this.#nodes) {
			node.workerDies(worker);
		}
		const index = this.#workers.indexOf(worker);
		this.#time.at(this.#time.nowMs + backAfterMs, () => this.#startWorker(index));
		this.trouble(this.#time.nowMs);
	}

	#startWorker(index: number): void {
		const plan = this.#storm.workers[index];
		if (plan === undefined) {
			return;
		}
		const chance = new Chance('worker', this.#storm.seed, index, this.#time.nowMs);
		startedWorkers += 1;
		const clock = { plan, beginsMs: this.#storm.beginsMs };
		this.#workers[index] = new Worker(startedWorkers, `w${index + 1}`, this.#time, clock, () =>
			chance.share(),
		);
	}

	/** Plans a fault that occurs at a time and not at a step of a run. */
	#planFault(fault: Fault): void {
		if (fault.kind === 'slow') {
			this.#time.at(fault.fromMs, () =>
				this.log('database', `! ${fault.minMs} to ${fault.maxMs} ms a statement`),
			);
			this.trouble(fault.untilMs);
			return;
		}
		if (!('atMs' in fault.at)) {
			return;
		}
		const { at } = fault;
		this.trouble(at.atMs);
		this.#time.at(at.atMs, () => this.#happen(fault));
	}

	#happen(fault: Exclude<Fault, { kind: 'slow' }>): void {
		if (fault.kind === 'person') {
			const isDone = doDeed(this.database.tables, fault.deed, this.#time.nowMs);
			this.#deeds += Number(isDone);
			for (const { judge } of this.#nodes) {
				judge.stateIsTouched();
			}
			this.log('person', `! ${fault.deed}${isDone ? '' : ': the row or table does not exist'}`);
			return;
		}
		if (fault.kind === 'restart') {
			this.log('database', `! ${describe(fault)}`);
			this.database.restart(fault.forMs);
			return;
		}
		const worker = 'worker' in fault.at ? this.#workers[fault.at.worker] : undefined;
		if (worker !== undefined) {
			this.log(worker.name, `! ${describe(fault)}`);
			this.strike(worker, fault as FaultOfWorker);
		}
	}

	#disarm(): void {
		this.#isDisarmed = true;
		this.database.disarm();
		for (const node of this.#nodes) {
			node.disarm();
		}
		const overMs = Math.max(this.#time.nowMs, this.#troubleMs) + HEAL_WITHIN_MS;
		this.#time.at(overMs, () => {
			for (const node of this.#nodes) {
				if (node.phase === 'storm') {
					node.judge.neverHealed(`${HEAL_WITHIN_MS / 1000} s after the last fault`);
					node.phase = 'over';
				}
			}
		});
	}

	/** Starts the workflow again and again until everything has healed. */
	#healFrom(node: SyncNode, lastMs: number): void {
		const { seed, healEveryMs, healLimitMs, workers } = this.#storm;
		const chance = new Chance('heal', seed, node.index);
		const next = (atMs: number) => {
			this.#time.at(atMs, () => {
				if (node.phase !== 'storm') {
					return;
				}
				const worker = chance.integer(0, workers.length - 1);
				const trigger: Trigger = { id: this.#takeTriggerId(), atMs, worker, node: node.index };
				if (healLimitMs !== undefined) {
					trigger.limitMs = healLimitMs;
				}
				this.#trigger(trigger);
				next(atMs + healEveryMs);
			});
		};
		next(lastMs + healEveryMs);
	}

	#takeTriggerId(): number {
		const id = this.#nextTrigger;
		this.#nextTrigger += 1;
		return id;
	}

	#trigger(trigger: Trigger): void {
		const worker = this.#freeWorker(trigger.worker);
		const node = this.#nodes[trigger.node];
		if (worker === undefined || node === undefined) {
			this.log('n8n', `no worker is free for run ${trigger.id}`);
			return;
		}
		const { seed, faults } = this.#storm;
		const steps = new Steps(seed, trigger.id, worker, this, this.#isDisarmed ? [] : faults);
		const run = node.start(steps, trigger.wrongJoin, trigger.group?.id);
		steps.log(`starts${run.hasWrongRows ? ' with wrong rows' : ''}: ${describeTables(this.database.tables)}`);
		const isAfterStorm = this.#isDisarmed && this.#time.nowMs >= this.#troubleMs;
		// The rows are read before the node runs.
		const beginMs = this.#time.nowMs + (trigger.group?.beginMs ?? steps.chance.integer(1, 300));
		const begin = (beganMs: number) => {
			void this.#execute(trigger, node, { steps, run, beganMs }).then((ended) =>
				worker.deliver(worker.nowMs + 5, () =>
					this.#ended(trigger, { node, steps, run, ended, isAfterStorm }),
				),
			);
		};
		worker.deliver(beginMs, () => {
			const { wallMs } = worker;
			const { waitsMs } = trigger;
			if (waitsMs === undefined) {
				begin(wallMs);
				return;
			}
			run.sinceMs = worker.nowMs;
			this.trouble(worker.nowMs + waitsMs);
			worker.ring(waitsMs, () => begin(wallMs));
		});
	}

	/** n8n gives a run to any process that is running. */
	#freeWorker(from: number): Worker | undefined {
		const workers = [...this.#workers.slice(from), ...this.#workers.slice(0, from)];
		return workers.find(({ isDead, isStopped }) => !isDead && !isStopped);
	}

	async #execute(
		trigger: Trigger,
		node: SyncNode,
		{ steps, run, beganMs }: { steps: Steps; run: Run; beganMs: number },
	): Promise<ExecutionEnd> {
		this.#runs += 1;
		node.judge.runStarts(run);
		return await execute({
			run,
			steps,
			beganMs,
			observer: node.judge,
			send: (customer, devices, delay, respond) => {
				const isFirst = trigger.id === 0 && this.#storm.kind !== 'killsInARow';
				const isFaulty = !this.#isDisarmed && !isFirst;
				this.#service.send(steps, node.judge, { run, customer, devices, isFaulty }, delay, respond);
			},
			tableFor: (signal) =>
				new SyncDataTables(
					new RunTables(this.#time, this.database, steps, signal),
					deduplicationFor(this.database, steps, node.name),
					{ key: node.name, workflow: 'Storm', node: node.name },
				),
			nodeInProcess: `${node.name} of process ${steps.worker.id}`,
			concurrency: this.#storm.concurrency,
			pushAgainAfterDays: this.#storm.pushAgainAfterDays,
			hasReceipts: this.#storm.hasReceipts,
			asksAtFirstByte: this.#storm.asksAtFirstByte,
			limitMs: trigger.limitMs,
			approvedPlan: node.approvedPlan,
			isByHand: trigger.isByHand === true,
			onCancel: () => {
				if (!this.#isDisarmed) {
					this.trouble(this.#time.nowMs);
				}
			},
		});
	}

	#ended(trigger: Trigger, { node, steps, run, ended, isAfterStorm }: EndedRun): void {
		if (ended.stopped?.code === 'STATE_NOT_USABLE') {
			this.#notUsable += 1;
			// Its claim may still take effect, with the customers that it has named in doubt.
			node.judge.runEnds(run, false);
			if (ALWAYS_USABLE.has(this.#storm.kind)) {
				node.judge.break('notUsable', `${run.name} reports the state as not usable`);
			}
		}
		node.judge.runStops(run);
		node.ended(run, steps, ended, trigger.group?.id, isAfterStorm);
	}

	/** @returns after which time the last node was right; undefined if one never was */
	#judgeHealing(): number | undefined {
		const { healLimitMs, customers, service, concurrency } = this.#storm;
		// If requests are slow or there are many, sending every customer takes long.
		const requestMs = (service.slower ?? service).requestMs.max;
		const sendingMs = (customers / concurrency) * requestMs;
		const lateMs = sendingMs + (healLimitMs === undefined ? LATE_MS : LATE_WITH_LIMIT_MS);
		let longestMs: number | undefined = 0;
		for (const { judge, approvals } of this.#nodes) {
			const { rightSinceMs } = judge;
			const healMs = rightSinceMs === undefined ? undefined : Math.max(0, rightSinceMs - this.#troubleMs);
			if (healMs !== undefined && healMs > lateMs && approvals === 0) {
				judge.break('healedLate', `all was right ${(healMs / 1000).toFixed(1)} s after the last fault`);
			}
			longestMs = longestMs === undefined || healMs === undefined ? undefined : Math.max(longestMs, healMs);
		}
		return longestMs;
	}

	#judgeRows(): void {
		const { tables } = this.database;
		const locks = tables.byExactName(SYNC_TABLE)?.rows ?? [];
		const unused = unusedParts(tables);
		const [node] = this.#nodes;
		if (unused > MOST_UNUSED || locks.length > this.#nodes.length) {
			node?.judge.break('rowsLeft', `${locks.length} lock rows and ${unused} unused parts are left`);
		}
	}

	#report(healMs: number | undefined): StormReport {
		const sum = (of: (node: SyncNode) => number) => this.#nodes.reduce((total, node) => total + of(node), 0);
		return {
			violations: this.#nodes.flatMap(({ judge }) => judge.violations),
			runs: this.#runs,
			kills: this.#kills,
			freezes: this.#freezes,
			rejections: this.database.rejections,
			requests: this.#service.requests,
			windowRequests: sum(({ judge }) => judge.windowRequests),
			olderRows: sum(({ judge }) => judge.olderRows),
			pushesInDoubt: sum(({ judge }) => judge.pushesInDoubt),
			rePushes: sum(({ judge }) => judge.rePushes),
			deeds: this.#deeds,
			mostRows: this.#mostRows,
			healMs,
			wrongRuns: sum(({ wrongRuns }) => wrongRuns),
			wrongStopped: sum(({ wrongStopped }) => wrongStopped),
			stopped: sumOf(this.#nodes.map(({ stopped }) => stopped)),
			approvals: sum(({ approvals }) => approvals),
			cutShort: sum(({ cutShort }) => cutShort),
			everybody: sum(({ everybody }) => everybody),
			groups: sumOf(this.#nodes.map((node) => node.howGroupsEnded())),
			notUsable: this.#notUsable,
			trace: this.#trace ?? [],
		};
	}
}

type Run = ReturnType<SyncNode['start']>;

interface EndedRun {
	node: SyncNode;
	steps: Steps;
	run: Run;
	ended: ExecutionEnd;
	isAfterStorm: boolean;
}

function sumOf<Name>(maps: ReadonlyArray<ReadonlyMap<Name, number>>): Map<Name, number> {
	const sums = new Map<Name, number>();
	for (const map of maps) {
		for (const [name, count] of map) {
			sums.set(name, (sums.get(name) ?? 0) + count);
		}
	}
	return sums;
}
