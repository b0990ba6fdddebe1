import { setTimeout } from 'node:timers/promises';
import { spreadOf, type Spread } from './report.mts';

/** Measures one run of a contender. */
export type Run = () => Promise<number>;

/**
 * Lets the contenders take turns, so that a slow moment of the machine meets all of them.
 * @param warmUps rounds before those that count: code that runs for the first time is compiled on the way
 */
export async function takeTurns<Name extends string>(
	contenders: Readonly<Record<Name, Run>>,
	{ rounds, warmUps, restMs = 0 }: { rounds: number; warmUps: number; restMs?: number },
): Promise<Record<Name, Spread>> {
	const names = Object.keys(contenders) as Name[];
	const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
	for (let round = -warmUps; round < rounds; round++) {
		for (const name of names) {
			if (restMs > 0) await setTimeout(restMs);
			globalThis.gc?.(); // One contender's garbage is not to be swept up in the other's time.
			const value = await contenders[name]();
			if (round >= 0) measured[name].push(value);
		}
	}
	return Object.fromEntries(names.map((name) => [name, spreadOf(measured[name])])) as Record<Name, Spread>;
}
