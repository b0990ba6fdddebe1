import { describe, expect, test } from '@jest/globals';
import { ringDue, runAlone } from './drive.mts';
import type { Content } from './rows.mts';
import { groups, isWrong, names, STARTS } from './twoRuns.mts';
import { World, type RunSettings, type Step, type WorldState } from './world.mts';

/** A statement that does not come back: the process is paused as well, or its clock goes on. */
const STALLS = ['before it, paused', 'before it', 'after it, paused', 'after it'] as const;

interface Trial {
	start: WorldState;
	/** The run whose statement stalls. */
	victim: RunSettings;
	/** The runs that come and end meanwhile, one after the other. */
	others: RunSettings[];
	/** Which of its steps, from 0. */
	at: number;
	how: (typeof STALLS)[number];
	/** How much time passes beside that of the others, milliseconds. */
	ms: number;
}

/** @returns undefined when the run has fewer steps */
async function stalled({ start, victim, others, at, how, ms }: Trial): Promise<World | undefined> {
	const world = new World(groups, start, [victim, ...others]);
	let steps = 0;
	// A request that was handed over before is not in the hands of the run any more.
	const stopBefore = ({ kind }: Step) => kind !== 'request' && steps++ === at;
	await runAlone(world, 0, { stopBefore });
	const [step] = world.processes[0]!.steps.filter(({ kind }) => kind !== 'look' && kind !== 'deadline');
	if (step === undefined) return undefined;
	if (how.startsWith('after') && step.kind === 'statement') await world.take(step, 'goAndStall');
	world.nowMs += ms;
	if (!how.endsWith('paused')) await ringDue(world, 0);
	for (const index of others.keys()) {
		await runAlone(world, index + 1);
		if (!how.endsWith('paused')) await ringDue(world, 0);
	}
	await runAlone(world, 0);
	return world;
}

async function tryAll(trial: Omit<Trial, 'at'>): Promise<{ wrong: number[]; steps: number }> {
	const wrong: number[] = [];
	for (let at = 0; ; at++) {
		const world = await stalled({ ...trial, at });
		if (world === undefined) return { wrong, steps: at };
		if (isWrong(world)) wrong.push(at);
	}
}

/** What the others bring. */
const OTHERS: Content[][] = [['A'], ['B', 'A']];
const VICTIMS: Record<string, RunSettings> = {
	'sends B': { contents: ['B'] },
	'sends A': { contents: ['A'] },
	'is a Dry Run': { contents: ['B'], dryRun: true },
	'finds nobody': { contents: [undefined] },
};

describe.each(STARTS)('When a run stalls that met %s', (_, row, content) => {
	const start = { row: row && names.create(row), service: [content] };
	describe.each(Object.keys(VICTIMS))('and that %s', (victim) => {
		test.each(STALLS)(
			'at any of its steps, %s, while whole runs come and end, nothing wrong is left',
			async (how) => {
				let tried = 0;
				for (const contents of OTHERS) {
					const others = contents.map((content) => ({ contents: [content] }));
					for (const ms of [0, 5000, 60_000]) {
						const found = await tryAll({ start, victim: VICTIMS[victim]!, others, how, ms });
						expect({ ...found, contents, ms }).toMatchObject({ wrong: [] });
						tried += found.steps;
					}
				}
				expect(tried).toBeGreaterThan(10);
			},
		);
	});
});
