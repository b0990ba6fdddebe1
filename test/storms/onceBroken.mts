import type { Storm } from './storm.mts';

/** A storm of two workers and 24 customers in which nothing goes wrong, to be given what does. */
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
		healEveryMs: 15_000,
		...members,
	};
}

/** Storms that have broken a promise once, made as small as they go. */
export const ONCE_BROKEN: ReadonlyArray<{ what: string; storm: Storm }> = [
	{
		what: 'A first run gives up since its entry in the deduplication store is answered late: its state is not lost',
		storm: storm({
			seed: 301_056,
			triggers: [{ id: 0, atMs: 0, worker: 0, node: 0 }],
			faults: [
				{
					kind: 'stall',
					at: { trigger: 0, meets: 'write', nth: 7, when: 'before' },
					of: 'response',
					forMs: 30_000,
				},
			],
		}),
	},
];
