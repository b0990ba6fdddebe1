import { setTimeout as sleep } from 'node:timers/promises';
import { begunBy, type QueueMode } from '../n8n/queueMode.mts';
import type { Hold, Holds } from '../services/postgresProxy.mts';
import { eventually } from '../setup/eventually.mts';
import type { RunReport } from '../tests/syncScene.mts';
import { figuresOf, type Figures } from './figures.mts';
import { HEALS_MS } from './stalls.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** What may be tried. */
export const FAULTS = ['rejected', 'killed', 'frozen', 'slow'] as const;
export type Fault = (typeof FAULTS)[number];

/** A trigger comes so often. Milliseconds. */
const EVERY_MS = 4000;

/** One write of one run that is rejected. */
export interface Rejection {
	/** The how-manieth write of the run, from 1. */
	readonly nth: number;
	/** Whether the database has done it, and only its response is replaced by an error. */
	readonly isDone: boolean;
	/** Whether the rows of that run are joined wrongly, too, and not only those of the next one. */
	readonly isWrongAtOnce: boolean;
}

const MOST_WRITES = 8;

/** Each of the first eight writes of a run, in each way. */
export const REJECTIONS: readonly Rejection[] = [true, false].flatMap((isWrongAtOnce) =>
	[false, true].flatMap((isDone) =>
		Array.from({ length: MOST_WRITES }, (_, index) => ({ nth: index + 1, isDone, isWrongAtOnce })),
	),
);

/** What came of a wrong join after a fault. */
export interface Outcome {
	/** Whether a run came to the fault. */
	readonly isMet: boolean;
	/** How many requests had rows of the wrong join. */
	readonly wrong: number;
	/** How long after the rows were repaired all was right; Infinity when it was not right in time. */
	readonly rightMs: number;
}

/** Rejects a write of a run, joins its rows or those of the next run wrongly, repairs them, and waits until all is right. */
export async function tryRejection(
	crm: WatchedCrm,
	holds: Holds,
	{ nth, isDone, isWrongAtOnce }: Rejection,
): Promise<Outcome> {
	const before = crm.wronglyJoined;
	let isMet = false;
	const hold: Hold = {
		workflowId: crm.synced.stored.id,
		kind: 'WRITE',
		nth,
		at: isDone ? 'response' : 'statement',
		forMs: 0,
		isRejected: true,
		onHeld: () => (isMet = true),
	};
	await crm.edit();
	if (isWrongAtOnce) await crm.joinWrongly();
	holds.add(hold);
	await crm.run();
	holds.remove(hold);
	if (!isWrongAtOnce) await crm.joinWrongly();
	return { isMet, ...(await judgeAndRepair(crm, before)) };
}

const MOST_RUNS_TO_JUDGE = 4;

/**
 * Runs the workflow over rows that are joined wrongly until a run has judged them, repairs them, and waits until all is right.
 * @param before how many requests had rows of a wrong join before
 */
async function judgeAndRepair(crm: WatchedCrm, before: number): Promise<Omit<Outcome, 'isMet'>> {
	for (let run = 0; run < MOST_RUNS_TO_JUDGE; run++) {
		if (run > 0) await sleep(EVERY_MS);
		const report = await crm.run();
		if (report !== undefined && report.Failures[0]?.code !== 'ALREADY_RUNNING') break;
	}
	await crm.joinRightly();
	const rightMs = await crm.untilRight(EVERY_MS, HEALS_MS);
	return { wrong: crm.wronglyJoined - before, rightMs };
}

/** Makes all right after what was lost, for what is tried next. */
async function recover(crm: WatchedCrm): Promise<void> {
	await eventually(async () => {
		await crm.approve(await crm.run());
		if (!(await crm.isRight())) throw new Error(`${crm.name} does not become right`);
	}, HEALS_MS);
}

/** Tries all rejections, shared between the CRMs. */
export async function soakRejections(crms: readonly WatchedCrm[], holds: Holds): Promise<Figures[]> {
	const left = [...REJECTIONS];
	const outcomes = new Map<string, Outcome[]>();
	await Promise.all(
		crms.map(async (crm) => {
			for (let rejection = left.shift(); rejection !== undefined; rejection = left.shift()) {
				const outcome = await tryRejection(crm, holds, rejection);
				const { nth, isDone, isWrongAtOnce } = rejection;
				const how = isDone ? 'done, and its response an error' : 'rejected';
				const whose = isWrongAtOnce ? 'of that run and the next' : 'of the next run';
				const what = `write ${how}, wrong join in the rows ${whose}`;
				add(outcomes, what, outcome);
				process.stdout.write(`  ${nth}. ${what}: ${inWords(outcome)}\n`);
				if (!isRight(outcome)) await recover(crm);
			}
		}),
	);
	return figuresOfOutcomes(outcomes);
}

