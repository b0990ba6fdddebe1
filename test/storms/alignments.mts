import { STEPS_AFTER_ATTEMPT } from '../../nodes/TencentCloudIot/sync/lock/stepsAfterAttempt';
import type { Violation } from './judge.mts';
import { runStorm } from './runStorm.mts';
import type { AtStep, Change, Fault, Storm, Trigger } from './storm.mts';

type ChangeIntent = keyof typeof STEPS_AFTER_ATTEMPT;

type AttemptResult = keyof (typeof STEPS_AFTER_ATTEMPT)[ChangeIntent];

/** How long after another run a run begins, milliseconds: during its statements, while it sends or waits, or after it. */
const OFFSETS = [0, 5, 12, 20, 30, 45, 60, 80, 110, 150, 600, 2500, 9000, 21_000, 40_000] as const;

/** The rows of runs that begin together: unchanged, changed, newer in each run, or changed and back again. */
const ROWS = ['same', 'changed', 'newer each time', 'back again'] as const;

/** What there was before these runs: a state, nothing, or a run that died while it sent. */
const BEGINNINGS = ['state', 'nothing', 'dead run'] as const;

/** How long a request takes, milliseconds. A run with long requests saves accepted customers several times before its end. */
const REQUESTS = [60, 9000] as const;

/**
 * Disturbances meet the first 48 statements and requests of a run. A run that finds a state has about 20 with short requests, a first run or one
 * that takes over up to 48; with fewer calls the ends of those runs would never be disturbed.
 */
const CALLS = 48;

const FIRST_MS = 100_000;

type Disturbance = (at: AtStep) => Fault;

/** The ways in which a statement or request can be disturbed. */
const DISTURBANCES: readonly Disturbance[] = [
	...[600, 4000, 9000, 21_000, 60_000].map(
		(forMs): Disturbance =>
			(at) => ({ kind: 'stall', of: 'effect', at, forMs }),
	),
	...[4000, 9000, 21_000].map(
		(forMs): Disturbance =>
			(at) => ({ kind: 'stall', of: 'response', at, forMs }),
	),
	...[3000, 12_000, 30_000, 70_000].map(
		(forMs): Disturbance =>
			(at) => ({ kind: 'freeze', at, forMs }),
	),
	...[12_000, 70_000].map(
		(forMs): Disturbance =>
			(at) => ({ kind: 'freeze', at: { ...at, when: 'after' }, forMs }),
	),
	(at) => ({ kind: 'reject', at, takesEffect: false, times: 1 }),
	(at) => ({ kind: 'reject', at, takesEffect: true, times: 1 }),
	...[9000, 70_000].map(
		(effectAfterMs): Disturbance =>
			(at) => ({ kind: 'reject', at, takesEffect: true, times: 1, effectAfterMs }),
	),
	...[2000, 70_000].map(
		(afterMs): Disturbance =>
			(at) => ({ kind: 'repeat', at, afterMs }),
	),
	(at) => ({ kind: 'kill', at, backAfterMs: 3000 }),
	(at) => ({ kind: 'kill', at: { ...at, when: 'after' }, backAfterMs: 3000 }),
];

/** Which alignments to try. */
export interface Alignments {
	/** Two or three runs that begin together. */
	runs: 2 | 3;
	/** How many disturbances meet their statements and requests. */
	disturbances: 0 | 1 | 2;
	/** Try only every n-th alignment, beginning with the first. */
	every?: number;
	/** Start no more of them after this time, by `performance.now()`. */
	endMs?: number;
}

/** How many alignments there are. */
export function countOf({ runs, disturbances }: Alignments): number {
	const places = runs * CALLS * DISTURBANCES.length;
	return OFFSETS.length * ROWS.length * BEGINNINGS.length * REQUESTS.length * places ** disturbances;
}

/** The storm with this number: each digit of the number chooses one property. */
export function alignmentOf(number: number, { runs, disturbances }: Alignments): Storm {
	let remaining = number;
	const choose = <Choice,>(choices: readonly Choice[]): Choice => {
		const choice = choices[remaining % choices.length] as Choice;
		remaining = Math.floor(remaining / choices.length);
		return choice;
	};
	const offsetMs = choose(OFFSETS);
	const rows = choose(ROWS);
	const beginning = choose(BEGINNINGS);
	const requestMs = choose(REQUESTS);
	const faults = numbersTo(disturbances).map(() => {
		const trigger = FIRST_TOGETHER + choose(numbersTo(runs));
		const nth = 1 + choose(numbersTo(CALLS));
		return choose(DISTURBANCES)({ trigger, meets: 'call', nth, when: 'before' });
	});
	const together = numbersTo(runs).map(
		(run): Trigger => ({
			id: FIRST_TOGETHER + run,
			atMs: FIRST_MS + run,
			worker: run,
			node: 0,
			group: { id: 1, beginMs: 100 + run * offsetMs },
		}),
	);
	return {
		seed: 7 + (number % 13),
		kind: 'mixed',
		database: number % 2 === 0 ? 'postgresql' : 'sqlite',
		customers: 24,
		nodes: 1,
		concurrency: 1,
		workers: numbersTo(3).map(() => ({ offsetMs: 0, steps: [] })),
		triggers: [...triggersBefore(beginning), ...together],
		changes: [...changesBefore(beginning), ...changesOf(rows, runs)],
		faults: [...faultsBefore(beginning), ...faults],
		service: {
			refused: 0,
			responseLost: 0,
			requestLost: 0,
			late: 0,
			requestMs: { min: 60, max: 60 },
			slower: { fromMs: FIRST_MS, requestMs: { min: requestMs, max: requestMs } },
		},
		statementMs: { min: 12, max: 12 },
		isRepeating: false,
		pushAgainAfterDays: 7,
		hasReceipts: false,
		asksAtFirstByte: false,
		beginsMs: 1_700_000_000_000,
		healEveryMs: 15_000,
	};
}

