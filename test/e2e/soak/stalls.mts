import { setTimeout as sleep } from 'node:timers/promises';
import type { Hold, Holds, HeldAt, StatementKind } from '../services/postgresProxy.mts';
import { figuresOf, type Figures } from './figures.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** The interval of the triggers while a statement is held. Milliseconds. */
const EVERY_MS = 4000;
/** How long it may take after a fault until everything is in sync. Milliseconds. */
export const LONGEST_HEALING_MS = 120_000;

/** One statement of one run that is held. */
export type Stall = Pick<Hold, 'kind' | 'at' | 'nth' | 'forMs'>;

/** The most statements of each kind in a run that sends something. */
const MOST_STATEMENTS: Readonly<Record<StatementKind, number>> = {
	SELECT: 4,
	UPDATE: 3,
	INSERT: 2,
	DELETE: 1,
};

/** Every statement of a run, held at every possible point, for each of these durations. */
export function allStalls(seconds: readonly number[]): Stall[] {
	const kinds = Object.keys(MOST_STATEMENTS) as StatementKind[];
	const places: HeldAt[] = ['statement', 'commit', 'response'];
	return seconds.flatMap((second) =>
		kinds.flatMap((kind) =>
			places
				// A query has nothing to commit.
				.filter((at) => kind !== 'SELECT' || at !== 'commit')
				.flatMap((at) =>
					Array.from({ length: MOST_STATEMENTS[kind] }, (_, index) => ({
						kind,
						at,
						nth: index + 1,
						forMs: second * 1000,
					})),
				),
		),
	);
}

/** The result of a stall. */
export interface Stalled {
	readonly stall: Stall;
	/** Whether a run made the statement. */
	readonly isMet: boolean;
	/** How long after it everything was in sync. */
	readonly rightMs: number;
}

/** Holds a statement of a run while rows change and more runs start, and waits until everything is in sync. */
export async function tryStall(crm: WatchedCrm, holds: Holds, stall: Stall): Promise<Stalled> {
	let heldMs = Infinity;
	const hold: Hold = {
		...stall,
		onHeld: () => {
			heldMs = performance.now();
		},
	};
	await crm.edit();
	holds.add(hold);
	const first = crm.run();
	let isOver = false;
	void first.finally(() => {
		isOver = true;
	});
	while (heldMs === Infinity && !isOver) {
		await sleep(50);
	}
	const isMet = heldMs < Infinity;
	holds.remove(hold);
	while (isMet && performance.now() < heldMs + stall.forMs) {
		await crm.edit();
		void crm.run();
		await sleep(Math.min(EVERY_MS, Math.max(0, heldMs + stall.forMs - performance.now())));
	}
	const rightMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
	return { stall, isMet, rightMs };
}

/** Tries all stalls, distributed over the CRMs. */
export async function soakStalls(
	crms: readonly WatchedCrm[],
	holds: Holds,
	stalls: readonly Stall[],
): Promise<Figures[]> {
	const remaining = [...stalls];
	const results: Stalled[] = [];
	await Promise.all(
		crms.map(async (crm) => {
			await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
			for (let stall = remaining.shift(); stall !== undefined; stall = remaining.shift()) {
				const result = await tryStall(crm, holds, stall);
				results.push(result);
				process.stdout.write(`  ${inWords(result)}\n`);
				if (result.rightMs === Infinity) {
					await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
				}
			}
		}),
	);
	const rightMs = new Map<string, number[]>();
	for (const { stall, rightMs: ms } of results.filter(({ isMet }) => isMet)) {
		const setting = `${stall.kind} held at its ${stall.at}, ${stall.forMs / 1000} s`;
		const times = rightMs.get(setting) ?? [];
		times.push(ms);
		rightMs.set(setting, times);
	}
	return [...rightMs]
		.map(([setting, times]) => figuresOf(setting, times))
		.sort((a, b) => (a.setting < b.setting ? -1 : 1));
}

function inWords({ stall: { kind, at, nth, forMs }, isMet, rightMs }: Stalled): string {
	const healing = rightMs < Infinity ? `right after ${Math.round(rightMs / 1000)} s` : 'NOT RIGHT';
	const end = isMet ? healing : 'no run came to it';
	return `${kind} ${nth} held at its ${at} for ${forMs / 1000} s: ${end}`;
}
