/** The rows that cannot be sent, and the customers that they withhold. */
import { forEachPausing, type Pausing } from '../input/pausing';
import { shorten } from '../input/text';
import { because, type Finding } from '../messages/findings';
import { ofRows } from '../messages/text';
import { NotSendable, notSent } from '../service/outcome';
import { Customer, type CustomerDevice, type Customers } from './customer';
import { OwnerIndex } from './owners';
import { type IdCandidate, visitCompoundIds } from './readings';
import { candidatesOf, isWithoutDevice, withFindings, type Row } from './row';

/**
 * If the rows have more broken CustomerIds than this, the file was decoded wrongly, and the run is blocked. Equal ids count once. Each
 * broken id is compared with all CustomerIds, which takes time.
 */
const MOST_BROKEN_IDS = 20;
const TOO_MANY_BROKEN = notSent('BROKEN_CUSTOMER_IDS', { most: MOST_BROKEN_IDS });

/** A row that cannot be sent, with the customer that reports it in the output. */
export interface InvalidRow {
	row: Row;
	/** The customer with whom the output shows the row: the likeliest of those to whom it may belong. Undefined if there is none. */
	likeliestOwner: Customer | undefined;
}

/**
 * The rows that cannot be sent. Each row withholds its owners, i.e. all customers to whom it may belong. The output shows the row with the
 * likeliest owner. The owners are looked up each time: a row may have hundreds, and keeping the owners of all rows would take memory.
 */
export class InvalidRows {
	readonly rows: InvalidRow[] = [];
	readonly #customers: Customers;
	/** Finds the owners of a row. The customers that `add` creates are not among them: see `withholdInvalidRows`. */
	readonly #ownerIndex: OwnerIndex<Customer>;
	/** By set of owners: how many rows have given their findings to these owners. Rows after the first `Customer.MOST_SHARED_FINDINGS` give none. */
	readonly #sharedRowCountByOwners = new Map<ReadonlySet<Customer>, number>();
	/**
	 * The owners of the last row. Rows without an id that stand below the same customers share one `readCandidates` function, so the next row often
	 * has the same owners.
	 */
	#lastMatch: { readCandidates: Row['readCandidates']; owners: OwnerSets } | undefined;

	constructor(customers: Customers, ownerIndex: OwnerIndex<Customer>) {
		this.#customers = customers;
		this.#ownerIndex = ownerIndex;
	}

	/** Withholds a row: its likeliest owner gets the row and its findings, the other owners get the findings only. */
	add(row: Row): void {
		const ownerSets = this.#findOwnerSets(row);
		const likeliestOwner = ownerSets.length === 0 ? this.#createOwner(row) : likeliestOwnerOf(ownerSets);
		this.rows.push({ row, likeliestOwner });
		likeliestOwner?.invalidItemIndexes.push(row.itemIndex);
		likeliestOwner?.findings.push(...row.findings);
		for (const ownersOfCandidate of ownerSets) {
			const sharedRowCount = this.#sharedRowCountByOwners.get(ownersOfCandidate) ?? 0;
			if (sharedRowCount < Customer.MOST_SHARED_FINDINGS) {
				this.#sharedRowCountByOwners.set(ownersOfCandidate, sharedRowCount + 1);
				withholdOtherOwners(ownersOfCandidate, likeliestOwner, row);
			}
		}
	}

