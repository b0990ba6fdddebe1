/**
 * Finds the ids of customers with rows that cannot be sent, in the order of these rows.
 * @param calls send the customers with at least one row that can be sent
 * @param withheld the rows that cannot be sent, with their customer if they name one
 */
export function findWithheldIds(
	calls: ReadonlyArray<{ customer?: { id: string } | undefined }>,
	withheld: ReadonlyArray<{ customerId?: string | undefined }>,
) {
	const whollyWithheldIds = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const partlyWithheldIds = new Set<string>();
	for (const { customer } of calls) {
		const id = customer?.id ?? '';
		if (whollyWithheldIds.delete(id)) {
			partlyWithheldIds.add(id);
		}
	}
	return { whollyWithheldIds, partlyWithheldIds };
}
