import { VIOLATION_KINDS, type ViolationKind } from './judge.mts';
import type { StormReport } from './runStorm.mts';
import type { GroupEnd } from './syncNode.mts';

/** In the order in which they are printed. */
const COUNTED = [
	'runs',
	'kills',
	'freezes',
	'rejections',
	'deeds',
	'requests',
	'windowRequests',
	'olderRows',
	'pushesInDoubt',
	'rePushes',
	'cutShort',
	'everybody',
	'notUsable',
	'wrongRuns',
	'wrongStopped',
	'approvals',
] as const;
type Counted = (typeof COUNTED)[number];

/** The totals of many storms. */
export class Figures {
	storms = 0;
	mostRows = 0;
	readonly #sums = new Map<Counted | ViolationKind, number>();
	/** From the end of the last fault until all customers were right, milliseconds: without and with an approval. */
	readonly #healMs: Record<'alone' | 'approved', number[]> = { alone: [], approved: [] };
	readonly #stopped = new Map<string, number>();
	readonly #groups = new Map<GroupEnd, number>();

	add(report: StormReport): void {
		this.storms += 1;
		this.mostRows = Math.max(this.mostRows, report.mostRows);
		for (const name of COUNTED) {
			this.#add(name, report[name]);
		}
		for (const kind of new Set(report.violations.map((violation) => violation.kind))) {
			this.#add(kind, 1);
		}
		const healing = report.approvals === 0 ? 'alone' : 'approved';
		if (report.healMs !== undefined) {
			this.#healMs[healing].push(report.healMs);
		}
		for (const [how, groups] of report.groups) {
			this.#groups.set(how, (this.#groups.get(how) ?? 0) + groups);
		}
		for (const [code, runs] of report.stopped) {
			this.#stopped.set(code, (this.#stopped.get(code) ?? 0) + runs);
		}
	}

	/** How many storms broke a promise of this kind, or how often this was counted. */
	of(name: ViolationKind | Counted): number {
		return this.#sums.get(name) ?? 0;
	}

	/** The percentage of groups of runs that ended this way. */
	percentOfGroups(how: GroupEnd): number {
		const groups = [...this.#groups.values()].reduce((sum, count) => sum + count, 0);
		return groups === 0 ? 0 : (100 * (this.#groups.get(how) ?? 0)) / groups;
	}

	/** All figures in one line. */
	get line(): string {
		const stops = [...this.#stopped].map(([code, runs]) => `${runs} ${code}`);
		const groups = [...this.#groups].map(([how, count]) => `${count} ${how}`);
		return [
			`${this.storms} storms`,
			...VIOLATION_KINDS.map((name) => `${this.of(name)} ${wordsOf(name)}`),
			...COUNTED.map((name) => `${this.of(name)} ${wordsOf(name)}`),
			`groups: ${groups.join(' ') || 'none'}`,
			`most rows ${this.mostRows}`,
			`healed after ${describeTimes(this.#healMs.alone)}`,
			`healed with an approval after ${describeTimes(this.#healMs.approved)}`,
			`right rows stopped: ${stops.join(' ') || 'none'}`,
		].join(', ');
	}

	#add(name: Counted | ViolationKind, count: number): void {
		this.#sums.set(name, (this.#sums.get(name) ?? 0) + count);
	}
}

function wordsOf(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function describeTimes(timesMs: readonly number[]): string {
	const sorted = timesMs.toSorted((first, second) => first - second);
	const seconds = (index: number) => `${((sorted.at(index) ?? 0) / 1000).toFixed(1)} s`;
	return `${seconds(sorted.length >> 1)} (longest ${seconds(-1)})`;
}
