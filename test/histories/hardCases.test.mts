import { describe, expect, test } from '@jest/globals';
import { planStorm } from '../storms/planStorm.mts';
import { runStorm } from '../storms/runStorm.mts';
import { STORM_KINDS, type Deed, type StepKind } from '../storms/storm.mts';
import { START, type History } from './history.mts';
import { playHistory } from './playHistory.mts';

/** Of a run that finds a state, which statement or request is which: the first one is 0. Each test sees that it has met the right kind. */
const CALL = { claim: 5, firstRequest: 8, release: 16 };

function history(members: Partial<History>): History {
	return { beginning: 'closed', offsets: [0], final: START, disturbances: [], ...members };
}

/** @param kinds the steps that the disturbances are to meet, in the order of time */
async function expectWell(members: Partial<History>, kinds: readonly StepKind[] = []): Promise<void> {
	const { broken, met } = await playHistory(history(members));
	expect(broken).toEqual([]);
	expect(met).toEqual(kinds);
}

/** What has broken a state in a row once, each as a history of its own. What is about n8n itself runs in real n8n. */
describe('A state in a row', () => {
	test.each([7, 30, 3000])(
		'does not date a claim by the attempt that was answered: two answers in a row are late, and another run comes %i ms later',
		async (offset) => {
			const late = (nth: number) => ({ run: 0, nth, kind: 'slowAnswer', ms: 9000 }) as const;
			const disturbances = [late(CALL.claim), late(CALL.claim + 1)];
			await expectWell({ offsets: [0, offset], disturbances }, ['UPDATE', 'SELECT']);
		},
	);

	test('is known to have been there by whoever began with few customers: a table that is deleted sends nobody', async () => {
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

	test('leaves few parts behind twenty runs that were killed in a row', async () => {
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
		'is owned by one run although a person edits the row: $deed after $atMs ms',
		async (person) => {
			await expectWell({ offsets: [0, 3000], person });
			await expectWell({ offsets: [0, 24_000], person });
		},
	);

	test('frees a dead owner with nobody in doubt, when nothing has changed', async () => {
		await expectWell({ beginning: 'deadWithoutDoubt', offsets: [] });
	});

	test.each([14_000, 29_000])(
		'waits for a request of a run that has died: it is applied %i ms later, after the value has changed',
		async (ms) => {
			const disturbances: History['disturbances'] = [
				{ run: 0, nth: CALL.firstRequest, kind: 'slowEffect', ms },
				{ run: 0, nth: CALL.firstRequest + 1, kind: 'killBefore', ms: 0 },
			];
			for (const offset of [500, 3000, 9000]) {
				const final = { a: 0, b: 2, c: 1, d: 0 };
				await expectWell({ offsets: [0, offset], final, disturbances }, ['request', 'SELECT']);
			}
		},
	);

	test('heals what a process sends that stood still before a request for longer than any takeover waits', async () => {
		const disturbances: History['disturbances'] = [
			{ run: 0, nth: CALL.firstRequest, kind: 'freezeBefore', ms: 70_000 },
		];
		await expectWell({ offsets: [0, 3000], disturbances }, ['request']);
		const final = { a: 0, b: 2, c: 1, d: 0 };
		await expectWell({ offsets: [0, 3000], final, disturbances }, ['request']);
	});

	test('survives that SQLite gives out ids again', async () => {
		for (const deed of ['delete all rows', 'delete the lock row', 'delete the newest part'] as const) {
			await expectWell({ database: 'sqlite', offsets: [0, 9000], person: { atMs: 2000, deed } });
		}
	});

	test.each([0, 7, 30])(
		'has one row where first runs meet, and one of them has sent: %i ms apart',
		async (offset) => {
			// Whichever of the two sends dies before its second request.
			const disturbances = [0, 1].map((run) => {
				return { run, meets: 'request', nth: 1, kind: 'killBefore', ms: 0 } as const;
			});
			await expectWell({ beginning: 'first', offsets: [0, offset, 24_000], disturbances }, ['request']);
		},
	);

	test.each([
		{ offset: 30_000, late: 3, ended: ['R0', 'R1'] },
		{ offset: 20_000, late: 3, ended: ['R1', 'R0'] },
		{ offset: 40_000, late: 7, ended: ['R1', 'R0'] },
	])(
		'is not told as lost to another run when $late answers are late from the release on, and another run comes after $offset ms: $ended',
		async ({ offset, late, ended }) => {
			const disturbances = Array.from({ length: late }, (_, index) => {
				return { run: 0, nth: CALL.release + index, kind: 'slowAnswer', ms: 9000 } as const;
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
		'goes on after an approval, although a run was interrupted and somebody did this: %s',
		async (deed) => {
			await expectWell({ beginning: 'dead', offsets: [], person: { atMs: 100, deed } });
		},
	);
});
