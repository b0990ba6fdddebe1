import { asStop } from '../../nodes/TencentCloudIot/sync/stop';
import { Chance } from './chance.mts';
import { isBlockedByOther, RECEIPT_MS, type ExecutionEnd } from './execution.mts';
import { RePushes } from './rePushes.mts';
import { Judge, type JudgedRun, SAVED_AFTER_MS } from './judge.mts';
import type { Steps } from './steps.mts';
import type { Storm, StormKind } from './storm.mts';

/** After everything has healed, all that is under way ends within this time, milliseconds. */
const CALM_MS = 75_000;
/** The operator approves a plan with right rows once it has stopped this many runs. */
const STOPS_BEFORE_APPROVAL = 2;

/** The safety checks compare with a state of this many customers or more. */
const FEWEST_COMPARED = 20;

/** Storms whose statements all work, so that accepted customers are saved soon. */
const KINDS_WITHOUT_BAD_STATEMENTS: ReadonlySet<StormKind> = new Set<StormKind>([
	'calm',
	'kills',
	'twins',
	'threeAtOnce',
	'crowd',
	'killedFirstRuns',
	'killsInARow',
	'byHand',
	'rePushes',
]);

/** How runs that began together ended. */
export type GroupEnd = 'one continued' | 'several continued' | 'all gave up' | 'others stopped';

/** What a Sync node needs from its surroundings. */
export interface Surroundings {
	nowMs(): number;
	at(atMs: number, action: () => void): void;
	log(who: string, text: string): void;
	trouble(untilMs: number): void;
	/** When the last fault ends, as far as it is known. */
	troubleMs(): number;
	/** Whether a person may have touched the state by now. */
	isTouched(): boolean;
	startRun(node: SyncNode): void;
}

/** A Sync node of the workflow: its customers, its judge, the operator who approves its plans, and whether it has healed. */
export class SyncNode {
	readonly index: number;
	readonly judge: Judge;
	/** Names workflow and node. */
	readonly name: string;
	approvedPlan = '';
	approvals = 0;
	wrongRuns = 0;
	wrongStopped = 0;
	cutShort = 0;
	/** Runs that had to send every customer although an earlier run had ended well. */
	everybody = 0;
	/** How many runs with right rows were stopped until somebody approved, by reason. */
	readonly stopped = new Map<string, number>();
	/** 'healed' once a run that began after the storm has found all customers right and nothing to send. */
	phase: 'storm' | 'healed' | 'last run' | 'over' = 'storm';
	/** Whether a run has ended well, so that the safety checks have a state to compare with. */
	#hasState = false;
	readonly #storm: Storm;
	readonly #around: Surroundings;
	/** The runs, and when they started. */
	readonly #underWay = new Map<Steps, { run: JudgedRun; startedMs: number }>();
	/** The runs that began together; undefined for a group that began while another run was active. */
	readonly #groups = new Map<number, Group | undefined>();
	/** The plan that stopped the last runs with right rows, and how many it stopped. */
	#plan = { id: '', stops: 0 };

	constructor(index: number, name: string, storm: Storm, around: Surroundings) {
		this.index = index;
		this.name = name;
		this.#storm = storm;
		this.#around = around;
		const areStatementsWell = KINDS_WITHOUT_BAD_STATEMENTS.has(storm.kind) && !storm.isRepeating;
		const savedAfterMs =
			(areStatementsWell ? SAVED_AFTER_MS.usually : SAVED_AFTER_MS.atMost) +
			(storm.hasReceipts ? RECEIPT_MS.max : 0);
		const schedule = new RePushes(storm);
		this.judge = new Judge(() => around.nowMs(), savedAfterMs, schedule);
	}

	get customers(): string {
		return String.fromCharCode('c'.charCodeAt(0) + this.index);
	}

	/** Starts a run. @param wrongJoin the number of the wrong join that its rows come from, if they are wrong */
	start(steps: Steps, wrongJoin: number | undefined, groupId: number | undefined): JudgedRun {
		const { crm } = this.judge;
		const isCompared = this.#hasState && crm.size >= FEWEST_COMPARED;
		const isWrong = wrongJoin !== undefined && isCompared;
		const run: JudgedRun = {
			name: steps.name,
			sinceMs: Infinity,
			rows: isWrong ? wrongRows(crm, wrongJoin) : new Map(crm),
			hasWrongRows: isWrong,
			stoodStillMs: (fromMs, untilMs) => steps.worker.stoodStillMs(fromMs, untilMs),
		};
		if (isWrong) {
			this.wrongRuns += 1;
			this.#around.trouble(this.#around.nowMs());
		}
		if (groupId !== undefined && !this.#groups.has(groupId)) {
			this.#groups.set(groupId, this.#underWay.size === 0 ? { startedCount: 0, ends: [] } : undefined);
		}
		const group = groupId === undefined ? undefined : this.#groups.get(groupId);
		if (group !== undefined) {
			group.startedCount += 1;
		}
		this.#underWay.set(steps, { run, startedMs: this.#around.nowMs() });
		return run;
	}

