import type { Group } from './rows.mts';
import { World, type Action, type RunSettings, type Step, type WorldState } from './world.mts';

/** What is tried. */
export interface Exploration {
	groups: readonly Group[];
	start: WorldState;
	runs: readonly RunSettings[];
	/** What may become of a request. */
	answers: readonly Action[];
	/** So many statements of the database reject, at most. */
	faults: number;
	/** So many steps may others take between two statements of one process, at most. */
	between: number;
	/** Whether a process may die, while others go on. */
	dies: boolean;
	/**
	 * Called for each state that can be reached, once; a process that dies leaves it as it is there. Ends the exploration
	 * with true.
	 */
	visit: (world: World, trace: string) => boolean | void;
}

/** Which step was taken, of those that there were, and what became of it. */
interface Taken {
	index: number;
	step: Step;
	action: Action;
}

/**
 * Takes the steps of all runs in every order, with everything that may become of each, until nothing is left to do. The code
 * under test cannot be copied in the midst of its work, so each way begins anew. Ways that lead to the same state go on as
 * one.
 * @returns how many states there are
 */
export async function explore(exploration: Exploration): Promise<number> {
	const { groups, start, runs, visit } = exploration;
	const seen = new Set<string>();
	const ways: Taken[][] = [[]];
	for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
		const world = new World(groups, start, runs);
		for (const { index, action } of way) await world.take(world.steps[index]!, action);
		const taken = [...way];
		// The first way on is gone at once, the others later.
		while (isNew(world, taken, seen, exploration)) {
			const trace = taken.map(({ step, action }) => `${step.process} ${step.what} ${action}`).join('\n');
			if (visit(world, trace) === true) return seen.size;
			const [first, ...others] = choices(world, taken, exploration);
			if (first === undefined) break;
			for (const choice of others) ways.push([...taken, choice]);
			taken.push(first);
			await world.take(first.step, first.action);
		}
	}
	return seen.size;
}

function isNew(world: World, taken: readonly Taken[], seen: Set<string>, { between }: Exploration): boolean {
	const waits = world.processes.map(({ index }) => Math.min(between, stepsSince(index, taken)));
	const key = `${world.key} ${waits.join(' ')} ${countFaults(taken)}`;
	if (seen.has(key)) return false;
	seen.add(key);
	return true;
}

function choices(world: World, taken: readonly Taken[], exploration: Exploration): Taken[] {
	const { answers, faults, dies } = exploration;
	const mayFail = countFaults(taken) < faults;
	return world.steps.flatMap((step, index) => {
		if (!mayTake(step, world, taken, exploration)) return [];
		const works: readonly Action[] = step.kind === 'request' ? answers : ['go'];
		const fails: readonly Action[] = step.kind === 'statement' && mayFail ? ['reject', 'goAndReject'] : [];
		const ends: readonly Action[] = dies && step.kind !== 'start' ? ['die'] : [];
		return [...works, ...fails, ...ends].map((action) => ({ index, step, action }));
	});
}

/** Whether nobody else has to go first. */
function mayTake(step: Step, world: World, taken: readonly Taken[], { between }: Exploration): boolean {
	const others = world.steps.filter((other) => other.process !== step.process);
	if (isTimed(step)) return isNext(step, world);
	return others.every(
		(other) =>
			other.kind !== 'statement' || stepsSince(other.process, taken) < between || isFirst(other, taken),
	);
}

/** Time passes while all others wait, and only so far as somebody waits for it who does not go on by itself. */
function isNext(step: Step, { steps }: World): boolean {
	if (step.kind === 'deadline' || steps.some(({ kind }) => kind === 'statement' || kind === 'request'))
		return false;
	const timed = steps.filter((other) => isTimed(other) && other.kind !== 'deadline');
	return timed.some(({ kind }) => kind === 'sleep') && timed.every(({ dueMs }) => step.dueMs <= dueMs);
}

function isTimed({ kind }: Step): boolean {
	return kind === 'sleep' || kind === 'look' || kind === 'deadline';
}

/** Whether it is the first statement of a beginning, a look or an end. */
function isFirst({ process }: Step, taken: readonly Taken[]): boolean {
	return taken.findLast(({ step }) => step.process === process)?.step.kind !== 'statement';
}

/** How many steps others have taken since the last one of this process. */
function stepsSince(process: number, taken: readonly Taken[]): number {
	return taken.length - 1 - taken.findLastIndex(({ step }) => step.process === process);
}

function countFaults(taken: readonly Taken[]): number {
	return taken.filter(({ action }) => action === 'reject' || action === 'goAndReject').length;
}
