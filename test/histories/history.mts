import type { DatabaseKind } from '../storms/dataTables.mts';
import type { Deed, Meets } from '../storms/storm.mts';

/** What the rows of a run say: of each customer a number that stands for its devices. */
export type Values = Readonly<Record<string, number>>;

/**
 * What stands in the tables when a history begins.
 * - `closed`: a state of four customers, and a free row
 * - `first`: nothing
 * - `dead`: a run died while it sent: two customers are in doubt
 * - `deadWithoutDoubt`: the row is owned by a run that has died, and the state has nobody in doubt
 */
export const BEGINNINGS = ['closed', 'first', 'dead', 'deadWithoutDoubt'] as const;
export type Beginning = (typeof BEGINNINGS)[number];

/**
 * What may become of one statement or request.
 * - `slowEffect`, `slowAnswer`: it takes effect late, or its answer comes late
 * - `lostAnswer`: it takes effect, and is answered as failed · `reject`: it fails
 * - `zombie`: it is answered as failed, and takes effect later · `twice`: it takes effect once more later
 * - `freezeBefore`, `freezeAfter`: the process stands still · `killBefore`, `killAfter`: it dies
 */
export const DISTURBANCES = [
	'slowEffect',
	'slowAnswer',
	'lostAnswer',
	'reject',
	'zombie',
	'twice',
	'freezeBefore',
	'freezeAfter',
	'killBefore',
	'killAfter',
] as const;
export type DisturbanceKind = (typeof DISTURBANCES)[number];

/** Of the n-th step of a run, the first one being 0. */
export interface Disturbance {
	run: number;
	/** Which steps are counted; left out, statements and requests together. */
	meets?: Meets;
	nth: number;
	kind: DisturbanceKind;
	ms: number;
}

/** Two or three runs over the same tables, each in a process of its own, and what disturbs them. */
export interface History {
	beginning: Beginning;
	/** When each run starts, milliseconds. */
	offsets: readonly number[];
	/** What the rows say in the end, when runs come that nothing disturbs. */
	final: Values;
	disturbances: readonly Disturbance[];
	person?: { atMs: number; deed: Deed };
	/** Left out, PostgreSQL. */
	database?: DatabaseKind;
	/** How long a run takes for each request, milliseconds; left out, 4 s. */
	perRequestMs?: number;
}

/** What everybody has at the beginning, unless there is no beginning. */
export const START: Values = { a: 0, b: 0, c: 0, d: 0 };

/** Of the first, second and third run: values change, go back, and customers come and go. Nobody changes `d`. */
export const ROWS: readonly Values[] = [
	{ a: 1, b: 1, c: 0, d: 0, e: 0 },
	{ a: 0, b: 2, c: 1, d: 0 },
	{ a: 1, b: 0, c: 1, d: 0, f: 3 },
];
