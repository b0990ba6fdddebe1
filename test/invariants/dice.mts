/** Random choices that are reproducible from a seed. */
export class Dice {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** Uniform in [0, 1): mulberry32. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** From `min` to `max`, both included. */
	integer(min: number, max: number): number {
		return min + Math.floor(this.next() * (max - min + 1));
	}

	happens(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(choices: readonly T[]): T {
		return choices[this.integer(0, choices.length - 1)]!;
	}
}

/** A separate seed for each of many draws, so that their order does not matter. */
export function seedFor(seed: number, ...names: ReadonlyArray<string | number>): number {
	let hash = seed ^ 0x811c9dc5;
	for (const character of names.join('\u0000')) {
		hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
	}
	return hash >>> 0;
}
