import type { Fault, Storm } from './storm.mts';

/** A storm of two workers and 24 customers without faults, to which `members` add some. */
function storm(members: Pick<Storm, 'seed' | 'triggers'> & Partial<Storm>): Storm {
	return {
		kind: 'mixed',
		database: 'sqlite',
		customers: 24,
		nodes: 1,
		concurrency: 1,
		workers: [
			{ offsetMs: 0, steps: [] },
			{ offsetMs: 0, steps: [] },
		],
		changes: [],
		faults: [],
		service: { refused: 0, responseLost: 0, requestLost: 0, late: 0, requestMs: { min: 20, max: 300 } },
		statementMs: { min: 5, max: 50 },
		isRepeating: false,
		pushAgainAfterDays: 7,
		hasReceipts: false,
		asksAtFirstByte: false,
		beginsMs: 1_700_000_000_000,
		healEveryMs: 15_000,
		...members,
	};
}

/** Storms that once broke a promise, reduced as far as possible. */
export const ONCE_BROKEN: ReadonlyArray<{ what: string; storm: Storm }> = [
	{
		what: 'If a first run gives up because the response for its entry in the deduplication store is late, its state does not count as lost',
		storm: storm({
			seed: 301_056,
			triggers: [{ id: 0, atMs: 0, worker: 0, node: 0 }],
			faults: [
				{
					kind: 'stall',
					at: { trigger: 0, meets: 'write', nth: 6, when: 'before' },
					of: 'response',
					forMs: 30_000,
				},
			],
		}),
	},
	{
		what: 'A run whose claim is answered after 32 s and whose request is accepted 29 s later is safe from a run that takes over in between',
		storm: storm({
			seed: 1,
			database: 'postgresql',
			statementMs: { min: 12, max: 12 },
			triggers: [
				{ id: 0, atMs: 0, worker: 0, node: 0 },
				{ id: 1, atMs: 60_000, worker: 0, node: 0, group: { id: 0, beginMs: 100 } },
				{ id: 2, atMs: 60_100, worker: 1, node: 0, group: { id: 0, beginMs: 70 } },
				{ id: 3, atMs: 150_000, worker: 1, node: 0 },
			],
			changes: [
				{ atMs: 59_000, node: 0, customer: 0, devices: 2 },
				{ atMs: 60_050, node: 0, customer: 0, devices: 3 },
			],
			faults: [
				// UPDATE and look-up of the first attempt; after its two other statements UPDATE and look-up of the second one; then all that follows.
				// The look-up consists of two statements.
				lateStatement(6, 'response', 100_000),
				lateStatement(7, 'response', 100_000),
				lateStatement(10, 'response', 100_000),
				lateStatement(11, 'response', 7500),
				...[13, 14, 15, 16, 17, 18, 19, 20, 21].map((nth) => lateStatement(nth, 'effect', 200_000)),
				{
					kind: 'stall',
					at: { trigger: 1, meets: 'request', nth: 1, when: 'before' },
					of: 'effect',
					forMs: 29_000,
				},
			],
		}),
	},
	{
		what: 'Only one of two first runs sends if one claims its lock row while the other one, whose row has a smaller id, deletes it',
		storm: storm({
			seed: 1,
			kind: 'firstTwins',
			database: 'postgresql',
			statementMs: { min: 12, max: 12 },
			triggers: [
				{ id: 0, atMs: 0, worker: 0, node: 0, group: { id: 0, beginMs: 100 } },
				{ id: 1, atMs: 0, worker: 1, node: 0, group: { id: 0, beginMs: 85 } },
			],
			faults: [
				// Its lock row: PostgreSQL draws the id at once, but the row appears only after the other run has looked for rows.
				{
					kind: 'stall',
					at: { trigger: 1, meets: 'INSERT', nth: 3, when: 'before' },
					of: 'effect',
					forMs: 70,
				},
				{
					kind: 'stall',
					at: { trigger: 1, meets: 'DELETE', nth: 1, when: 'before' },
					of: 'effect',
					forMs: 500,
				},
			],
		}),
	},
	{
		what: 'A table that is emptied counts as a loss even if a DELETE in the deduplication store takes effect once more while a first run sends',
		storm: storm({
			seed: 4_000_223,
			kind: 'people',
			database: 'postgresql',
			isRepeating: true,
			triggers: [
				{ id: 0, atMs: 0, worker: 0, node: 0 },
				{ id: 2, atMs: 63_055, worker: 1, node: 0, wrongJoin: 2 },
			],
			faults: [{ kind: 'person', at: { atMs: 45_479 }, deed: 'delete all rows' }],
			service: { refused: 0, responseLost: 0, requestLost: 0, late: 0, requestMs: { min: 20, max: 3000 } },
			healEveryMs: 5000,
		}),
	},
	{
		what: 'If a person renames the table and approves the loss while a run sends, the next run waits until no other can be sending',
		storm: storm({
			seed: 7_203_533,
			kind: 'people',
			triggers: [{ id: 0, atMs: 0, worker: 0, node: 0 }],
			changes: [{ atMs: 49_151, node: 0, customer: 3, devices: 5 }],
			faults: [
				{ kind: 'person', at: { atMs: 44_531 }, deed: 'delete the newest part' },
				{ kind: 'person', at: { atMs: 78_080 }, deed: 'rename the table' },
			],
			service: { refused: 0, responseLost: 0, requestLost: 0, late: 0, requestMs: { min: 20, max: 3000 } },
			healEveryMs: 2000,
		}),
	},
	{
		what: 'If a request takes 29 s and its run loses the table, the run that sends every customer after that loss waits for it',
		storm: storm({
			seed: 2,
			kind: 'people',
			triggers: [{ id: 0, atMs: 0, worker: 0, node: 0 }],
			changes: [{ atMs: 4000, node: 0, customer: 0, devices: 5 }],
			faults: [
				{
					kind: 'stall',
					at: { trigger: 0, meets: 'request', nth: 1, when: 'before' },
					of: 'effect',
					forMs: 29_000,
				},
				{ kind: 'person', at: { atMs: 3000 }, deed: 'rename the table' },
			],
			healEveryMs: 2000,
		}),
	},
	{
		what: 'No customer is sent before it is named in doubt, even if the database is slow at that and the run is killed',
		storm: storm({
			seed: 3,
			customers: 700,
			triggers: [0, 1, 2].map((id) => ({ id, atMs: 60_000 * id, worker: 0, node: 0 })),
			// Values go back, so what was accepted before looks unchanged to a run that does not know of the killed one.
			changes: [
				{ atMs: 50_000, devices: 1 },
				{ atMs: 110_000, devices: 2 },
				{ atMs: 130_000, devices: 1 },
			].flatMap((change) => Array.from({ length: 100 }, (_, customer) => ({ ...change, node: 0, customer }))),
			faults: [
				{ kind: 'slow', fromMs: 120_600, untilMs: 140_000, minMs: 6000, maxMs: 6000 },
				{
					kind: 'kill',
					at: { trigger: 2, meets: 'request', nth: 90, when: 'after' },
					backAfterMs: 5000,
				},
			],
			service: { refused: 0, responseLost: 0, requestLost: 0, late: 0, requestMs: { min: 20, max: 20 } },
		}),
	},
	{
		what: 'If a process is stopped right after a run begins, its rows are as old as the run, not as its first look at the lock row',
		storm: storm({
			seed: 8_001_042,
			kind: 'freezes',
			database: 'postgresql',
			triggers: [{ id: 20, atMs: 155_247, worker: 0, node: 0 }],
			changes: [{ atMs: 209_772, node: 0, customer: 1, devices: 8 }],
			faults: [
				{
					kind: 'freeze',
					at: { trigger: 20, meets: 'clock', nth: 2, when: 'before' },
					forMs: 92_502,
					killedAfterMs: 894,
				},
			],
			healEveryMs: 2000,
		}),
	},
];

function lateStatement(nth: number, of: 'effect' | 'response', forMs: number): Fault {
	return { kind: 'stall', at: { trigger: 1, meets: 'statement', nth, when: 'before' }, of, forMs };
}
