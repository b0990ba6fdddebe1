import { explore, type Exploration } from './explore.mts';
import { Group, RowNames, type Content } from './rows.mts';
import type { RunSettings } from './world.mts';

/** What one run finds. */
interface Before {
	/** What stands in n8n's row, in words; undefined for no row. */
	names: string[] | undefined;
	service: Array<Content | undefined>;
}

type Trial = Pick<Exploration, 'answers' | 'faults'> & { sizes: number[]; runs: RunSettings[] };

/**
 * Runs that do not overlap, as many as anybody likes: every run is tried from every state in which another one may leave the
 * database and the service, until no new state comes up. A run may be left at any step, as if the process had died there.
 */
export async function followAll({ sizes, runs, ...trial }: Trial) {
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
