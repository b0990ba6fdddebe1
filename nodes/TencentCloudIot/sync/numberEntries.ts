import { entryOf } from './stateEntries';

/** A number in a store that knows membership only: one entry for each decimal digit. */
export class NumberEntries {
	readonly #name: string;
	readonly #digits: number;

	constructor(name: string, digits: number) {
		this.#name = name;
		this.#digits = digits;
	}

	/** The entries of a number, the lowest digit first. What does not fit into the digits is cut off. */
	of(value: number): string[] {
		const digits = String(value).padStart(this.#digits, '0').slice(-this.#digits);
		return [...digits].reverse().map((digit, position) => this.#entry(position, digit));
	}

	/** All entries that it may have, which is what a run queries: ten for each digit. */
	get all(): string[] {
		return Array.from({ length: 10 * this.#digits }, (_, index) =>
			this.#entry(Math.floor(index / 10), String(index % 10)),
		);
	}

	/** The number, from the entries that were there; undefined unless each digit is there once. */
	read(there: ReadonlySet<string>): number | undefined {
		const found = Array.from({ length: this.#digits }, (_, position) =>
			[...'0123456789'].filter((digit) => there.has(this.#entry(position, digit))),
		);
		if (found.some(({ length }) => length !== 1)) return undefined;
		return Number(found.flat().reverse().join(''));
	}

	#entry(position: number, digit: string): string {
		return entryOf([this.#name, String(position), digit]);
	}
}

/** When the last run that ended began: minutes since 1970, until the year 2160. */
export const LAST_MINUTE = new NumberEntries('minute', 8);
