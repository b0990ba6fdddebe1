import { setTimeout } from 'node:timers/promises';

/** One run of a contender. @returns what was measured */
export type Run<Figures = number> = () => Promise<Figures>;

/**
 * Runs the contenders in turns, so that a slow moment of the machine affects all of them.
 * @param warmUps rounds that do not count, in which the code is compiled
 * @returns what was measured in each round, by contender
 */
export async function alternate<Name extends string, Figures>(
	contenders: Readonly<Record<Name, Run<Figures>>>,
	{ rounds, warmUps = 0, restMs = 0 }: { rounds: number; warmUps?: number; restMs?: number },
): Promise<Record<Name, Figures[]>> {
	const names = Object.keys(contenders) as Name[];
	const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figures[]>;
	for (let round = -warmUps; round < rounds; round++) {
		for (const name of names) {
			if (restMs > 0) {
				await setTimeout(restMs);
			}
			globalThis.gc?.(); // One contender's garbage must not be collected in the other's time.
			const figures = await contenders[name]();
			if (round >= 0) {
				measured[name].push(figures);
			}
		}
	}
	return measured;
}