	/**
	 * For a row that has no owner: gives the customer of the id that its CustomerId most likely means. Undefined for a row without such an id, e.g. a
	 * header or a remark (`between`).
	 */
	#createOwner(row: Row): Customer | undefined {
		const likeliestId = row.kind === 'between' ? undefined : likeliestIdOf(row);
		return likeliestId === undefined ? undefined : this.#customers.getOrCreate(likeliestId);
	}

	/**
	 * Finds, among the devices with one DeviceId, the first whose customer cannot own the row. Only `Customer.MOST_SHARED_FINDINGS` devices are
	 * compared, because comparing all devices for each row would take long.
	 * @param firstDevice the device of the first customer that has this DeviceId
	 */
	deviceOfOtherOwner(invalidRow: InvalidRow, firstDevice: CustomerDevice): CustomerDevice | undefined {
		const ownerSetsOfRow = this.#ownerSetsOf(invalidRow);
		let comparedCount = 0;
		for (const device of firstDevice.deviceByOwner?.values() ?? [firstDevice]) {
			if (!ownerSetsOfRow.some((ownersOfCandidate) => ownersOfCandidate.has(device.customer))) {
				return device;
			}
			comparedCount += 1;
			if (comparedCount === Customer.MOST_SHARED_FINDINGS) {
				return undefined;
			}
		}
		return undefined;
	}

	/** The customers to whom the row may belong: a set for each id candidate that matches customers. If no candidate matches any, a set with the likeliest owner. */
	#ownerSetsOf({ row, likeliestOwner }: InvalidRow): OwnerSets {
		const ownerSets = this.#findOwnerSets(row);
		return ownerSets.length === 0 && likeliestOwner !== undefined ? [new Set([likeliestOwner])] : ownerSets;
	}

	#findOwnerSets(row: Row): OwnerSets {
		if (row.customerId !== undefined) {
			return this.#ownerIndex.findOwners(candidatesOf(row));
		}
		if (this.#lastMatch?.readCandidates !== row.readCandidates) {
			this.#lastMatch = {
				readCandidates: row.readCandidates,
				owners: this.#ownerIndex.findOwners(row.readCandidates()),
			};
		}
		return this.#lastMatch.owners;
	}
}

/** The customers to whom a row may belong: a set for each of its id candidates, none empty. Equal candidates share one set. */
type OwnerSets = ReadonlyArray<ReadonlySet<Customer>>;

/** The first of the owners that the likeliest id candidate gives. */
function likeliestOwnerOf([likeliestOwners]: OwnerSets): Customer | undefined {
	const [first] = likeliestOwners ?? [];
	return first;
}

/** Gives the findings of a row to its owners, except the likeliest one, which has them already. */
function withholdOtherOwners(
	owners: ReadonlySet<Customer>,
	likeliestOwner: Customer | undefined,
	row: Row,
): void {
	for (const owner of owners) {
		const hasFindingsOfRow = owner.findings.at(-1)?.itemIndex === row.itemIndex;
		if (owner !== likeliestOwner && !hasFindingsOfRow) {
			owner.shareFindings(row.findings);
		}
	}
}

/**
 * Withholds the customers to whom invalid rows may belong. To be called after the last row, when all customers are known.
 * @param rows the invalid rows, in the order of the items; each is replaced by one whose findings give better advice
 * @throws NotSendable when many different ids have characters that could not be decoded: the file was read in a wrong encoding
 */
export function* withholdInvalidRows(rows: Row[], customers: Customers): Pausing<InvalidRows> {
	// A copy: `InvalidRows.add` adds customers that only invalid rows name, and such customers own no other rows.
	const ownerIndex = new OwnerIndex(rows.length > 0 ? new Map(customers) : customers);
	const adviseLeaveOut = yield* makeLeaveOutAdviser(rows, customers);
	const overlappingIds = yield* findOverlappingIds(rows, customers);
	yield* announceCandidates(rows, ownerIndex);
	yield* ownerIndex.lookUp();
	const invalidRows = new InvalidRows(customers, ownerIndex);
	yield* forEachPausing(rows.keys(), (index) => {
		const row = withoutAllowAdvice(adviseLeaveOut(rows[index]!), overlappingIds);
		// The row is replaced in place, because a second array of many rows would take memory.
		rows[index] = row;
		invalidRows.add(row);
	});
	return invalidRows;
}

/**
 * Announces the id candidates of all invalid rows to the index, so that its `lookUp` can find all their owners at once.
 * @throws NotSendable when many different ids have characters that could not be decoded
 */
function* announceCandidates(invalidRows: readonly Row[], ownerIndex: OwnerIndex<Customer>): Pausing {
	const brokenTexts = new Set<string>();
	let lastCandidates: Row['readCandidates'] | undefined;
	yield* forEachPausing(invalidRows, (row) => {
		if (row.readCandidates === lastCandidates) {
			return;
		}
		lastCandidates = row.readCandidates;
		const candidates = candidatesOf(row);
		for (const brokenText of brokenTextsOf(candidates)) {
			brokenTexts.add(brokenText);
		}
		if (brokenTexts.size > MOST_BROKEN_IDS) {
			throw new NotSendable(TOO_MANY_BROKEN);
		}
		ownerIndex.announce(candidates);
	});
}

