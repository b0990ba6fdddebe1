import { setTimeout as sleep } from 'node:timers/promises';
import type { Hold, Holds } from '../services/postgresProxy.mts';
import { eventually } from '../setup/eventually.mts';
import { figuresOf, type Figures } from './figures.mts';
import { LONGEST_HEALING_MS } from './stalls.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** The interval of the triggers. Milliseconds. */
const EVERY_MS = 4000;

/** One write of one run that gets an error. */
export interface Rejection {
	/** Which write of the run, counted from 1. */
	readonly nth: number;
	/** Whether the database has executed it, and only its response is replaced by an error. */
	readonly isDone: boolean;
	/** Whether that run already has wrongly joined rows, and not only the next one. */
	readonly isWrongAtOnce: boolean;
}

const MOST_WRITES = 5;

/** Each of the first five writes of a run, combined with each way to fail it and to break the join. */
export const REJECTIONS: readonly Rejection[] = [true, false].flatMap((isWrongAtOnce) =>
	[false, true].flatMap((isDone) =>
		Array.from({ length: MOST_WRITES }, (_, index) => ({ nth: index + 1, isDone, isWrongAtOnce })),
	),
);

/** The result of a wrong join together with a fault. */
export interface Outcome {
	/** Whether a run met the fault. */
	readonly isMet: boolean;
	/** How many requests had wrongly joined rows. */
	readonly wrong: number;
	/** How long after the repair everything was in sync; Infinity if that took too long. */
	readonly rightMs: number;
}

/**
 * Rejects a write of a run, breaks the join of its rows or of the next run's, repairs it, and waits for Sync to
 * recover.
 */
export async function tryRejection(
	crm: WatchedCrm,
	holds: Holds,
	{ nth, isDone, isWrongAtOnce }: Rejection,
): Promise<Outcome> {
	const before = crm.requestsWithWrongRows;
	let isMet = false;
	const hold: Hold = {
		kind: 'WRITE',
		nth,
		at: isDone ? 'response' : 'statement',
		forMs: 0,
		isRejected: true,
		onHeld: () => {
			isMet = true;
		},
	};
	await crm.edit();
	if (isWrongAtOnce) {
		await crm.breakJoin();
	}
	holds.add(hold);
	await crm.run();
	holds.remove(hold);
	if (!isWrongAtOnce) {
		await crm.breakJoin();
	}
	return { isMet, ...(await judgeAndRepair(crm, before)) };
}

const MOST_RUNS_TO_JUDGE = 4;

/**
 * Runs the workflow until a run has judged the wrongly joined rows, repairs the join, and waits until everything is
 * in sync.
 * @param before how many requests had wrongly joined rows before
 */
async function judgeAndRepair(crm: WatchedCrm, before: number): Promise<Omit<Outcome, 'isMet'>> {
	for (let run = 0; run < MOST_RUNS_TO_JUDGE; run++) {
		if (run > 0) {
			await sleep(EVERY_MS);
		}
		const report = await crm.run();
		if (report !== undefined && report.Failures[0]?.code !== 'ALREADY_RUNNING') {
			break;
		}
	}
	await crm.repairJoin();
	const rightMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
	return { wrong: crm.requestsWithWrongRows - before, rightMs };
}

/** Brings everything in sync after a failed case, so that the next one starts clean. */
async function recover(crm: WatchedCrm): Promise<void> {
	await eventually(async () => {
		await crm.approve(await crm.run());
		if (!(await crm.isRight())) {
			throw new Error(`${crm.name} does not become right`);
		}
	}, LONGEST_HEALING_MS);
}

/** Tries all rejections, distributed over the CRMs. */
export async function soakRejections(crms: readonly WatchedCrm[], holds: Holds): Promise<Figures[]> {
	const remaining = [...REJECTIONS];
	const outcomes = new Map<string, Outcome[]>();
	await Promise.all(
		crms.map(async (crm) => {
			for (let rejection = remaining.shift(); rejection !== undefined; rejection = remaining.shift()) {
				const outcome = await tryRejection(crm, holds, rejection);
				const { nth, isDone, isWrongAtOnce } = rejection;
				const how = isDone ? 'done, and its response an error' : 'rejected';
				const affectedRuns = isWrongAtOnce ? 'of that run and the next' : 'of the next run';
				const setting = `write ${how}, wrong join in the rows ${affectedRuns}`;
				addOutcome(outcomes, setting, outcome);
				process.stdout.write(`  ${nth}. ${setting}: ${inWords(outcome)}\n`);
				if (!isRight(outcome)) {
					await recover(crm);
				}
			}
		}),
	);
	return figuresOfOutcomes(outcomes);
}

function addOutcome(outcomes: Map<string, Outcome[]>, setting: string, outcome: Outcome): void {
	const outcomesSoFar = outcomes.get(setting) ?? [];
	outcomesSoFar.push(outcome);
	outcomes.set(setting, outcomesSoFar);
}

function isRight({ wrong, rightMs }: Outcome): boolean {
	return wrong === 0 && rightMs < Infinity;
}

function inWords({ isMet, wrong, rightMs }: Outcome): string {
	if (!isMet) {
		return 'no run came to it';
	}
	const right = rightMs < Infinity ? `right after ${Math.round(rightMs / 1000)} s` : 'NOT RIGHT';
	return wrong === 0 ? right : `${wrong} REQUESTS WITH WRONG ROWS, ${right}`;
}

function figuresOfOutcomes(outcomes: ReadonlyMap<string, readonly Outcome[]>): Figures[] {
	return Array.from(outcomes, ([setting, outcomesOfSetting]) => {
		const met = outcomesOfSetting.filter(({ isMet }) => isMet);
		const wrong = met.reduce((sum, outcome) => sum + outcome.wrong, 0);
		const rightMs = met.map((outcome) => (isRight(outcome) ? outcome.rightMs : Infinity));
		return figuresOf(`${setting}: ${wrong} requests with wrong rows`, rightMs);
	});
}