/** The gap of a run's end, between its deletion of the state and its insertion of the next one: what is held there. */
const GAPS = ['INSERT', 'SELECT'] as const;
type Gap = (typeof GAPS)[number];

/** So long a statement in the gap is held, if nobody drops it. Milliseconds. */
const GAP_MS = 60_000;
/** So long after the first one is held the others may come to it: a run does not wait for longer. Milliseconds. */
const TOGETHER_MS = 2000;
/** A run comes to its end in this time. Milliseconds. */
const LONGEST_RUN_MS = 45_000;

/** Holds the insertion that ends the next run, or the query before it. @returns when it is held */
async function holdGap(holds: Holds, workflowId: string, kind: Gap): Promise<void> {
	await new Promise<void>((onHeld) => {
		const gap: Hold = { workflowId, kind, at: 'statement', nth: 1, forMs: GAP_MS, onHeld };
		const addGap = () => holds.add(gap);
		holds.add({ workflowId, kind: 'DELETE', at: 'response', nth: 1, forMs: 0, onHeld: addGap });
	});
}

/** Kills the workers while runs are in the gap of their ends; the rows of the next runs are joined wrongly. */
export async function soakKilledEnds(
	n8n: QueueMode,
	crms: readonly WatchedCrm[],
	rounds: number,
): Promise<Figures[]> {
	const outcomes = new Map<string, Outcome[]>();
	for (let round = 0; round < rounds; round++) {
		await Promise.all(crms.map(async (crm) => await crm.edit()));
		const tried = crms.map((crm, index) => {
			const gap = GAPS[(index + round) % GAPS.length]!;
			const one = { crm, gap, isMet: false, whenHeld: holdGap(n8n.holds, crm.synced.stored.id, gap) };
			void one.whenHeld.then(() => (one.isMet = true));
			return one;
		});
		for (const { crm } of tried) void crm.run();
		const allHeld = tried.map(async ({ whenHeld }) => await whenHeld);
		await Promise.race([
			Promise.all(allHeld),
			Promise.race(allHeld).then(async () => await sleep(TOGETHER_MS)),
			sleep(LONGEST_RUN_MS, undefined, { ref: false }),
		]);
		const met = tried.map(({ isMet }) => isMet);
		const restarted = Promise.all(n8n.workers.map(async (_, worker) => await n8n.crash(worker)));
		for (const { crm } of tried) n8n.holds.release(crm.synced.stored.id);
		await Promise.all(tried.map(async ({ crm }) => await crm.joinWrongly()));
		await restarted;
		await Promise.all(
			tried.map(async ({ crm, gap }, index) => {
				const outcome = { isMet: met[index]!, ...(await judgeAndRepair(crm, crm.wronglyJoined)) };
				const what = `killed between DELETE and INSERT (${gap} held), wrong join in the next run`;
				add(outcomes, what, outcome);
				process.stdout.write(`  ${what}: ${inWords(outcome)}\n`);
				if (!isRight(outcome)) await recover(crm);
			}),
		);
	}
	return figuresOfOutcomes(outcomes);
}

function add(outcomes: Map<string, Outcome[]>, what: string, outcome: Outcome): void {
	outcomes.set(what, [...(outcomes.get(what) ?? []), outcome]);
}

function isRight({ wrong, rightMs }: Outcome): boolean {
	return wrong === 0 && rightMs < Infinity;
}

function inWords({ isMet, wrong, rightMs }: Outcome): string {
	if (!isMet) return 'no run came to it';
	const right = rightMs < Infinity ? `right after ${Math.round(rightMs / 1000)} s` : 'NOT RIGHT';
	return wrong === 0 ? right : `${wrong} REQUESTS WITH WRONG ROWS, ${right}`;
}

