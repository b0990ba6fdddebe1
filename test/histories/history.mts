import type { DatabaseKind } from '../storms/dataTables.mts';
import type { Deed, Meets } from '../storms/storm.mts';

/** The rows of a run: for each customer a number that represents its devices. */
export type Values = Readonly<Record<string, number>>;

/**
 * The contents of the tables when a history begins.
 * - `closed`: a state of four customers, and a free row
 * - `first`: nothing
 * - `dead`: a run died while it sent, so two customers are in doubt
 * - `deadWithoutDoubt`: the row is owned by a run that has died, and the state has no customer in doubt
 */
export const BEGINNINGS = ['closed', 'first', 'dead', 'deadWithoutDoubt'] as const;
export type Beginning = (typeof BEGINNINGS)[number];

/**
 * How one statement or request can be disturbed.
 * - `slowEffect`, `slowResponse`: it takes effect late, or its response is late
 * - `lostResponse`: it takes effect, but the response is an error · `reject`: it fails
 * - `zombie`: the response is an error, and it takes effect later · `twice`: it takes effect a second time later
 * - `freezeBefore`, `freezeAfter`: the process is stopped · `killBefore`, `killAfter`: it dies
 */
export const DISTURBANCES = [
	'slowEffect',
	'slowResponse',
	'lostResponse',
	'reject',
	'zombie',
	'twice',
	'freezeBefore',
	'freezeAfter',
	'killBefore',
	'killAfter',
] as const;
export type DisturbanceKind = (typeof DISTURBANCES)[number];

/** A disturbance of the n-th step of a run, counted from 0. */
export interface Disturbance {
	run: number;
	/** Which steps are counted; by default statements and requests together. */
	meets?: Meets;
	nth: number;
	kind: DisturbanceKind;
	ms: number;
}

/** Two or three runs over the same tables, each in its own process, and their disturbances. */
export interface History {
	beginning: Beginning;
	/** When each run starts, milliseconds. */
	offsets: readonly number[];
	/** The final rows, for the undisturbed runs at the end. */
	final: Values;
	disturbances: readonly Disturbance[];
	person?: { atMs: number; deed: Deed };
	/** PostgreSQL by default. */
	database?: DatabaseKind;
	/** How long a run takes for each request, milliseconds; 4 s by default. */
	perRequestMs?: number;
}

/** The rows that the first state was made from. */
export const START: Values = { a: 0, b: 0, c: 0, d: 0 };

/** The rows of the first, second and third run: values change and change back, and customers come and go. `d` never changes. */
export const ROWS: readonly Values[] = [
	{ a: 1, b: 1, c: 0, d: 0, e: 0 },
	{ a: 0, b: 2, c: 1, d: 0 },
	{ a: 1, b: 0, c: 1, d: 0, f: 3 },
];
