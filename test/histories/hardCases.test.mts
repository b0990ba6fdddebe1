import { describe, expect, test } from '@jest/globals';
import { planStorm } from '../storms/planStorm.mts';
import { runStorm } from '../storms/runStorm.mts';
import { STORM_KINDS, type Deed, type StepKind } from '../storms/storm.mts';
import { START, type History } from './history.mts';
import { playHistory } from './playHistory.mts';

/** The numbers of some statements and requests of a run that finds a state, counted from 0. Each test checks that it met the right kind. */
const CALL = { claim: 5, firstRequest: 8, release: 16 };

function history(members: Partial<History>): History {
	return { beginning: 'closed', offsets: [0], final: START, disturbances: [], ...members };
}

/** @param kinds the steps that the disturbances must meet, in the order of time */
async function expectNothingBroken(
	members: Partial<History>,
	kinds: readonly StepKind[] = [],
): Promise<void> {
	const { broken, met } = await playHistory(history(members));
	expect(broken).toEqual([]);
	expect(met).toEqual(kinds);
}

/** Histories that once broke a state with a lock row. Cases that depend on n8n itself run in real n8n. */
describe('A state with a lock row', () => {
	test.each([7, 30, 3000])(
		'counts a claim from its first attempt: two successive responses are late, and another run starts %i ms later',
		async (offset) => {
			const late = (nth: number) => ({ run: 0, nth, kind: 'slowResponse', ms: 9000 }) as const;
			const disturbances = [late(CALL.claim), late(CALL.claim + 1)];
			await expectNothingBroken({ offsets: [0, offset], disturbances }, ['UPDATE', 'SELECT']);
		},
	);

	test('is known to have existed even if it had few customers: after the table is deleted, the next run sends nothing', async () => {
		const { pushes } = await playHistory(
			history({
				beginning: 'first',
				offsets: [0, 45_000],
				perRequestMs: 100,
				person: { atMs: 30_000, deed: 'delete the table' },
			}),
		);
		expect(pushes.filter(({ run }) => run === 'R0')).toHaveLength(5);
		expect(pushes.filter(({ run }) => run === 'R1')).toEqual([]);
	});

	test('has few parts after twenty successive runs were killed', async () => {
		let killed = 0;
		for (const number of [1000, 1001, 1002, 1003, 1004]) {
			const seed = STORM_KINDS.length * number + STORM_KINDS.indexOf('killsInARow');
			const { violations, kills, mostRows } = await runStorm(planStorm(seed));
			expect(violations).toEqual([]);
			expect(mostRows).toBeLessThan(20);
			killed += kills;
		}
		expect(killed).toBeGreaterThan(20);
	});

	const EDITS: readonly Deed[] = [
		'write nobody as owner',
		'write somebody as owner',
		'empty the owner',
		'empty the stamp',
	];
	test.each(EDITS.flatMap((deed) => [100, 5000, 20_000].map((atMs) => ({ deed, atMs }))))(
		'is owned by only one run even if a person edits the row: $deed after $atMs ms',
		async (person) => {
			await expectNothingBroken({ offsets: [0, 3000], person });
			await expectNothingBroken({ offsets: [0, 24_000], person });
		},
	);

	test('is freed from a dead owner even if no customer is in doubt and nothing has changed', async () => {
		await expectNothingBroken({ beginning: 'deadWithoutDoubt', offsets: [] });
	});

	test.each([14_000, 29_000])(
		'makes the next run wait for a request of a dead run, which is applied %i ms later, after the value has changed',
		async (ms) => {
			const disturbances: History['disturbances'] = [
				{ run: 0, nth: CALL.firstRequest, kind: 'slowEffect', ms },
				{ run: 0, nth: CALL.firstRequest + 1, kind: 'killBefore', ms: 0 },
			];
			for (const offset of [500, 3000, 9000]) {
				const final = { a: 0, b: 2, c: 1, d: 0 };
				await expectNothingBroken({ offsets: [0, offset], final, disturbances }, ['request', 'SELECT']);
			}
		},
	);

	test('recovers from the request of a process that was stopped before it for longer than any takeover wait', async () => {
		const disturbances: History['disturbances'] = [
			{ run: 0, nth: CALL.firstRequest, kind: 'freezeBefore', ms: 70_000 },
		];
		await expectNothingBroken({ offsets: [0, 3000], disturbances }, ['request']);
		const final = { a: 0, b: 2, c: 1, d: 0 };
		await expectNothingBroken({ offsets: [0, 3000], final, disturbances }, ['request']);
	});

	test('survives that SQLite reuses ids', async () => {
		for (const deed of ['delete all rows', 'delete the lock row', 'delete the newest part'] as const) {
			await expectNothingBroken({ database: 'sqlite', offsets: [0, 9000], person: { atMs: 2000, deed } });
		}
	});

	test.each([0, 7, 30])(
		'has one row if two first runs start %i ms apart and the one that sends dies',
		async (offset) => {
			// Whichever of the two sends dies before its second request.
			const disturbances = [0, 1].map((run) => {
				return { run, meets: 'request', nth: 1, kind: 'killBefore', ms: 0 } as const;
			});
			await expectNothingBroken({ beginning: 'first', offsets: [0, offset, 24_000], disturbances }, [
				'request',
			]);
		},
	);

	test.each([
		{ offset: 30_000, late: 3, ended: ['R0', 'R1'] },
		{ offset: 20_000, late: 3, ended: ['R1', 'R0'] },
		{ offset: 40_000, late: 7, ended: ['R1', 'R0'] },
	])(
		'is not reported as lost if $late responses are late from the release on, and another run starts after $offset ms: $ended',
		async ({ offset, late, ended }) => {
			const disturbances = Array.from({ length: late }, (_, index) => {
				return { run: 0, nth: CALL.release + index, kind: 'slowResponse', ms: 9000 } as const;
			});
			const { broken, kept, met } = await playHistory(history({ offsets: [0, offset], disturbances }));
			expect(broken).toEqual([]);
			expect(met.slice(0, 3)).toEqual(['UPDATE', 'SELECT', 'SELECT']);
			const runs = [...kept].filter(([run]) => ended.includes(run));
			expect(runs).toEqual(ended.map((run) => [run, true]));
		},
	);

	test.each([
		'delete the newest part',
		'delete the oldest part',
		'edit the newest part',
		'delete the state table',
	] as const)(
		'works again after an approval, even if a run was interrupted and a person did this: %s',
		async (deed) => {
			await expectNothingBroken({ beginning: 'dead', offsets: [], person: { atMs: 100, deed } });
		},
	);
});
