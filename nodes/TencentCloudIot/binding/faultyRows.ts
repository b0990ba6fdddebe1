import { NotSendable, notSent } from '../service/outcome';
import type { Customer, CustomerDevice } from './customer';
import type { Row } from './row';

/** Customers hear of so many rows of others: a column that was garbled as a whole may mean everybody in every row. */
const MOST_HEARD_OF = 20;

/** Each broken CustomerId is compared with all ids. So many different ones are no slips of a file's encoding. */
const MOST_BROKEN = 20;

/** A row that cannot be sent, and whose it may be, by each meaning of its CustomerId. */
export interface FaultyRow {
	row: Row;
	/** None of them is empty; rows that mean the same have the same sets. */
	owners: ReadonlyArray<ReadonlySet<Customer>>;
}

/** Whose row it is, where it may be that of several. */
export function firstOwner({ owners: [likeliest] }: FaultyRow): Customer | undefined {
	const [first] = likeliest ?? [];
	return first;
}

/** The first one of a device's owners of whom a row is not; undefined also where it may be that of very many. */
export function ownerBesides(
	{ owners }: FaultyRow,
	devices: Iterable<CustomerDevice>,
): CustomerDevice | undefined {
	let looked = 0;
	for (const device of devices) {
		if (!owners.some((meant) => meant.has(device.customer))) return device;
		if (++looked === MOST_HEARD_OF) return undefined;
	}
	return undefined;
}

/** Withholds rows: each is one of its first owner's, and the others only hear of it. */
export function withhold(faulty: readonly FaultyRow[]): void {
	const told = new Map<ReadonlySet<Customer>, number>();
	for (const one of faulty) {
		const { itemIndex, findings } = one.row;
		const first = firstOwner(one);
		first?.badItemIndexes.push(itemIndex);
		first?.findings.push(...findings);
		for (const meant of one.owners) {
			const times = told.get(meant) ?? 0;
			// Each of them has heard of as many as it may.
			if (times === MOST_HEARD_OF) continue;
			told.set(meant, times + 1);
			for (const owner of meant) {
				const hears = owner.findings.length < MOST_HEARD_OF && owner.findings.at(-1)?.itemIndex !== itemIndex;
				if (owner !== first && hears) owner.findings.push(...findings);
			}
		}
	}
}

/** The different CustomerIds of a run that have broken characters. */
export class BrokenIds {
	readonly #forms = new Set<string>();

	/** @throws NotSendable when there are too many: the file was read in another encoding than it has */
	add({ meanings }: Row): void {
		for (const meaning of meanings) {
			if ('form' in meaning && meaning.isBroken === true) this.#forms.add(meaning.form);
		}
		if (this.#forms.size <= MOST_BROKEN) return;
		throw new NotSendable(
			notSent(
				'BROKEN_CUSTOMER_IDS',
				`More than ${MOST_BROKEN} different values of 'CustomerId' have broken characters.`,
				'Export the file as UTF-8 and run the workflow again',
			),
		);
	}
}