function figuresOfOutcomes(outcomes: ReadonlyMap<string, readonly Outcome[]>): Figures[] {
	return Array.from(outcomes, ([what, all]) => {
		const met = all.filter(({ isMet }) => isMet);
		const wrong = met.reduce((sum, outcome) => sum + outcome.wrong, 0);
		const rightMs = met.map((outcome) => (isRight(outcome) ? outcome.rightMs : Infinity));
		return figuresOf(`${what}: ${wrong} requests with wrong rows`, rightMs);
	});
}

/** Longer than a run without a heartbeat is waited for, so that another one takes over and still sends. Milliseconds. */
const FROZEN_MS = 28_000;
/** A trigger comes so often meanwhile: about half of the runs are given to the worker that is stopped. Milliseconds. */
const OFTEN_MS = 2000;
/** How long the service takes to answer meanwhile: the other run still sends when the worker is woken. Milliseconds. */
const SLOW_SERVICE_MS = 2000;
const USUAL_SERVICE_MS = 100;
/** A run that was woken has begun to send by then, if it does at all. Milliseconds. */
const WOKEN_MS = 25_000;
/** Once a woken run has sent this number of requests the worker is killed. */
const MOST_WOKEN = 3;

/** When a worker is stopped. */
interface Freeze {
	readonly what: string;
	/** After the how-manieth write of the run. */
	readonly nth: number;
	readonly afterMs: number;
	/** Whether the run comes to a state that a killed one has left in progress. */
	readonly isAfterKill?: boolean;
}

const FREEZES: readonly Freeze[] = [
	{ what: 'while it settles', nth: 1, afterMs: 3000 },
	{ what: 'while it compares', nth: 3, afterMs: 0 },
	{ what: 'while it takes over', nth: 1, afterMs: 8000, isAfterKill: true },
];

/** What came of one. */
interface Frozen {
	/** Whether the worker was stopped before the run's first request, and another run sent something meanwhile. */
	readonly isMet: boolean;
	/** How many requests the run that was woken made. */
	readonly woken: number;
	readonly rightMs: number;
}

/** Stops the worker of a run before its first request, wakes it while another run sends newer rows, and kills it. */
async function tryFreeze(
	n8n: QueueMode,
	crm: WatchedCrm,
	{ nth, afterMs, isAfterKill = false }: Freeze,
	round: number,
): Promise<Frozen> {
	const { simulator, synced } = crm;
	const { requests } = simulator;
	if (isAfterKill) await interrupt(n8n, crm);
	simulator.setOptions({ latencyMs: SLOW_SERVICE_MS });
	const old = `SN-old-${round}`;
	await crm.edit(old);
	const { id: workflowId } = synced.stored;
	const whenWritten = new Promise<void>((onHeld) => {
		n8n.holds.add({ workflowId, kind: 'WRITE', nth, at: 'statement', forMs: 0, onHeld });
	});
	const before = requests.length;
	void crm.run();
	await Promise.race([whenWritten, sleep(LONGEST_RUN_MS, undefined, { ref: false })]);
	n8n.holds.release(workflowId);
	const writtenMs = performance.now();
	const index = await workerOf(n8n, crm);
	const worker = n8n.workers[index]!;
	await sleep(Math.max(0, afterMs - (performance.now() - writtenMs)));
	worker.freeze();
	const isBefore = requests.length === before;
	const frozenMs = performance.now();
	// Not again: what the woken run overwrites would be sent once more.
	await crm.edit(`SN-new-${round}`);
	while (performance.now() < frozenMs + FROZEN_MS) {
		void crm.run();
		await sleep(Math.min(OFTEN_MS, Math.max(0, frozenMs + FROZEN_MS - performance.now())));
	}
	const isMet = isBefore && requests.length > before;
	const ofWoken = () => requests.slice(before).filter(({ body = '' }) => body.includes(old)).length;
	worker.wake();
	await eventually(() => {
		if (ofWoken() < MOST_WOKEN) throw new Error('The woken run has not sent so much');
	}, WOKEN_MS).catch(() => undefined);
	await n8n.crash(index);
	simulator.setOptions({ latencyMs: USUAL_SERVICE_MS });
	const rightMs = await crm.untilRight(EVERY_MS, HEALS_MS);
	return { isMet, woken: ofWoken(), rightMs };
}

