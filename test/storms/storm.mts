/**
 * What a storm consists of, as data: it can be printed, kept, and made smaller. All times are virtual, milliseconds since
 * the storm began.
 */
export interface Storm {
	/** All that is drawn while the storm runs follows from it. */
	seed: number;
	kind: StormKind;
	customers: number;
	/** Customers that one run sends at the same time. */
	concurrency: number;
	workers: readonly WorkerPlan[];
	/** In the order of their times. */
	triggers: readonly Trigger[];
	changes: readonly Change[];
	faults: readonly Fault[];
	/** Of each request, while the storm lasts. */
	service: { refused: number; responseLost: number; requestLost: number };
	/** How often the workflow starts after the storm, and n8n's time limit of these runs. */
	healEveryMs: number;
	/** A request takes this many times as long; left out, once. */
	slowness?: number;
	limitMs?: number | undefined;
	/** Whether some statements take effect once more, later. */
	isRepeating?: boolean;
}

export const STORM_KINDS = [
	'calm',
	'rejections',
	'restarts',
	'kills',
	'freezes',
	'pauses',
	'slow',
	'stalls',
	'clocks',
	'limits',
	'mixed',
	'twins',
	'threeAtOnce',
	'slowTwins',
	'faultyTwins',
	'crowd',
] as const;

/**
 * Which faults of the machinery it has, or how its triggers come: two or three within the time of a statement, also of a slow
 * database or with faults; or every few seconds while a run with long requests is under way. Each has changes of rows, wrong joins and faults of the service. */
export type StormKind = (typeof STORM_KINDS)[number];

/** A process of n8n that runs workflows; one that was killed is started again. */
export interface WorkerPlan {
	/** How far its wall clock is ahead. */
	offsetMs: number;
	/** Corrections of its wall clock. */
	steps: ReadonlyArray<{ atMs: number; byMs: number }>;
}

/** The workflow is started. */
export interface Trigger {
	/** What faults name it by. */
	id: number;
	atMs: number;
	worker: number;
	/** After this time it is cancelled, by n8n's time limit or by somebody. */
	limitMs?: number;
	/** The number of the wrong join that its rows come from; those of one number are the same. */
	wrongJoin?: number;
	/** Those of one group begin their runs together, so long after the trigger. */
	group?: { id: number; beginMs: number };
}

/** A customer's rows change; without devices, it goes. */
export interface Change {
	atMs: number;
	customer: number;
	devices?: number;
}

/** What a run does that a fault can meet. A write is an INSERT, UPDATE or DELETE; a step anything but a look at the clock. */
export type StepKind = Statement | 'sleep' | 'request' | 'clock';
export type Statement = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
export type Meets = StepKind | 'write' | 'step';

/** At the n-th of such steps of the run of a trigger, before it is taken or just afterwards. */
export interface AtStep {
	trigger: number;
	meets: Meets;
	nth: number;
	when: 'before' | 'after';
}

/** At a time, in a worker. */
export interface AtTime {
	atMs: number;
	worker: number;
}

export type FaultOfWorker = { at: AtStep | AtTime } & (
	| { kind: 'kill'; backAfterMs: number }
	/** Nothing of the process proceeds; its clocks do. Somebody who misses a heartbeat may kill it soon after it wakes. */
	| { kind: 'freeze'; forMs: number; killedAfterMs?: number }
	/** Its virtual machine is paused: the monotonic clock stands still, too. */
	| { kind: 'pause'; forMs: number }
);

/** It is rejected, and so are the next ones of all workers: some, or all for a while. */
export interface Reject {
	kind: 'reject';
	at: AtStep;
	takesEffect: boolean;
	times?: number;
	forMs?: number;
}

/** It takes longer, until it takes effect or until the response comes. */
export interface Stall {
	kind: 'stall';
	at: AtStep;
	of: 'effect' | 'response';
	forMs: number;
}

export type FaultOfDatabase =
	/** Statements under way are lost, or only their response is; all others are rejected. */
	| { kind: 'restart'; at: AtStep | { atMs: number }; forMs: number }
	/** Every statement takes so long. */
	| { kind: 'slow'; fromMs: number; untilMs: number; minMs: number; maxMs: number };

export type Fault = FaultOfWorker | Reject | Stall | FaultOfDatabase;
