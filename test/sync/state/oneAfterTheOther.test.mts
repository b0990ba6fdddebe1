import { describe, expect, test } from '@jest/globals';
import { explore, type Exploration } from './explore.mts';
import { Group, RowNames, type Content } from './rows.mts';
import type { RunSettings } from './world.mts';

/** `SYNC_MODEL=full` tries two faults in each run, and more runs, in some minutes. */
const IS_FULL = process.env.SYNC_MODEL === 'full';

/** What one run finds. */
interface Before {
	/** What stands in n8n's row, in words; undefined for no row. */
	names: string[] | undefined;
	service: Array<Content | undefined>;
}

type Trial = Pick<Exploration, 'answers' | 'faults' | 'looks'> & { sizes: number[]; runs: RunSettings[] };

/**
 * Runs that do not overlap, as many as anybody likes: every run is tried from every state in which another one may leave the
 * database and the service, until no new state comes up. A run may be left at any step, as if the process had died there.
 */
async function followAll({ sizes, runs, ...trial }: Trial) {
	const groups = sizes.map((size, index) => new Group(`group${index}-`, size));
	const names = new RowNames(groups);
	const seen = new Set<string>();
	const found = { befores: 0, states: 0, skipped: 0, wrong: [] as string[] };
	const befores: Before[] = [{ names: undefined, service: groups.map(() => undefined) }];
	for (let before = befores.pop(); before !== undefined; before = befores.pop()) {
		const key = JSON.stringify(before);
		if (seen.has(key)) continue;
		seen.add(key);
		for (const run of runs) {
			found.states += await explore({
				...trial,
				groups,
				start: { row: before.names && names.create(before.names), service: before.service },
				runs: [run],
				between: 0,
				dies: false,
				visit: (world, trace) => {
					const [process] = world.processes;
					found.skipped += process!.skipped.length;
					if (process!.wronglySkipped.length > 0) found.wrong.push(`${key} ${JSON.stringify(run)}\n${trace}`);
					befores.push({ names: names.describe(world.row), service: [...world.service] });
				},
			});
		}
	}
	return { ...found, befores: seen.size };
}

describe('Of runs that do not overlap, none skips a customer of whom the service has something else', () => {
	test('whatever becomes of each request, each statement of the database and each process', async () => {
		const found = await followAll({
			sizes: [1],
			runs: [{ contents: ['A'] }, { contents: ['B'] }, { contents: [undefined] }],
			answers: ['accepted', 'refused', 'answerLost', 'requestLost'],
			faults: IS_FULL ? 2 : 1,
			looks: IS_FULL ? 1 : 0,
		});
		expect(found.wrong).toEqual([]);
		// It does skip, and has met sync states of every kind.
		expect(found.skipped).toBeGreaterThan(10);
		expect(found.befores).toBeGreaterThan(30);
	}, 600_000);

	test('also where safety check stop runs, users let them pass and Dry Runs look in between', async () => {
		const all: RunSettings[] = [{ contents: ['A', 'A'] }, { contents: ['B', 'B'] }, { contents: ['A', 'B'] }];
		const some: RunSettings = { contents: ['A', undefined] };
		const found = await followAll({
			sizes: [3, 97],
			runs: [
				...[...all, some].map((run) => ({ ...run, stopAbove: 50 })),
				...(IS_FULL ? [...all, some] : all.slice(1)),
				{ contents: ['B', 'A'], stopAbove: 50, dryRun: true },
			],
			answers: IS_FULL ? ['accepted', 'refused', 'answerLost'] : ['accepted', 'answerLost'],
			faults: 0,
			looks: 0,
		});
		expect(found.wrong).toEqual([]);
		expect(found.skipped).toBeGreaterThan(10);
		expect(found.befores).toBeGreaterThan(30);
	}, 3_000_000);
});
