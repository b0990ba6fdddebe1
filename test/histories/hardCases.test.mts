import { describe, expect, test } from '@jest/globals';
import { planStorm } from '../storms/planStorm.mts';
import { runStorm } from '../storms/runStorm.mts';
import { STORM_KINDS, type Deed } from '../storms/storm.mts';
import { START, type History } from './history.mts';
import { playHistory } from './playHistory.mts';

/** Of a run that finds a state, which statement or request is which: the first one is 0. */
const CALL = { list: 0, locks: 1, parts: 2, insertDoubt: 3, claim: 4, firstRequest: 5 };

function history(members: Partial<History>): History {
	return { beginning: 'closed', offsets: [0], final: START, disturbances: [], ...members };
}

async function expectWell(members: Partial<History>): Promise<void> {
	const { broken } = await playHistory(history(members));
	expect(broken).toEqual([]);
}

/** What has broken a state in a row once, each as a history of its own. What is about n8n itself runs in real n8n. */
describe('A state in a row', () => {
	test.each([7, 30, 3000])(
		'does not date a claim by the attempt that was answered: two answers in a row are late, and another run comes %i ms later',
		async (offset) => {
			const late = (nth: number) => ({ run: 0, nth, kind: 'slowAnswer', ms: 9000 }) as const;
			await expectWell({ offsets: [0, offset], disturbances: [late(CALL.claim), late(CALL.claim + 1)] });
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
				await expectWell({ offsets: [0, offset], final: { a: 0, b: 2, c: 1, d: 0 }, disturbances });
			}
		},
	);

	test('heals what a process sends that stood still before a request for longer than any takeover waits', async () => {
		const disturbances: History['disturbances'] = [
			{ run: 0, nth: CALL.firstRequest, kind: 'freezeBefore', ms: 70_000 },
		];
		await expectWell({ offsets: [0, 3000], disturbances });
		await expectWell({ offsets: [0, 3000], final: { a: 0, b: 2, c: 1, d: 0 }, disturbances });
	});

	test('survives that SQLite gives out ids again', async () => {
		for (const deed of ['delete all rows', 'delete the lock row', 'delete the newest part'] as const) {
			await expectWell({ database: 'sqlite', offsets: [0, 9000], person: { atMs: 2000, deed } });
		}
	});

	test.each([0, 7, 30])(
		'has one row where first runs meet, and one of them has sent: %i ms apart',
		async (offset) => {
			const disturbances: History['disturbances'] = [{ run: 0, nth: 12, kind: 'killBefore', ms: 0 }];
			await expectWell({ beginning: 'first', offsets: [0, offset, 24_000], disturbances });
		},
	);

	test('is not told as lost to another run when the answer to the last change was lost, and another run has come', async () => {
		const { broken, kept } = await playHistory(
			history({
				offsets: [0, 45_000],
				perRequestMs: 100,
				disturbances: Array.from({ length: 12 }, (_, index) => ({
					run: 0,
					nth: CALL.firstRequest + 3 + index,
					kind: 'slowAnswer',
					ms: 9000,
				})),
			}),
		);
		expect(broken).toEqual([]);
		expect(kept.get('R0')).toBe(true);
	});

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
