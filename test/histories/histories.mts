import { Chance } from '../storms/chance.mts';
import { DEEDS } from '../storms/storm.mts';
import {
	BEGINNINGS,
	DISTURBANCES,
	ROWS,
	START,
	type Disturbance,
	type DisturbanceKind,
	type History,
	type Values,
} from './history.mts';
import { playHistory } from './playHistory.mts';

/** How long after the first run the second one starts, milliseconds. */
const OFFSETS = [0, 7, 16, 30, 60, 500, 3000, 9000, 16_500, 24_000, 45_000] as const;
const TIMES_MS = [3000, 9000, 14_000, 23_000, 38_000, 70_000] as const;
const FINALS: readonly Values[] = [START, ROWS[1] ?? START, { a: 1, b: 1, c: 0, d: 0 }];
/** A run has at most about 36 statements and requests. A run that takes over reads the row with twelve of them. */
const CALLS = 36;

type TimedKind = Pick<Disturbance, 'kind' | 'ms'>;

const WITHOUT_TIME: ReadonlySet<DisturbanceKind> = new Set([
	'lostResponse',
	'reject',
	'killBefore',
	'killAfter',
] as const);

const TIMED_KINDS: readonly TimedKind[] = DISTURBANCES.flatMap((kind): TimedKind[] =>
	WITHOUT_TIME.has(kind) ? [{ kind, ms: 0 }] : TIMES_MS.map((ms) => ({ kind, ms })),
);

const range = (count: number) => Array.from({ length: count }, (_, number) => number);

/** Two runs, with one disturbance at any statement or request of either. */
function* oneDisturbance(): Iterable<History> {
	for (const beginning of BEGINNINGS) {
		for (const offset of OFFSETS) {
			for (const final of FINALS) {
				const plain = { beginning, offsets: [0, offset], final };
				yield { ...plain, disturbances: [] };
				for (const run of [0, 1]) {
					for (const nth of range(CALLS)) {
						for (const kind of TIMED_KINDS) {
							yield { ...plain, disturbances: [{ run, nth, ...kind }] };
						}
					}
				}
			}
		}
	}
}

/** Random histories with two disturbances each; in four of ten they meet two successive calls of one run. */
function* twoDisturbances(runs: 2 | 3, count: number): Iterable<History> {
	const chance = new Chance('histories', runs);
	const draw = (run: number): Disturbance => ({
		run,
		nth: chance.integer(0, CALLS - 1),
		...chance.pick(TIMED_KINDS),
	});
	for (const _ of range(count)) {
		const first = draw(chance.integer(0, runs - 1));
		const isSameRun = chance.is(0.4);
		const second = draw(isSameRun ? first.run : chance.integer(0, runs - 1));
		const nth = isSameRun ? first.nth + chance.integer(1, 2) : second.nth;
		yield {
			beginning: chance.pick(BEGINNINGS),
			offsets: [0, ...range(runs - 1).map(() => chance.pick(OFFSETS))],
			final: chance.pick(FINALS),
			disturbances: [first, { ...second, nth }],
		};
	}
}

/** A response and the look-up after it are both late or lost. */
function* lateResponseAndLookUp(): Iterable<History> {
	const kinds: readonly DisturbanceKind[] = ['slowEffect', 'slowResponse', 'lostResponse', 'reject'];
	const timedKinds = TIMED_KINDS.filter(({ kind }) => kinds.includes(kind));
	for (const beginning of ['closed', 'dead'] as const) {
		for (const offset of OFFSETS) {
			for (const nth of range(19)) {
				for (const first of timedKinds) {
					for (const second of timedKinds) {
						const disturbances = [
							{ run: 0, nth: nth + 1, ...first },
							{ run: 0, nth: nth + 2, ...second },
						];
						yield { beginning, offsets: [0, offset], final: START, disturbances };
					}
				}
			}
		}
	}
}

/** A run dies while its request is under way, which the service still applies. */
function* requestOfDeadRun(): Iterable<History> {
	for (const beginning of BEGINNINGS) {
		for (const offset of OFFSETS) {
			for (const final of FINALS) {
				for (const nth of range(17)) {
					for (const ms of TIMES_MS) {
						for (const next of [1, 2]) {
							const disturbances: Disturbance[] = [
								{ run: 0, nth: nth + 3, kind: 'slowEffect', ms },
								{ run: 0, nth: nth + 3 + next, kind: 'killBefore', ms: 0 },
							];
							yield { beginning, offsets: [0, offset], final, disturbances };
						}
					}
				}
			}
		}
	}
}

/** A person edits the tables at any moment. */
function* people(): Iterable<History> {
	for (const deed of DEEDS) {
		for (const beginning of BEGINNINGS) {
			for (const final of FINALS) {
				for (const offset of OFFSETS) {
					for (let atMs = 5; atMs < 60_000; atMs = Math.ceil(atMs * 1.6)) {
						yield { beginning, offsets: [0, offset], final, disturbances: [], person: { atMs, deed } };
					}
				}
			}
		}
	}
}

/** All histories of each kind; of the random ones, this many. */
export const HISTORIES = {
	'one disturbance at each statement': oneDisturbance,
	'two runs, two disturbances': () => twoDisturbances(2, 24_000),
	'three runs, two disturbances': () => twoDisturbances(3, 12_000),
	'a late answer and a late look after it': lateResponseAndLookUp,
	'a run dies with a request under way': requestOfDeadRun,
	'a person at any moment': people,
} as const satisfies Record<string, () => Iterable<History>>;

export type HistoryKind = keyof typeof HISTORIES;

/** The result of many histories. */
export interface Played {
	count: number;
	broken: Array<{ what: string[]; history: History }>;
}

/** Plays every n-th history of a kind. @param skip how many of them to skip first */
export async function playHistories(kind: HistoryKind, every: number, skip = 0): Promise<Played> {
	const broken: Played['broken'] = [];
	let number = -1 - skip;
	let count = 0;
	for (const history of HISTORIES[kind]()) {
		number += 1;
		if (number < 0 || number % every !== 0) {
			continue;
		}
		count += 1;
		const { broken: brokenPromises } = await playHistory(history);
		if (brokenPromises.length > 0) {
			broken.push({ what: brokenPromises, history });
		}
	}
	return { count, broken };
}
