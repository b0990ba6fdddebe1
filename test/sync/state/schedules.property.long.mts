import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groups, isWrong, names, STARTS } from './twoRuns.mts';
import { World, type Action, type RunSettings, type Step } from './world.mts';

/** A statement that stalls, a process that dies, a statement that rejects: how often, of each step. */
interface Faults {
	stalls: number;
	dies: number;
	rejects: number;
}

const MOST_STEPS = 1000;

/** Takes the steps of some runs in an order that the seed says. @returns what was done */
async function schedule(
	seed: number,
	runs: number,
	faults: Faults,
): Promise<{ world: World; trace: string[] }> {
	const random = randomOf(seed);
	const pick = <Item,>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
	const [, row, content] = pick(STARTS);
	const settings = Array.from(
		{ length: runs },
		(): RunSettings => ({
			contents: [pick(['A', 'A', 'B', 'B', undefined])],
			dryRun: random() < 0.1,
		}),
	);
	const world = new World(groups, { row: row && names.create(row), service: [content] }, settings);
	// Some are fast and some are slow, so that one may do all its work between two steps of another.
	const speeds = settings.map(() => 0.05 + random());
	const trace: string[] = [];
	for (let taken = 0; taken < MOST_STEPS && world.steps.length > 0; taken++) {
		const step = next(world.steps, { random, pick, speeds, faults });
		const action = actionOf(step, { random, pick, faults });
		trace.push(`${step.process} ${step.what} ${action}`);
		await world.take(step, action);
	}
	expect(world.steps).toEqual([]);
	return { world, trace };
}

interface Chance {
	random: () => number;
	pick: <Item>(items: readonly Item[]) => Item;
	faults: Faults;
}

/** Time passes when all wait, or when a statement stalls: then in any order. */
function next(steps: readonly Step[], { random, pick, speeds, faults }: Chance & { speeds: number[] }): Step {
	const timers = steps.filter(isTimer).toSorted((a, b) => a.dueMs - b.dueMs);
	const works = steps.filter((step) => !isTimer(step));
	const isQuiet = works.every(({ kind }) => kind === 'pause' || kind === 'start');
	const passing = timers.filter(({ kind }) => kind !== 'deadline' || !isQuiet);
	const passes = works.length === 0 || (isQuiet && random() < 0.5) || random() < faults.stalls;
	if (passes && passing.length > 0) return random() < 0.85 ? passing[0]! : pick(passing);
	if (works.length === 0) return timers[0]!;
	const weights = works.map(({ process }) => speeds[process]!);
	let rest = random() * weights.reduce((sum, weight) => sum + weight);
	return works.find((_, index) => (rest -= weights[index]!) <= 0) ?? works.at(-1)!;
}

function actionOf(step: Step, { random, pick, faults }: Chance): Action {
	const isAlive = step.kind === 'start' || step.kind === 'look' || step.kind === 'deadline';
	if (!isAlive && random() < faults.dies) return 'die';
	if (step.kind === 'request') return pick(['accepted', 'accepted', 'answerLost', 'requestLost', 'refused']);
	if (step.kind !== 'statement') return 'go';
	if (random() < faults.rejects) return pick(['reject', 'reject', 'goAndReject']);
	return random() < faults.stalls / 2 ? 'goAndStall' : 'go';
}

function isTimer({ kind }: Step): boolean {
	return kind === 'sleep' || kind === 'look' || kind === 'deadline';
}

/** Mulberry32: numbers from 0 to 1. */
function randomOf(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

test.each<[string, number, Faults]>([
	['two runs', 2, { stalls: 0, dies: 0.01, rejects: 0 }],
	['three runs', 3, { stalls: 0, dies: 0, rejects: 0 }],
	['three runs whose statements stall', 3, { stalls: 0.03, dies: 0, rejects: 0 }],
	['three runs that may meet anything', 3, { stalls: 0.02, dies: 0.01, rejects: 0.01 }],
])('In any order of their steps, %s leave nothing wrong', async (_, runs, faults) => {
	const met = new Set<string>();
	await fc.assert(
		fc.asyncProperty(fc.integer(), async (seed) => {
			const { world, trace } = await schedule(seed, runs, faults);
			for (const { stopped = 'went on' } of world.processes) met.add(stopped);
			expect([isWrong(world), isWrong(world) ? trace : []]).toEqual([false, []]);
		}),
		{ numRuns: Number(process.env.SYNC_SCHEDULES ?? 300), endOnFailure: true },
	);
	expect([...met]).toEqual(expect.arrayContaining(['went on', 'ALREADY_RUNNING']));
});
