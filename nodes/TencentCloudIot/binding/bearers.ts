import type { LossyMeaning, Meaning } from './meaning';

/**
 * Finds whom meanings are about. What lost a part of an id is looked for in one pass over the ids for each form, and only
 * what some cell has is kept: an index of all ids for each form would fill the memory.
 */
export class Bearers<Bearer> {
	readonly #byId: ReadonlyMap<string, Bearer>;
	readonly #byForm = new Map<string, Map<string, Set<Bearer>>>();

	/** @param meanings all that are looked for */
	constructor(byId: ReadonlyMap<string, Bearer>, meanings: Iterable<Meaning>) {
		this.#byId = byId;
		const forms = new Map<string, LossyMeaning['keyOf']>();
		for (const meaning of meanings) {
			if (!('form' in meaning)) continue;
			const { form, keyOf, key } = meaning;
			forms.set(form, keyOf);
			const wanted = this.#byForm.get(form) ?? new Map<string, Set<Bearer>>();
			if (!wanted.has(key)) wanted.set(key, new Set());
			this.#byForm.set(form, wanted);
		}
		for (const [form, keyOf] of forms) this.#look(this.#byForm.get(form)!, keyOf);
	}

	/** One set for each meaning that is about somebody, and the same one whenever the same is meant. */
	find(meanings: readonly Meaning[]): Array<ReadonlySet<Bearer>> {
		return meanings.map((meaning) => this.#find(meaning)).filter(({ size }) => size > 0);
	}

	#find(meaning: Meaning): ReadonlySet<Bearer> {
		if ('form' in meaning) return this.#byForm.get(meaning.form)!.get(meaning.key)!;
		const bearer = this.#byId.get(meaning.id);
		return new Set(bearer === undefined ? [] : [bearer]);
	}

	#look(wanted: ReadonlyMap<string, Set<Bearer>>, keyOf: LossyMeaning['keyOf']): void {
		for (const [id, bearer] of this.#byId) {
			const key = keyOf(id);
			if (key !== undefined) wanted.get(key)?.add(bearer);
		}
	}
}
