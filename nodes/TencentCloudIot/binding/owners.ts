import type { Loss } from './losses';
import { forEachPausing, type Pausing } from '../input/pausing';
import type { IdCandidate } from './readings';

/** An index of the candidates that lost characters in the same way (`lossKind`), e.g. numbers rounded to the same count of digits. */
interface LossKindIndex<Owner> {
	/** Gives the key of a whole id. Ids that look the same after the loss have the same key. */
	matchKeyOf: Loss['matchKeyOf'];
	/** The keys of all candidates given to `announce`. `lookUp` skips the customers whose ids have other keys. */
	wantedKeys: Set<string>;
	/** By wanted key: the owners of all ids with that key. */
	ownersByKey: Map<string, Set<Owner>>;
}

/**
 * Finds the owners of id candidates: the customers whose id may be meant. Call `announce` with all candidates, then `lookUp` once, then
 * `findOwners` for the candidates of each row.
 *
 * `lookUp` looks through all ids once for each kind of loss (`lossKind`, e.g. digits that a spreadsheet rounded), and keeps only the owners
 * that a candidate asks for. An index of all ids for each kind would fill the memory.
 */
export class OwnerIndex<Owner> {
	readonly #ownerById: ReadonlyMap<string, Owner>;
	readonly #indexByLossKind = new Map<string, LossKindIndex<Owner>>();
	/** By id: a set with only the owner of that id. Callers count by set, so equal candidates must get the same set. */
	readonly #ownerSetById = new Map<string, ReadonlySet<Owner>>();

	constructor(ownerById: ReadonlyMap<string, Owner>) {
		this.#ownerById = ownerById;
	}

	/** Announces candidates that `findOwners` will be called with: `lookUp` keeps only the owners of announced candidates. */
	announce(candidates: readonly IdCandidate[]): void {
		for (const candidate of candidates) {
			if ('lossKind' in candidate) {
				const { lossKind, matchKeyOf, matchKey } = candidate;
				const lossKindIndex = this.#indexByLossKind.get(lossKind) ?? {
					matchKeyOf,
					wantedKeys: new Set(),
					ownersByKey: new Map(),
				};
				lossKindIndex.wantedKeys.add(matchKey);
				this.#indexByLossKind.set(lossKind, lossKindIndex);
			}
		}
	}

	/** Finds the owners of all candidates given to `announce`, in one pass over all ids for each kind of loss. */
	*lookUp(): Pausing {
		for (const { matchKeyOf, wantedKeys, ownersByKey } of this.#indexByLossKind.values()) {
			yield* forEachPausing(this.#ownerById, ([id, owner]) => {
				const key = matchKeyOf(id);
				if (key === undefined || !wantedKeys.has(key)) {
					return;
				}
				const ownersOfKey = ownersByKey.get(key);
				if (ownersOfKey === undefined) {
					ownersByKey.set(key, new Set([owner]));
				} else {
					ownersOfKey.add(owner);
				}
			});
		}
	}

	/** Finds the owners of id candidates: a set for each candidate that has an owner. Equal candidates share one set. */
	findOwners(candidates: readonly IdCandidate[]): Array<ReadonlySet<Owner>> {
		return candidates.flatMap((candidate) => this.#ownersOf(candidate) ?? []);
	}

	#ownersOf(candidate: IdCandidate): ReadonlySet<Owner> | undefined {
		if ('lossKind' in candidate) {
			return this.#indexByLossKind.get(candidate.lossKind)?.ownersByKey.get(candidate.matchKey);
		}
		const id = 'id' in candidate ? candidate.id : candidate.idOfKnownCustomer;
		const ownerSet = this.#ownerSetById.get(id);
		const owner = this.#ownerById.get(id);
		if (ownerSet !== undefined || owner === undefined) {
			return ownerSet;
		}
		const owners = new Set([owner]);
		this.#ownerSetById.set(id, owners);
		return owners;
	}
}
