/**
 * Random numbers that depend only on a key. Each part of a storm draws with its own key, so a storm with one fault fewer is the
 * same storm in everything else.
 */
export class Chance {
	#state = 0x811c9dc5;

	constructor(...key: ReadonlyArray<string | number>) {
		// FNV-1a over the key.
		for (const character of key.join(' ')) {
			this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193) >>> 0;
		}
	}

	/** From 0 (included) to 1 (excluded), by Mulberry32. */
	share(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** An integer, both ends included. */
	integer(min: number, max: number): number {
		return min + Math.floor(this.share() * (max - min + 1));
	}

	is(probability: number): boolean {
		return this.share() < probability;
	}

	pick<Choice>(choices: readonly Choice[]): Choice {
		const choice = choices[this.integer(0, choices.length - 1)];
		return choice as Choice;
	}

	/** Some of the choices, in their order. */
	some<Choice>(choices: readonly Choice[], probability: number): Choice[] {
		return choices.filter(() => this.is(probability));
	}
}
