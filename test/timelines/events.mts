import fc from 'fast-check';
import type { OnError } from 'n8n-workflow';
import type { Fate } from './unreliableService.mts';

/** Accounts between which the user switches: another App Key, or another endpoint. */
export const ACCOUNTS = [
	{ appKey: 'one', path: '/a' },
	{ appKey: 'two', path: '/a' },
	{ appKey: 'one', path: '/b' },
] as const;

/** How a run is disturbed, at which request, database statement or wait; `count` says at which one. */
export type Cut =
	| { by: 'kill'; at: 'request' | 'before statement' | 'after statement'; count: number }
	| { by: 'cancel'; at: 'request' | 'sleep'; count: number }
	| ({ by: 'stall'; at: 'before statement' | 'after statement'; count: number } & Stall);

/** A statement or its response is late by this many seconds; in that time whole runs start and end, with newer rows. */
interface Stall {
	seconds: number;
	meanwhile: Array<{ customers: number[]; version: number }>;
}

/** Another run of the same node that starts while one is under way. */
export interface Other {
	/** In the same process or another one once `count` requests have arrived, or at the same moment as the first run. */
	where: 'same process' | 'other process' | 'same moment';
	count: number;
	/** The changes in its rows, which were read later. */
	customers: number[];
	version: number;
}

/** One run of the node. */
export interface RunEvent {
	kind: 'run';
	/** The fates of requests; customer and attempt decide which one applies. */
	fates: Fate[];
	cut: Cut | undefined;
	other: Other | undefined;
	onError: OnError;
	isRetried: boolean;
	outputItemPer: 'request' | 'row' | 'run';
	maxAttempts: number;
	concurrency: number;
	send: 'changed' | 'every';
	dryRun: boolean;
	stopAbove: number;
	pushAgainAfter: number;
	/** Whether each request takes one second and 'Longest Run' is three seconds. */
	isShort: boolean;
	account: number;
	/** Which column is mapped to the product's name. */
	mapping: 'ProductName' | 'Model';
	nodeName: 'Node' | 'Renamed';
	isReversed: boolean;
}

/** What happens between two runs. */
export type Event =
	| RunEvent
	| { kind: 'edit'; customers: number[]; version: number }
	| { kind: 'edit all'; version: number }
	| { kind: 'remove'; customers: number[] }
	| { kind: 'days'; days: number };

/** The number of customers of a CRM, and everything that happens to it and to the node. */
export interface Timeline {
	size: number;
	/** Whether each run has a report, so that its news can be judged. */
	isReported: boolean;
	events: Event[];
	/** Whether a push adds devices at the service instead of replacing them. */
	adds: boolean;
}

const rarely = <T,>(value: fc.Arbitrary<T>, otherwise: T, weight = 5): fc.Arbitrary<T> =>
	fc.oneof({ weight, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });

// One of a few sets, so that a customer often returns to an earlier one.
const version = fc.nat(2);
const customers = fc.array(fc.nat(9), { minLength: 1, maxLength: 5 });
const count = fc.integer({ min: 1, max: 12 });

const stall = fc.record({
	by: fc.constant('stall' as const),
	at: fc.constantFrom('before statement' as const, 'after statement' as const),
	count,
	seconds: fc.constantFrom(2, 5, 30, 60),
	meanwhile: fc.array(fc.record({ customers, version }), { maxLength: 2 }),
});

const cut: fc.Arbitrary<Cut | undefined> = fc.oneof(
	{ weight: 6, arbitrary: fc.constant(undefined) },
	{ weight: 1, arbitrary: stall },
	{
		weight: 2,
		arbitrary: fc.record({
			by: fc.constant('kill' as const),
			at: fc.constantFrom('request' as const, 'before statement' as const, 'after statement' as const),
			count,
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			by: fc.constant('cancel' as const),
			at: fc.constantFrom('request' as const, 'request' as const, 'sleep' as const),
			count: fc.integer({ min: 1, max: 5 }),
		}),
	},
);

const other: fc.Arbitrary<Other> = fc.record({
	where: fc.constantFrom('same process' as const, 'other process' as const, 'same moment' as const),
	count: fc.integer({ min: 1, max: 4 }),
	customers,
	version,
});

const GOOD: Fate[] = ['ok'];
const fate = fc.constantFrom<Fate>(
	...(['ok', 'ok', 'ok', 'lost', 'dropped', 'refused', 'throttled', 'unclear', 'foreign'] as const),
);

const run: fc.Arbitrary<RunEvent> = fc.record({
	kind: fc.constant('run'),
	fates: fc.oneof(fc.constant(GOOD), fc.array(fate, { minLength: 1, maxLength: 8 })),
	cut,
	other: rarely<Other | undefined>(other, undefined, 6),
	onError: fc.constantFrom<OnError>('continueErrorOutput', 'continueErrorOutput', 'stopWorkflow'),
	isRetried: rarely(fc.constant(true), false),
	outputItemPer: fc.constantFrom('request', 'row', 'run'),
	maxAttempts: fc.integer({ min: 1, max: 2 }),
	concurrency: fc.constantFrom(1, 3),
	send: rarely(fc.constant('every'), 'changed', 8),
	dryRun: rarely(fc.constant(true), false, 8),
	stopAbove: rarely(fc.constant(100), 50),
	pushAgainAfter: rarely(fc.constantFrom(0, 1), 7),
	isShort: rarely(fc.constant(true), false, 8),
	account: rarely(fc.nat(ACCOUNTS.length - 1), 0, 8),
	mapping: rarely(fc.constant('Model'), 'ProductName', 8),
	nodeName: rarely(fc.constant('Renamed'), 'Node', 3),
	isReversed: fc.boolean(),
});

const event: fc.Arbitrary<Event> = fc.oneof(
	{ weight: 8, arbitrary: run },
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('edit' as const), customers, version }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('edit all' as const), version }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), customers }) },
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 16 }) }),
	},
);

/** A run without any fault. */
export const FAULTLESS_RUN: RunEvent = {
	kind: 'run',
	fates: GOOD,
	cut: undefined,
	other: undefined,
	onError: 'continueErrorOutput',
	isRetried: false,
	outputItemPer: 'run',
	maxAttempts: 1,
	concurrency: 3,
	send: 'changed',
	dryRun: false,
	stopAbove: 100,
	pushAgainAfter: 7,
	isShort: false,
	account: 0,
	mapping: 'ProductName',
	nodeName: 'Node',
	isReversed: false,
};

const small: fc.Arbitrary<Timeline> = fc.record({
	size: fc.constant(8),
	isReported: fc.boolean(),
	events: fc.array(event, { minLength: 4, maxLength: 16 }),
	adds: fc.boolean(),
});

/** The safety checks need a state of a hundred customers, and a change of most of them. */
const large: fc.Arbitrary<Timeline> = fc
	.tuple(rarely(fc.integer({ min: 1, max: 2 }), 1, 1), fc.array(event, { maxLength: 5 }), fc.boolean())
	.map(([version, events, adds]) => ({
		size: 104,
		isReported: false,
		adds,
		events: [FAULTLESS_RUN, { kind: 'edit all', version }, ...events],
	}));

export const timelines: fc.Arbitrary<Timeline> = fc.oneof(
	{ weight: 9, arbitrary: small },
	{ weight: 1, arbitrary: large },
);
