import type { LossyMeaning, Meaning } from './meaning';

/** Finds whom a meaning is about, with one pass over the ids for each form, however many cells have it. */
export class Bearers<Bearer> {
	readonly #byId: ReadonlyMap<string, Bearer>;
	readonly #byForm = new Map<string, Map<string, Set<Bearer>>>();

	constructor(byId: ReadonlyMap<string, Bearer>) {
		this.#byId = byId;
	}

	find(meanings: readonly Meaning[]): ReadonlySet<Bearer> {
		const [only] = meanings;
		// A garbled column may mean everybody in every row.
		if (only !== undefined && meanings.length === 1) return this.#find(only);
		return new Set(meanings.flatMap((meaning) => [...this.#find(meaning)]));
	}

	#find(meaning: Meaning): ReadonlySet<Bearer> {
		if ('form' in meaning) return this.#keysOf(meaning).get(meaning.key) ?? new Set();
		const bearer = this.#byId.get(meaning.id);
		return new Set(bearer === undefined ? [] : [bearer]);
	}

	#keysOf({ form, keysOf }: LossyMeaning): ReadonlyMap<string, ReadonlySet<Bearer>> {
		const known = this.#byForm.get(form);
		if (known !== undefined) return known;
		const byKey = new Map<string, Set<Bearer>>();
		for (const [id, bearer] of this.#byId) {
			for (const key of keysOf(id)) byKey.set(key, (byKey.get(key) ?? new Set()).add(bearer));
		}
		this.#byForm.set(form, byKey);
		return byKey;
	}
}