/** The first trigger of the runs that begin together; triggers with lower ids make the beginning. */
const FIRST_TOGETHER = 10;

function triggersBefore(beginning: (typeof BEGINNINGS)[number]): Trigger[] {
	const first: Trigger = { id: 0, atMs: 0, worker: 0, node: 0 };
	switch (beginning) {
		case 'nothing':
			return [];
		case 'state':
			return [first];
		case 'dead run':
			return [first, { id: 1, atMs: FIRST_MS - 20_000, worker: 1, node: 0 }];
	}
}

/** The run that dies has two customers to send and dies after the first. */
function changesBefore(beginning: (typeof BEGINNINGS)[number]): Change[] {
	if (beginning !== 'dead run') {
		return [];
	}
	return [0, 1].map((customer) => ({ atMs: FIRST_MS - 21_000, node: 0, customer, devices: 50 }));
}

function faultsBefore(beginning: (typeof BEGINNINGS)[number]): Fault[] {
	if (beginning !== 'dead run') {
		return [];
	}
	const at: AtStep = { trigger: 1, meets: 'request', nth: 2, when: 'before' };
	return [{ kind: 'kill', at, backAfterMs: 3000 }];
}

/** Each run reads its rows when its trigger starts it, one millisecond after the other. */
function changesOf(rows: (typeof ROWS)[number], runs: number): Change[] {
	const change = (run: number, devices: number): Change => ({
		atMs: FIRST_MS - 0.5 + run,
		node: 0,
		customer: 0,
		devices,
	});
	switch (rows) {
		case 'same':
			return [];
		case 'changed':
			return [change(0, 2), { ...change(0, 2), customer: 1 }];
		case 'newer each time':
			return numbersTo(runs).map((run) => change(run, 2 + run));
		case 'back again':
			return [change(0, 2), change(1, 1), { ...change(0, 2), customer: 1 }];
	}
}

function numbersTo(count: number): number[] {
	return Array.from({ length: count }, (_, number) => number);
}

/** How often each pair of a change to the lock row and its result occurred. */
export type PairsMet = ReadonlyMap<string, number>;

export interface Tried {
	count: number;
	broken: ReadonlyArray<{ number: number; violations: readonly Violation[] }>;
	pairs: PairsMet;
}

/** Runs that begin at any distance from each other, with disturbances at any of their statements and requests. */
export async function tryAlignments(alignments: Alignments): Promise<Tried> {
	const { every = 1, endMs = Infinity } = alignments;
	const broken: Array<{ number: number; violations: readonly Violation[] }> = [];
	const { pairs, stop } = countPairs();
	let count = 0;
	for (let number = 0; number < countOf(alignments) && performance.now() < endMs; number += every) {
		count += 1;
		const { violations } = await runStorm(alignmentOf(number, alignments));
		if (violations.length > 0) {
			broken.push({ number, violations });
		}
	}
	stop();
	return { count, broken, pairs };
}

/** All pairs of the lock's table. */
export function pairsOfTable(): string[] {
	return intents().flatMap((intent) => results(intent).map((result) => `${intent}, ${result}`));
}

/** Counts how often the lock looks up each pair of its table, until `stop` is called. */
function countPairs(): { pairs: PairsMet; stop: () => void } {
	const pairs = new Map(pairsOfTable().map((pair) => [pair, 0]));
	const restorers: Array<() => void> = [];
	for (const intent of intents()) {
		const row = STEPS_AFTER_ATTEMPT[intent];
		for (const result of results(intent)) {
			const next = row[result];
			const pair = `${intent}, ${result}`;
			const get = () => {
				pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
				return next;
			};
			Object.defineProperty(row, result, { get, configurable: true, enumerable: true });
			restorers.push(() =>
				Object.defineProperty(row, result, {
					value: next,
					configurable: true,
					enumerable: true,
					writable: true,
				}),
			);
		}
	}
	return {
		pairs,
		stop: () => {
			for (const restore of restorers) {
				restore();
			}
		},
	};
}

function intents(): ChangeIntent[] {
	return Object.keys(STEPS_AFTER_ATTEMPT) as ChangeIntent[];
}

function results(intent: ChangeIntent): AttemptResult[] {
	return Object.keys(STEPS_AFTER_ATTEMPT[intent]) as AttemptResult[];
}
