import type { Violation } from '../../storms/judge.mts';
import { runStorm } from '../../storms/runStorm.mts';
import type { AtStep, Change, Fault, Storm, Trigger } from '../../storms/storm.mts';

/** How long after another one a run begins, milliseconds: within its statements, while it settles, while it sends, after it. */
const OFFSETS = [0, 5, 10, 20, 30, 45, 60, 80, 110, 150, 600, 2500, 4700, 5200, 9000];

/** The rows of runs that come together: as they were, changed, or of each run newer than those of the one before. */
const ROWS = ['same', 'changed', 'newer each time'] as const;

/** A run has about this many statements, waits and requests. */
const STEPS = 34;

type Disturbance = (at: AtStep) => Fault;
const times = (all: readonly number[], of: (forMs: number) => Disturbance): Disturbance[] => all.map(of);

/** What may become of a step. */
const DISTURBANCES: readonly Disturbance[] = [
	...times([600, 2000, 3800, 6000, 15_000, 40_000], (forMs) => (at) => ({
		...{ kind: 'stall', of: 'effect', at, forMs },
	})),
	...times([2000, 3800, 15_000], (forMs) => (at) => ({ kind: 'stall', of: 'response', at, forMs })),
	...times([3000, 7000, 12_000, 40_000], (forMs) => (at) => ({ kind: 'freeze', at, forMs })),
	...times([7000, 40_000], (forMs) => (at) => ({ kind: 'freeze', at: { ...at, when: 'after' }, forMs })),
	(at) => ({ kind: 'reject', at, takesEffect: false, times: 1 }),
	(at) => ({ kind: 'reject', at, takesEffect: true, times: 1 }),
	(at) => ({ kind: 'kill', at, backAfterMs: 3000 }),
	(at) => ({ kind: 'kill', at: { ...at, when: 'after' }, backAfterMs: 3000 }),
];

/** What is tried. */
export interface Alignments {
	/** Two or three that come together. */
	runs: number;
	/** How many disturbances meet their steps. */
	disturbances: number;
	/** Only every n-th history. */
	every?: number;
}

/** How many histories there are. */
export function countOf({ runs, disturbances }: Alignments): number {
	return OFFSETS.length * ROWS.length * (runs * STEPS * DISTURBANCES.length) ** disturbances;
}

/** The history of a number: each digit of it chooses one thing. */
export function historyOf(index: number, { runs, disturbances }: Alignments): Storm {
	let left = index;
	const choose = <Choice,>(choices: readonly Choice[]): Choice => {
		const choice = choices[left % choices.length]!;
		left = Math.floor(left / choices.length);
		return choice;
	};
	const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
	const offsetMs = choose(OFFSETS);
	const rows = choose(ROWS);
	const faults = numbers(disturbances).map(() => {
		const at: AtStep = {
			...{
				trigger: 1 + choose(numbers(runs)),
				meets: 'step',
				nth: 1 + choose(numbers(STEPS)),
				when: 'before',
			},
		};
		return choose(DISTURBANCES)(at);
	});
	const together = numbers(runs).map(
		(run): Trigger => ({
			...{ id: 1 + run, atMs: 20_000 + run, worker: run, group: { id: 1, beginMs: 100 + run * offsetMs } },
		}),
	);
	const changes: Change[] =
		rows === 'same'
			? []
			: (rows === 'changed' ? [0] : numbers(runs)).map((run) => ({
					...{ atMs: 19_999.5 + run, customer: 0, devices: 2 + run },
				}));
	return {
		...{ seed: 7 + (index % 13), kind: 'threeAtOnce', customers: 24, concurrency: 1 },
		workers: numbers(3).map(() => ({ offsetMs: 0, steps: [] })),
		triggers: [{ id: 0, atMs: 0, worker: 0 }, ...together],
		changes,
		faults,
		service: { refused: 0, responseLost: 0, requestLost: 0 },
		healEveryMs: 15_000,
	};
}

/** Runs that begin at any distance from each other, with disturbances at any of their steps. @returns what was broken */
export async function tryAlignments(
	alignments: Alignments,
): Promise<{ histories: number; broken: Array<{ history: number; violations: readonly Violation[] }> }> {
	const broken: Array<{ history: number; violations: readonly Violation[] }> = [];
	const { every = 1 } = alignments;
	let histories = 0;
	for (let history = 0; history < countOf(alignments); history += every) {
		histories++;
		const { violations } = await runStorm(historyOf(history, alignments));
		if (violations.length > 0) broken.push({ history, violations });
	}
	return { histories, broken };
}
