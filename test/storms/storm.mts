import type { DatabaseKind } from './dataTables.mts';

/**
 * What a storm consists of, as data: it can be printed, kept, and made smaller. All times are virtual milliseconds since the storm
 * began.
 */
export interface Storm {
	/** Everything that is drawn while the storm runs follows from it. */
	seed: number;
	kind: StormKind;
	database: DatabaseKind;
	/** Customers of each Sync node at the beginning. */
	customers: number;
	/** Sync nodes of the workflow; each has customers, rows and triggers of its own. */
	nodes: number;
	/** Customers that one run sends at the same time. */
	concurrency: number;
	workers: readonly WorkerPlan[];
	/** In the order of their times. */
	triggers: readonly Trigger[];
	changes: readonly Change[];
	faults: readonly Fault[];
	/** While the storm lasts. */
	service: ServicePlan;
	/** How long a statement takes where nothing is slow. */
	statementMs: Range;
	/** Whether some writes take effect once more, later. */
	isRepeating: boolean;
	/** *Push Again After (Days)* of the node. */
	pushAgainAfterDays: number;
	/** Whether runs write receipts, as most do: then nobody counts as accepted before his receipt stands. */
	hasReceipts: boolean;
	/**
	 * Whether a request asks whether it may still leave right before its first byte, as those of the pool do. Those by n8n's request function
	 * ask before their connection opens: a process that stands still after that sends them when it wakes.
	 */
	asksAtFirstByte: boolean;
	/** When it begins by a right wall clock, Unix milliseconds: that decides whose re-push is due while it lasts. */
	beginsMs: number;
	/** The workflow starts this often after the storm. */
	healEveryMs: number;
	/** n8n's time limit of those runs; left out for none. */
	healLimitMs?: number;
}

export interface Range {
	min: number;
	max: number;
}

/** What becomes of requests: shares of 1, and how long they take. */
export interface ServicePlan {
	refused: number;
	responseLost: number;
	requestLost: number;
	/** The service accepts them up to 29 s later: the client still waits. */
	late: number;
	requestMs: Range;
	/** Requests take that long from a time on. */
	slower?: { fromMs: number; requestMs: Range };
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
	'comingAndGoing',
	'manyCustomers',
	'firstTwins',
	'smallFirstRuns',
	'killedFirstRuns',
	'twoNodes',
	'byHand',
	'people',
	'killsInARow',
	'lateInARow',
	'lateRequests',
	'frozenRequests',
	'tenthOfACore',
	'shortLimits',
	'rePushes',
	'lateStarts',
] as const;

/**
 * What a storm is about. Each one has changes of rows, values that go back, and wrong joins; half of them have a service that refuses
 * and loses requests.
 * - `calm`: nothing else
 * - `rejections`: statements fail, with or without effect · `restarts`: the database goes away for seconds
 * - `kills`, `freezes`, `pauses` of a worker: a frozen process has clocks that go on, a paused machine has not
 * - `slow`: every statement takes up to seconds · `stalls`: single ones take up to a minute
 * - `clocks`: wall clocks are wrong and are corrected · `limits`: n8n ends executions, or somebody stops them
 * - `mixed`: several of these
 * - `twins`, `threeAtOnce`: runs that begin together · `slowTwins`, `faultyTwins`: with a slow database, with faults
 * - `crowd`: a run with long requests, and others every few seconds
 * - `comingAndGoing`: a tenth of the customers leave and others come, all the time
 * - `manyCustomers`: 5,100
 * - `firstTwins`: two or three runs begin together where none was before, with faults
 * - `smallFirstRuns`: the first run has three customers and is disturbed; later there are many
 * - `killedFirstRuns`: the first run is killed while it sends, and the next one has the rows of a wrong join
 * - `twoNodes`: two Sync nodes in one workflow, with kills and stalls
 * - `byHand`: half of the runs are started by a person in the editor
 * - `people`: a person edits or empties cells, deletes rows or the table, copies it
 * - `killsInARow`: twenty runs, each killed while it sends
 * - `lateInARow`: up to five statements of a run, one after the other, are late by 9 s or more each, and requests are late, too
 * - `lateRequests`: a run dies while its request is under way, which the service accepts up to 29 s later, after a newer change
 * - `frozenRequests`: a process stands still just before a request, for longer than any takeover wait
 * - `tenthOfACore`: every call of n8n takes seconds, in all processes
 * - `shortLimits`: n8n ends every execution before a takeover wait could be over
 * - `lateStarts`: runs wait for up to two minutes with their rows before they look at the state, and others come and go meanwhile
 * - `rePushes`: hours or days lie between runs, each is killed while it sends, and the next one comes soon
 */
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
	node: number;
	/** After this time n8n ends the execution, or somebody stops it. */
	limitMs?: number;
	/** The number of the wrong join that its rows come from; those of one number are the same. */
	wrongJoin?: number;
	/** Those of one group begin their runs together, this long after the trigger. */
	group?: { id: number; beginMs: number };
	/** So long it waits with its rows before it looks at the state, as behind other runs of its process. */
	waitsMs?: number;
	/** A person starts it in the editor. */
	isByHand?: boolean;
}

/** A customer's rows change; without devices, it goes. */
export interface Change {
	atMs: number;
	node: number;
	customer: number;
	devices?: number;
}

/**
 * What a run does that a fault can meet. A write is an INSERT, UPDATE or DELETE; a call a statement or a request; a step anything but a
 * look at the clock.
 */
export type StepKind = Statement | 'sleep' | 'request' | 'clock';
export type Statement = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
export type Meets = StepKind | 'write' | 'statement' | 'call' | 'step';

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
	/** It takes effect this long after it was answered as failed. */
	effectAfterMs?: number;
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

/** It takes effect once more. */
export interface Repeat {
	kind: 'repeat';
	at: AtStep;
	afterMs: number;
}

export type FaultOfDatabase =
	/** Statements under way are lost, or only their response is; all others are rejected. */
	| { kind: 'restart'; at: AtStep | { atMs: number }; forMs: number }
	/** Every statement takes this long. */
	| { kind: 'slow'; fromMs: number; untilMs: number; minMs: number; maxMs: number };

export const DEEDS = [
	'write nobody as owner',
	'write somebody as owner',
	'empty the owner',
	'empty the stamp',
	'empty the pointer',
	'edit the report',
	'edit the newest part',
	'delete the newest part',
	'delete the oldest part',
	'delete the lock row',
	'delete all rows',
	'delete the table',
	'delete the state table',
	'rename the table',
	'copy the table and touch the copy',
] as const;
/** What a person does to the tables on n8n's screen. */
export type Deed = (typeof DEEDS)[number];

export interface FaultOfPerson {
	kind: 'person';
	at: { atMs: number };
	deed: Deed;
}

export type Fault = FaultOfWorker | Reject | Stall | Repeat | FaultOfDatabase | FaultOfPerson;
