import type { DatabaseKind } from './dataTables.mts';

/**
 * A storm as data, which can be printed, stored and made smaller. All times are virtual milliseconds since the storm
 * began.
 */
export interface Storm {
	/** Determines everything that is drawn while the storm runs. */
	seed: number;
	kind: StormKind;
	database: DatabaseKind;
	/** Customers of each Sync node at the beginning. */
	customers: number;
	/** Sync nodes of the workflow; each has its own customers, rows and triggers. */
	nodes: number;
	/** Customers that one run sends at the same time. */
	concurrency: number;
	workers: readonly WorkerPlan[];
	/** In the order of their times. */
	triggers: readonly Trigger[];
	changes: readonly Change[];
	faults: readonly Fault[];
	/** The service during the storm. */
	service: ServicePlan;
	/** How long a statement takes if nothing is slow. */
	statementMs: Range;
	/** Whether some writes take effect once more, later. */
	isRepeating: boolean;
	/** *Push Again After (Days)* of the node. */
	pushAgainAfterDays: number;
	/** Whether runs write receipts, as most do; then a customer counts as accepted only once its receipt is written. */
	hasReceipts: boolean;
	/**
	 * Whether a request checks right before its first byte that it may still be sent, as those of the pool do. Requests by n8n's request function
	 * check before their connection opens, so a process that is stopped after that sends them when it wakes.
	 */
	asksAtFirstByte: boolean;
	/** When it begins by a correct wall clock, Unix milliseconds; this decides which re-pushes become due during the storm. */
	beginsMs: number;
	/** The workflow starts this often after the storm. */
	healEveryMs: number;
	/** n8n's time limit for those runs; omitted if there is none. */
	healLimitMs?: number;
}

export interface Range {
	min: number;
	max: number;
}

/** The shares of requests with each fate, and how long requests take. */
export interface ServicePlan {
	refused: number;
	responseLost: number;
	requestLost: number;
	/** The service accepts these up to 29 s later, while the client still waits. */
	late: number;
	requestMs: Range;
	/** From this time on requests take longer. */
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
 * What a storm is about. Each has changed rows, values that change back, and wrong joins; half of them have a service that refuses
 * and loses requests.
 * - `calm`: nothing else
 * - `rejections`: statements fail, with or without effect · `restarts`: the database goes away for seconds
 * - `kills`, `freezes`, `pauses` of a worker: the clocks of a frozen process continue, those of a paused machine do not
 * - `slow`: every statement takes up to seconds · `stalls`: single ones take up to a minute
 * - `clocks`: wall clocks are wrong and are corrected · `limits`: n8n ends executions, or somebody stops them
 * - `mixed`: several of these
 * - `twins`, `threeAtOnce`: runs that begin together · `slowTwins`, `faultyTwins`: with a slow database, with faults
 * - `crowd`: a run with long requests, and other runs every few seconds
 * - `comingAndGoing`: before each run a tenth of the customers leaves and another tenth returns
 * - `manyCustomers`: 5,100
 * - `firstTwins`: two or three first runs begin together, with faults
 * - `smallFirstRuns`: the first run has three customers and is disturbed; later there are many
 * - `killedFirstRuns`: the first run is killed while it sends, and the next one has the rows of a wrong join
 * - `twoNodes`: two Sync nodes in one workflow, with kills and stalls
 * - `byHand`: half of the runs are started by a person in the editor
 * - `people`: a person edits or empties cells, deletes rows or the table, copies it
 * - `killsInARow`: twenty runs, each killed while it sends
 * - `lateInARow`: up to five statements of a run, one after the other, are late, and requests are late too
 * - `lateRequests`: a run dies while its request is under way, which the service accepts up to 29 s later, after a newer change
 * - `frozenRequests`: a process is frozen just before a request, for longer than any takeover wait
 * - `tenthOfACore`: every call of n8n takes seconds, in all processes
 * - `shortLimits`: n8n ends every execution before a takeover wait could be over
 * - `lateStarts`: runs wait with their rows for up to two minutes before they read the state, while other runs start and finish
 * - `rePushes`: with hours or days between them, runs are killed while they send, and each is followed soon by another one
 */
export type StormKind = (typeof STORM_KINDS)[number];

/** A process of n8n that runs workflows; if it is killed, it is started again. */
export interface WorkerPlan {
	/** How far its wall clock is ahead. */
	offsetMs: number;
	/** Corrections of its wall clock. */
	steps: ReadonlyArray<{ atMs: number; byMs: number }>;
}

/** A start of the workflow. */
export interface Trigger {
	/** Faults name the trigger by this id. */
	id: number;
	atMs: number;
	worker: number;
	node: number;
	/** After this time n8n ends the execution, or somebody stops it. */
	limitMs?: number;
	/** The number of the wrong join that its rows come from; the same number gives the same rows. */
	wrongJoin?: number;
	/** Runs of one group begin together, this long after the trigger. */
	group?: { id: number; beginMs: number };
	/** How long it waits with its rows before it reads the state, as a run does while others of its process start. */
	waitsMs?: number;
	/** Whether a person starts it in the editor. */
	isByHand?: boolean;
}

/** A change of a customer's rows; without devices the customer leaves. */
export interface Change {
	atMs: number;
	node: number;
	customer: number;
	devices?: number;
}

/**
 * The steps of a run that a fault can meet. A write is an INSERT, UPDATE or DELETE, a call is a statement or a request, and a step is anything but
 * reading the clock.
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
	/** The process does not proceed, but its clocks do. A supervisor that misses its heartbeat may kill it soon after it wakes. */
	| { kind: 'freeze'; forMs: number; killedAfterMs?: number }
	/** Its virtual machine is paused, so its monotonic clock stops too. */
	| { kind: 'pause'; forMs: number }
);

/** The statement is rejected, and so are the next statements of all workers: a number of them, or all for some time. */
export interface Reject {
	kind: 'reject';
	at: AtStep;
	takesEffect: boolean;
	/** It takes effect this long after its error response. */
	effectAfterMs?: number;
	times?: number;
	forMs?: number;
}

/** The statement or request takes longer, until its effect or until its response. */
export interface Stall {
	kind: 'stall';
	at: AtStep;
	of: 'effect' | 'response';
	forMs: number;
}

/** The statement or request takes effect a second time. */
export interface Repeat {
	kind: 'repeat';
	at: AtStep;
	afterMs: number;
}

export type FaultOfDatabase =
	/** Pending statements are lost, or only their responses are; new ones are rejected. */
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
