import { entryOf } from './stateEntries';

/** Of all bases this one takes the fewest queries for a number, with two. */
const BASE = 4;

/** A number in a store that knows membership only: one entry for each digit to the base 4. */
export class NumberEntries {
	readonly #name: string;
	readonly #digits: number;

	/** @param below the numbers are integers from 0 up to this one */
	constructor(name: string, { below }: { below: number }) {
		this.#name = name;
		this.#digits = (below - 1).toString(BASE).length;
	}

	/** The entries of a number, the lowest digit first. What does not fit into the digits is cut off. */
	of(value: number): string[] {
		const digits = value.toString(BASE).padStart(this.#digits, '0').slice(-this.#digits);
		return [...digits].reverse().map((digit, position) => this.#entry(position, digit));
	}

	/** All entries that it may have, which is what a run queries: four for each digit. */
	get all(): string[] {
		return Array.from({ length: BASE * this.#digits }, (_, index) =>
			this.#entry(Math.floor(index / BASE), String(index % BASE)),
		);
	}

	/** The number, from the entries that were there; undefined unless each digit is there once. */
	read(there: ReadonlySet<string>): number | undefined {
		const found = Array.from({ length: this.#digits }, (_, position) =>
			[...'0123'].filter((digit) => there.has(this.#entry(position, digit))),
		);
		if (found.some(({ length }) => length !== 1)) return undefined;
		return Number.parseInt(found.flat().reverse().join(''), BASE);
	}

	#entry(position: number, digit: string): string {
		return entryOf([this.#name, String(position), digit]);
	}
}

/** When the last run that ended began: minutes since 1970, until the year 2480. */
export const LAST_MINUTE = new NumberEntries('minute', { below: 2 ** 28 });
