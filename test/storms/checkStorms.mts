import { Figures } from './figures.mts';
import type { Violation, ViolationKind } from './judge.mts';
import { ONCE_BROKEN } from './onceBroken.mts';
import { planStorm } from './planStorm.mts';
import { runStorm } from './runStorm.mts';
import { shrinkStorm } from './shrinkStorm.mts';
import { STORM_KINDS, type Storm, type StormKind } from './storm.mts';

export { STORM_KINDS };

/** Which storms to run. */
export interface Storms {
	/** The seed of the first storm. Kinds alternate. */
	seed: number;
	count: number;
	/** Only storms of this kind. */
	kind?: StormKind | undefined;
	/** Start no more storms after this time, by `performance.now()`. */
	endMs?: number;
	/** Called for each storm that breaks a promise. */
	onBroken?: (broken: BrokenStorm) => Promise<void> | void;
}

export interface BrokenStorm {
	storm: Storm;
	violations: readonly Violation[];
	/** The command that runs it again. */
	command: string;
}

/** Figures of all storms, and of each kind. */
export interface Checked {
	total: Figures;
	ofKind: ReadonlyMap<StormKind, Figures>;
	broken: readonly BrokenStorm[];
}

/** Runs storms, one seed after the other. */
export async function checkStorms({
	seed,
	count,
	kind,
	endMs = Infinity,
	onBroken,
}: Storms): Promise<Checked> {
	const total = new Figures();
	const ofKind = new Map<StormKind, Figures>();
	const broken: BrokenStorm[] = [];
	const kinds = STORM_KINDS.length;
	const toKind = kind === undefined ? 0 : (STORM_KINDS.indexOf(kind) - (seed % kinds) + kinds) % kinds;
	const step = kind === undefined ? 1 : kinds;
	for (let index = 0; index < count && performance.now() < endMs; index++) {
		const storm = planStorm(seed + toKind + index * step);
		const report = await runStorm(storm);
		const figures = ofKind.get(storm.kind) ?? new Figures();
		ofKind.set(storm.kind, figures);
		total.add(report);
		figures.add(report);
		if (report.violations.length > 0) {
			const command = `npm run soak -- --storms --seed ${storm.seed}`;
			const brokenStorm = { storm, violations: report.violations, command };
			broken.push(brokenStorm);
			await onBroken?.(brokenStorm);
		}
	}
	return { total, ofKind, broken };
}

/** Runs the storms that once broke a promise. @returns the promises that they break now */
export async function checkOnceBroken(): Promise<ViolationKind[]> {
	const kinds: ViolationKind[] = [];
	for (const { storm } of ONCE_BROKEN) {
		const { violations } = await runStorm(storm);
		kinds.push(...violations.map(({ kind }) => kind));
	}
	return kinds;
}

/** Describes a broken storm: what it broke, the smallest storm found that also breaks it, and every step of that. */
export async function describeBroken({ storm, violations, command }: BrokenStorm): Promise<string> {
	const kind = violations[0]?.kind ?? 'lost';
	const smallest = await shrinkStorm(storm, kind);
	const report = await runStorm(smallest, true);
	return [
		`Seed ${storm.seed} (${storm.kind}) breaks promises; again: ${command}`,
		...report.violations.map((violation) => `  ${violation.kind}: ${violation.what}`),
		'The smallest storm that breaks the first one:',
		`  ${JSON.stringify(smallest)}`,
		...report.trace,
	].join('\n');
}
