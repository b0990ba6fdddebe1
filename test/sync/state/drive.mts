import type { Action, Step, World } from './world.mts';

/** The statements, requests and beginnings of a process, and its own timers when it has nothing else to do. */
export async function runAlone(
	world: World,
	process: number,
	{ stopBefore = () => false }: { stopBefore?: (step: Step) => boolean } = {},
): Promise<void> {
	for (let step = nextOf(world, process); step !== undefined; step = nextOf(world, process)) {
		if (stopBefore(step)) return;
		await world.take(step, actionOf(step));
	}
}

/** Lets what is due of a process happen whose statement does not come back. */
export async function ringDue(world: World, process: number): Promise<void> {
	for (;;) {
		const due = timersOf(world, process).find(({ dueMs }) => dueMs <= world.nowMs);
		if (due === undefined) return;
		await world.take(due, 'go');
	}
}

/** What a process does next, when nobody else does anything. A run that has ended has no timers any more. */
function nextOf(world: World, process: number): Step | undefined {
	const now = world.processes[process]!.steps.filter(({ kind }) => !isTimer(kind));
	return now[0] ?? timersOf(world, process).find(({ kind }) => kind !== 'deadline');
}

function timersOf(world: World, process: number): Step[] {
	const timers = world.processes[process]!.steps.filter(({ kind }) => isTimer(kind));
	return timers.toSorted((a, b) => a.dueMs - b.dueMs);
}

function isTimer(kind: Step['kind']): boolean {
	return kind === 'sleep' || kind === 'look' || kind === 'deadline';
}

function actionOf({ kind }: Step): Action {
	return kind === 'request' ? 'accepted' : 'go';
}
