import { NotSendable, notSent } from '../service/outcome';
import type { Customer, CustomerDevice } from './customer';
import type { Row } from './row';

/** The most findings of other customers' rows that a customer gets: in a garbled column each row may be anybody's. */
const MOST_SHARED_FINDINGS = 20;

/** Each broken CustomerId is compared with all ids. More different ones mean that the file was decoded wrongly. */
const MOST_BROKEN = 20;

/** A row that cannot be sent, and its possible owners for each candidate of its CustomerId. */
export interface InvalidRow {
	row: Row;
	/** None is empty; rows with the same candidates share the same sets. */
	owners: ReadonlyArray<ReadonlySet<Customer>>;
}

/** The customer that the row is counted for. */
export function firstOwner({ owners: [likeliest] }: InvalidRow): Customer | undefined {
	const [first] = likeliest ?? [];
	return first;
}

/** The first of a device's owners to whom the row cannot belong; undefined also where very many own the device. */
export function ownerBesides(
	{ owners }: InvalidRow,
	devices: Iterable<CustomerDevice>,
): CustomerDevice | undefined {
	let compared = 0;
	for (const device of devices) {
		if (!owners.some((candidates) => candidates.has(device.customer))) return device;
		if (++compared === MOST_SHARED_FINDINGS) return undefined;
	}
	return undefined;
}

/** Withholds rows: each counts for its first owner, and the other possible owners get its findings. */
export function withhold(invalid: readonly InvalidRow[]): void {
	const shared = new Map<ReadonlySet<Customer>, number>();
	for (const one of invalid) {
		const { itemIndex, findings } = one.row;
		const first = firstOwner(one);
		first?.badItemIndexes.push(itemIndex);
		first?.findings.push(...findings);
		for (const owners of one.owners) {
			const times = shared.get(owners) ?? 0;
			if (times === MOST_SHARED_FINDINGS) continue;
			shared.set(owners, times + 1);
			for (const owner of owners) {
				const isOpen =
					owner.findings.length < MOST_SHARED_FINDINGS && owner.findings.at(-1)?.itemIndex !== itemIndex;
				if (owner !== first && isOpen) owner.findings.push(...findings);
			}
		}
	}
}

/** Counts the different CustomerIds of a run that have broken characters. */
export class BrokenIdCounter {
	readonly #forms = new Set<string>();

	/** @throws NotSendable when there are too many: the file was decoded wrongly */
	add({ candidates }: Row): void {
		for (const candidate of candidates) {
			if ('form' in candidate && candidate.isBroken === true) this.#forms.add(candidate.form);
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