/**
 * Returns a function that names the option *Leave Out* in the findings of the rows that this option would leave out: rows without a device,
 * of customers that have no other rows.
 */
function* makeLeaveOutAdviser(invalidRows: readonly Row[], customers: Customers): Pausing<(row: Row) => Row> {
	const idsWithOtherRows = new Set<string | undefined>();
	yield* forEachPausing(invalidRows, (row) => {
		if (!isWithoutDevice(row)) {
			idsWithOtherRows.add(row.customerId);
		}
	});
	const leaveOutWouldMend = (row: Row) =>
		isWithoutDevice(row) &&
		!idsWithOtherRows.has(row.customerId) &&
		customers.get(row.customerId!)?.devices.length === 0;
	return (row) => (leaveOutWouldMend(row) ? withFindings(row, { mend: 'leaveOut' }) : row);
}

/**
 * Finds ids that the option *Allow* would not make usable, since one contains the other, as `KH0001_VIP` contains `KH0001`: with *Allow*
 * both customers would be withheld.
 * @returns by id: the id that overlaps with it
 */
function* findOverlappingIds(
	invalidRows: readonly Row[],
	customers: Customers,
): Pausing<ReadonlyMap<string, string>> {
	const mendableIds = new Set<string>();
	let isAllowAdvised = false;
	yield* forEachPausing(invalidRows, (row) => {
		const id = mendableIdOf(row);
		if (id !== undefined) {
			mendableIds.add(id);
			isAllowAdvised ||= optionForId(row) === 'allow';
		}
	});
	const overlappingIds = new Map<string, string>();
	if (isAllowAdvised) {
		const ids = new Set([...customers.keys(), ...mendableIds]);
		yield* visitCompoundIds(ids, (id, partId) => overlappingIds.set(id, partId).set(partId, id));
	}
	return overlappingIds;
}

/**
 * Removes the advice to choose *Allow* from a row whose id contains another one, or is contained in it. The option would not make the row
 * usable, so the finding names the other id instead.
 */
function withoutAllowAdvice(row: Row, overlappingIds: ReadonlyMap<string, string>): Row {
	if (overlappingIds.size === 0 || optionForId(row) !== 'allow') {
		return row;
	}
	const id = likeliestIdOf(row);
	const otherId = id === undefined ? undefined : overlappingIds.get(id);
	if (id === undefined || otherId === undefined) {
		return row;
	}
	const containsOther = otherId.length < id.length;
	const why = because(containsOther ? 'otherCustomer' : 'withinCustomer', { customer: ofRows(otherId) });
	const findingsWithoutAdvice = row.findings.map((finding): Finding => {
		const { itemIndex, field, value, mend } = finding;
		return mend === 'allow' ? { itemIndex, field, value: value ?? shorten(id), ...why } : finding;
	});
	return { ...row, findings: findingsWithoutAdvice };
}

/** The option that would make the CustomerId of a row usable; undefined if none would. */
function optionForId({ findings }: Row): Finding['mend'] {
	return findings.find(({ field }) => field === 'CustomerId')?.mend;
}

/** The CustomerId that a row would have with the option that makes it usable; undefined if no option does. */
export function mendableIdOf(row: Row): string | undefined {
	return optionForId(row) === undefined ? undefined : likeliestIdOf(row);
}

/** The likeliest id that the CustomerId of a row stands for, whether or not a customer has it; undefined if there is none. */
function likeliestIdOf(row: Row): string | undefined {
	const candidate = row.readCandidates().find((idCandidate) => 'id' in idCandidate);
	return candidate?.id;
}

/**
 * Gives the `lossKind` of each candidate with characters that could not be decoded. Each such text has another `lossKind`, so these tell broken
 * texts apart.
 */
function brokenTextsOf(candidates: readonly IdCandidate[]): string[] {
	return candidates.flatMap((candidate) =>
		'lossKind' in candidate && candidate.hasBrokenCharacters ? [candidate.lossKind] : [],
	);
}
