/** The ids of the customers with rows that cannot be sent, each in one of the two sets. */
interface WithheldIds {
	/** The customers without any row that can be sent, in the order of their rows. */
	whollyWithheldIds: Set<string>;
	/** The customers that also have rows which can be sent. */
	partlyWithheldIds: Set<string>;
}

/**
 * Tells the customers whose rows are all withheld from those with only some withheld rows.
 * @param calls send the customers with at least one row that can be sent
 * @param withheld the rows that cannot be sent, with their customer if they name one
 */
export function findWithheldIds(
	calls: ReadonlyArray<{ customer?: { id: string } | undefined }>,
	withheld: ReadonlyArray<{ customerId?: string | undefined }>,
): WithheldIds {
	const whollyWithheldIds = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const partlyWithheldIds = new Set<string>();
	for (const { customer } of calls) {
		if (customer !== undefined && whollyWithheldIds.has(customer.id)) {
			whollyWithheldIds.delete(customer.id);
			partlyWithheldIds.add(customer.id);
		}
	}
	return { whollyWithheldIds, partlyWithheldIds };
}
