import type { LossyCandidate, IdCandidate } from './idCandidate';

/**
 * Finds the owners of id candidates. For each form of lossy candidates one pass over all ids keeps only the keys that are
 * asked for: an index of all ids for each form would fill the memory.
 */
export class OwnerIndex<Owner> {
	readonly #byId: ReadonlyMap<string, Owner>;
	readonly #byForm = new Map<string, Map<string, Set<Owner>>>();

	/** @param candidates all that `find` will be asked for */
	constructor(byId: ReadonlyMap<string, Owner>, candidates: Iterable<IdCandidate>) {
		this.#byId = byId;
		const forms = new Map<string, LossyCandidate['keyOf']>();
		for (const candidate of candidates) {
			if (!('form' in candidate)) continue;
			const { form, keyOf, key } = candidate;
			forms.set(form, keyOf);
			const wanted = this.#byForm.get(form) ?? new Map<string, Set<Owner>>();
			if (!wanted.has(key)) wanted.set(key, new Set());
			this.#byForm.set(form, wanted);
		}
		for (const [form, keyOf] of forms) this.#fill(this.#byForm.get(form)!, keyOf);
	}

	/** The set of owners of each candidate that has any; equal lossy candidates share one set. */
	find(candidates: readonly IdCandidate[]): Array<ReadonlySet<Owner>> {
		return candidates.map((candidate) => this.#find(candidate)).filter(({ size }) => size > 0);
	}

	#find(candidate: IdCandidate): ReadonlySet<Owner> {
		if ('form' in candidate) return this.#byForm.get(candidate.form)!.get(candidate.key)!;
		const owner = this.#byId.get(candidate.id);
		return new Set(owner === undefined ? [] : [owner]);
	}

	#fill(wanted: ReadonlyMap<string, Set<Owner>>, keyOf: LossyCandidate['keyOf']): void {
		for (const [id, owner] of this.#byId) {
			const key = keyOf(id);
			if (key !== undefined) wanted.get(key)?.add(owner);
		}
	}
}