/** Kills the workers while a run sends. */
async function interrupt(n8n: QueueMode, crm: WatchedCrm): Promise<void> {
	const { requests } = crm.simulator;
	const { length } = requests;
	await crm.edit();
	void crm.run();
	await eventually(() => {
		if (requests.length === length) throw new Error(`${crm.name} sends nothing`);
	});
	await Promise.all(n8n.workers.map(async (_, worker) => await n8n.crash(worker)));
}

/** Which worker has the only run of a workflow that is under way. */
async function workerOf({ client, workers }: QueueMode, crm: WatchedCrm): Promise<number> {
	return await eventually(async () => {
		const running = await client.running(crm.synced.stored);
		const index = workers.findIndex((worker) => begunBy(worker).some((id) => running.includes(id)));
		if (index < 0) throw new Error(`No worker runs ${crm.name}`);
		return index;
	}, EVERY_MS);
}

/** Stops workers before the first request of their runs, at each moment. */
export async function soakFreezes(n8n: QueueMode, crm: WatchedCrm, rounds: number): Promise<Figures[]> {
	const figures = new Map<string, Frozen[]>();
	for (let round = 0; round < rounds * FREEZES.length; round++) {
		const freeze = FREEZES[round % FREEZES.length]!;
		const what = `worker stopped for ${FROZEN_MS / 1000} s ${freeze.what}, then killed`;
		const frozen = await tryFreeze(n8n, crm, freeze, round);
		const { isMet, woken, rightMs } = frozen;
		const right = rightMs < Infinity ? `right after ${Math.round(rightMs / 1000)} s` : 'NOT RIGHT';
		const end = isMet ? `${woken} requests of the woken run, ${right}` : `not met, ${right}`;
		process.stdout.write(`  ${what}: ${end}\n`);
		figures.set(what, [...(figures.get(what) ?? []), frozen]);
		if (rightMs === Infinity) await recover(crm);
	}
	return Array.from(figures, ([what, all]) => {
		const met = all.filter(({ isMet }) => isMet);
		const woken = met.reduce((sum, frozen) => sum + frozen.woken, 0);
		const rightMs = met.map((frozen) => (frozen.woken === 0 ? frozen.rightMs : Infinity));
		return figuresOf(`${what}: ${woken} requests of two senders`, rightMs);
	});
}

const SLOW_RUNS = 4;
const SLOW_STATEMENT_MS = 1500;
const CHANGED = 3;

/**
 * Runs the workflow over a database that takes so long for each statement, and once more when it no longer does. A run that
 * pushes more than what changed must be reported: by itself or by the run before it.
 */
export async function soakSlow(crm: WatchedCrm, holds: Holds): Promise<Figures[]> {
	const { simulator, synced } = crm;
	const { id } = synced.stored;
	const endsMs: number[] = [];
	let needless = 0;
	let unreported = 0;
	let isReportedBefore = false;
	holds.slowDown(id, SLOW_STATEMENT_MS);
	for (let run = 0; run <= SLOW_RUNS; run++) {
		if (run < SLOW_RUNS) await crm.edit(undefined, CHANGED);
		else holds.release(id);
		const before = simulator.requests.length;
		const startMs = performance.now();
		const report = await crm.run();
		const changed = Array.from({ length: CHANGED }, (_, index) => `user_${index + 1}`);
		const more = simulator.requests
			.slice(before)
			.filter(({ CustomerId = '' }) => !changed.includes(CustomerId));
		const isReported = isReportedBefore || reports(report);
		isReportedBefore = reports(report);
		needless += more.length;
		if (!isReported) unreported += more.length;
		endsMs.push(more.length === 0 || isReported ? performance.now() - startMs : Infinity);
		const { Health = 'no report', Summary = '' } = report ?? {};
		process.stdout.write(`  slow run ${run + 1}: ${more.length} needless; ${Health}: ${Summary}\n`);
	}
	const right = await crm.untilRight(EVERY_MS, HEALS_MS);
	const what = `statements of ${SLOW_STATEMENT_MS / 1000} s: ${needless} needless requests, ${unreported} unreported`;
	return [figuresOf(what, endsMs), figuresOf('after these statements', [right])];
}

/** Whether a run says that something went wrong with the state: its own, or that of the run before it. */
function reports(report: RunReport | undefined): boolean {
	if (report === undefined) return false;
	return report.Health !== 'ok' || /could not be kept|interrupted/.test(report.Summary);
}
