import type { Violation } from './judge.mts';
import type { StormReport } from './runStorm.mts';

/** In the order in which they are printed. */
const COUNTED = ['runs', 'kills', 'freezes', 'rejections', 'requests', 'windowRequests', 'olderRows'] as const;
const OF_OTHERS = ['cutShort', 'everybody'] as const;
const OF_WRONG_ROWS = ['wrongRuns', 'wrongStopped', 'approvals'] as const;
const BROKEN: ReadonlyArray<Violation['kind']> = [
	'lost',
	'wrongSkip',
	'unchecked',
	'twoSenders',
	'neverHealed',
	'healedLate',
	'sentAgain',
];

/** What many storms have in common. */
export class Figures {
	storms = 0;
	readonly #sums = new Map<string, number>();
	/** From the end of the last fault until all was right, milliseconds: by itself, and where somebody had to approve. */
	readonly #healMs: Record<'alone' | 'approved', number[]> = { alone: [], approved: [] };
	readonly #stopped = new Map<string, number>();
	readonly #groups = new Map<string, number>();

	add(report: StormReport): void {
		this.storms++;
		for (const name of [...COUNTED, ...OF_OTHERS, ...OF_WRONG_ROWS]) this.#add(name, report[name]);
		for (const kind of new Set(report.violations.map((violation) => violation.kind))) this.#add(kind, 1);
		const healing = report.approvals === 0 ? 'alone' : 'approved';
		if (report.healMs !== undefined) this.#healMs[healing].push(report.healMs);
		for (const [how, groups] of report.groups) this.#groups.set(how, (this.#groups.get(how) ?? 0) + groups);
		for (const [code, runs] of report.stopped) this.#stopped.set(code, (this.#stopped.get(code) ?? 0) + runs);
	}

	/** Storms that broke a promise of a kind, or how much was counted. */
	of(
		name:
			| Violation['kind']
			| (typeof COUNTED)[number]
			| (typeof OF_OTHERS)[number]
			| (typeof OF_WRONG_ROWS)[number],
	): number {
		return this.#sums.get(name) ?? 0;
	}

	/** How many groups of runs that began together ended so, with anything, in percent of all. */
	percentOfGroups(how: string): number {
		const all = [...this.#groups.values()].reduce((sum, groups) => sum + groups, 0);
		return (100 * (this.#groups.get(how) ?? 0)) / all;
	}

	/** All of them in a line. */
	get line(): string {
		const numbers = (names: readonly Parameters<Figures['of']>[0][]) =>
			names.map(
				(name) => `${this.of(name)} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
			);
		const healed = (ms: readonly number[]) => {
			const sorted = ms.toSorted((a, b) => a - b);
			const seconds = (index: number) => `${((sorted.at(index) ?? 0) / 1000).toFixed(1)} s`;
			return `${seconds(sorted.length >> 1)} (longest ${seconds(-1)})`;
		};
		const stops = [...this.#stopped].map(([code, runs]) => `${runs} ${code}`);
		return [
			`${this.storms} storms`,
			...numbers(COUNTED),
			...numbers(OF_OTHERS),
			`groups: ${[...this.#groups].map(([how, groups]) => `${groups} ${how}`).join(' ') || 'none'}`,
			...numbers(BROKEN),
			`healed after ${healed(this.#healMs.alone)}`,
			...numbers(OF_WRONG_ROWS),
			`healed with an approval after ${healed(this.#healMs.approved)}`,
			`right rows stopped: ${stops.join(' ') || 'none'}`,
		].join(', ');
	}

	#add(name: string, count: number): void {
		this.#sums.set(name, (this.#sums.get(name) ?? 0) + count);
	}
}