	/** The process of some of its runs has died. */
	workerDies(worker: Steps['worker']): void {
		for (const [steps, { run }] of this.#underWay) {
			if (steps.worker === worker) {
				this.#underWay.delete(steps);
				this.judge.runDies(run);
			}
		}
		// A first run that was killed while it sent has left a state to compare with.
		this.#hasState ||= this.judge.heldCustomers >= FEWEST_COMPARED;
	}

	ended(
		run: JudgedRun,
		steps: Steps,
		ended: ExecutionEnd,
		groupId: number | undefined,
		isAfterStorm: boolean,
	): void {
		this.#underWay.delete(steps);
		if (groupId !== undefined) {
			this.#groups.get(groupId)?.ends.push(ended);
		}
		const { stopped, toSend, isWell } = ended;
		if (this.#hasState && toSend === run.rows.size) {
			this.everybody += 1;
		}
		if (isWell) {
			this.#hasState = run.rows.size >= FEWEST_COMPARED;
		}
		this.cutShort += Number(ended.isCutShort);
		if (run.hasWrongRows) {
			this.#around.trouble(this.#around.nowMs());
			this.wrongStopped += Number(stopped !== undefined && !isBlockedByOther(stopped));
			return;
		}
		this.#operate(run, ended);
		if (isAfterStorm && !isBlockedByOther(stopped)) {
			this.#heal(run, ended);
		}
	}

	disarm(): void {
		for (const steps of this.#underWay.keys()) {
			steps.disarm();
		}
	}

	howGroupsEnded(): Map<GroupEnd, number> {
		const counts = new Map<GroupEnd, number>();
		for (const group of this.#groups.values()) {
			if (group !== undefined) {
				const end = howGroupEnded(group);
				counts.set(end, (counts.get(end) ?? 0) + 1);
			}
		}
		return counts;
	}

	#heal(run: JudgedRun, { stopped, toSend, isWell }: ExecutionEnd): void {
		const { judge } = this;
		if (this.phase === 'last run') {
			if (stopped !== undefined || toSend > 0) {
				judge.break('needlessPush', `${run.name} is to send ${toSend} although nothing has changed`);
			}
			this.phase = 'over';
			return;
		}
		if (this.phase === 'storm' && isWell && toSend === 0 && this.#isCalm) {
			this.phase = 'healed';
			this.#around.log('judge', 'healed');
			this.#around.at(this.#around.nowMs() + CALM_MS, () => {
				this.phase = 'last run';
				this.#around.startRun(this);
			});
		}
	}

	/** Whether all customers are right, and no run of the storm is left that could change that. */
	get #isCalm(): boolean {
		const troubleMs = this.#around.troubleMs();
		const isRunLeft = [...this.#underWay.values()].some(({ startedMs }) => startedMs < troubleMs);
		return !isRunLeft && this.judge.wrong.length === 0;
	}

	/** The operator sees which plan stopped a run, and approves right rows after a while. */
	#operate(run: JudgedRun, { stopped }: ExecutionEnd): void {
		const stop = asStop(stopped);
		if (stop === undefined) {
			return;
		}
		const { code, planId } = stop;
		this.stopped.set(code, (this.stopped.get(code) ?? 0) + 1);
		if (LOSSES.includes(code) && !this.#around.isTouched()) {
			this.judge.break('falseLoss', `${run.name} says ${code}`);
		}
		const stops = planId === this.#plan.id ? this.#plan.stops + 1 : 1;
		this.#plan = { id: planId, stops };
		if (stops < STOPS_BEFORE_APPROVAL || this.approvedPlan === planId) {
			return;
		}
		this.approvals += 1;
		this.approvedPlan = planId;
		this.#around.log('operator', `approves plan ${planId}`);
	}

	get healsEveryMs(): number {
		return this.#storm.healEveryMs;
	}
}

const LOSSES = ['STATE_LOST', 'OTHER_VERSION'];

/** Runs that begin together. */
interface Group {
	startedCount: number;
	/** The ends of the runs that were not killed. */
	readonly ends: ExecutionEnd[];
}

function howGroupEnded({ startedCount, ends }: Group): GroupEnd {
	const continuedCount = ends.filter(({ stopped }) => stopped === undefined).length;
	if (continuedCount > 0) {
		return continuedCount > 1 ? 'several continued' : 'one continued';
	}
	// If one was killed, it was the one that continued, and the others gave up because of it.
	const haveAllGivenUp =
		ends.length === startedCount && ends.every(({ stopped }) => isBlockedByOther(stopped));
	return haveAllGivenUp ? 'all gave up' : 'others stopped';
}

/** Rows in which all but a few customers have wrong devices. */
function wrongRows(crm: ReadonlyMap<string, string>, wrongJoin: number): Map<string, string> {
	const chance = new Chance('wrong join', wrongJoin);
	return new Map(
		[...crm].map(([customer, devices], index) => [
			customer,
			index > 0 && chance.is(0.92) ? `wrong${wrongJoin} ${devices}` : devices,
		]),
	);
}
