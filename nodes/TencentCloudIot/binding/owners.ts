import type { Loss } from './losses';
import { forEachPausing, type Pausing } from '../input/pausing';
import type { IdCandidate } from './readings';

/** The candidates that lost characters in the same way (`Loss.form`), e.g. numbers rounded to the same count of digits. */
interface FormIndex<Owner> {
	/** Gives the key of a whole id. Ids that look the same after the loss have the same key. */
	keyOf: Loss['keyOf'];
	/** The keys of the candidates given to `want`. */
	wanted: Set<string>;
	/** By wanted key: the owners of all ids with that key. */
	owners: Map<string, Set<Owner>>;
}

/**
 * Finds the owners of id candidates: the customers whose id may be meant. Call `want` with all candidates, then `lookUp` once, then `find` for
 * the candidates of each row.
 *
 * `lookUp` looks through all ids once for each form of loss (`Loss.form`, e.g. digits that a spreadsheet rounded), and keeps only the owners
 * that a candidate asks for. An index of all ids for each form would fill the memory.
 */
export class OwnerIndex<Owner> {
	readonly #byId: ReadonlyMap<string, Owner>;
	readonly #byForm = new Map<string, FormIndex<Owner>>();
	/** By id: a set with only the owner of that id. Callers count by set, so equal candidates must get the same set. */
	readonly #setOfId = new Map<string, ReadonlySet<Owner>>();

	constructor(byId: ReadonlyMap<string, Owner>) {
		this.#byId = byId;
	}

	/** Announces candidates that `find` will be called with: `lookUp` keeps only what these need. */
	want(candidates: readonly IdCandidate[]): void {
		for (const candidate of candidates) {
			if ('form' in candidate) {
				const { form, keyOf, key } = candidate;
				const index = this.#byForm.get(form) ?? { keyOf, wanted: new Set(), owners: new Map() };
				index.wanted.add(key);
				this.#byForm.set(form, index);
			}
		}
	}

	/** Finds the owners of all candidates given to `want`, in one pass over all ids for each form of loss. */
	*lookUp(): Pausing {
		for (const { keyOf, wanted, owners } of this.#byForm.values()) {
			yield* forEachPausing(this.#byId, ([id, owner]) => {
				const key = keyOf(id);
				if (key === undefined || !wanted.has(key)) {
					return;
				}
				const ownersOfKey = owners.get(key);
				if (ownersOfKey === undefined) {
					owners.set(key, new Set([owner]));
				} else {
					ownersOfKey.add(owner);
				}
			});
		}
	}

	/** The set of owners of each candidate that has any; equal candidates share one set. */
	find(candidates: readonly IdCandidate[]): Array<ReadonlySet<Owner>> {
		return candidates.flatMap((candidate) => this.#ownersOf(candidate) ?? []);
	}

	#ownersOf(candidate: IdCandidate): ReadonlySet<Owner> | undefined {
		if ('form' in candidate) {
			return this.#byForm.get(candidate.form)?.owners.get(candidate.key);
		}
		const id = 'id' in candidate ? candidate.id : candidate.idOfKnownCustomer;
		const shared = this.#setOfId.get(id);
		const owner = this.#byId.get(id);
		if (shared !== undefined || owner === undefined) {
			return shared;
		}
		const owners = new Set([owner]);
		this.#setOfId.set(id, owners);
		return owners;
	}
}
