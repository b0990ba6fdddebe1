import { randomInt } from 'node:crypto';

import type { Random } from '../verdicts';

/**
 * Chooses `size` of `of` indexes, each set of them as likely as any other (Robert Floyd's algorithm).
 * @returns indexes, ascending
 */
export function sampleOf(size: number, of: number, random: Random = randomInt): number[] {
	const chosen = new Set<number>();
	for (let last = of - Math.min(size, of); last < of; last++) {
		const index = random(0, last + 1);
		chosen.add(chosen.has(index) ? last : index);
	}
	return [...chosen].sort((a, b) => a - b);
}
