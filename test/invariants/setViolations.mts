import type { IDataObject } from 'n8n-workflow';
import { NO_IDS } from './randomRows.mts';
import { toldBy, type Witness } from './witness.mts';

/**
 * Invariant 14: no customer is reported as OK whose set lacks the device of a row that is meant for it, however the row
 * writes its id; and what is no id has no devices.
 */
export function setViolations({ rows, result, simulator, facts = {} }: Witness): string[] {
	const noCustomers = [...simulator.bindings.keys()].filter((id) => NO_IDS.includes(id));
	const lacking = facts.sendsValid ? [] : rowsLeftOut(rows, result);
	return [...noCustomers.map((id) => `14: ${id} has devices`), ...lacking];
}

function rowsLeftOut(rows: Witness['rows'], result: Witness['result']): string[] {
	const done = new Map<string, Set<number>>();
	for (const { CustomerId = '', outcome, links } of toldBy(result)) {
		if (outcome === 'OK') {
			const doneRows = done.get(CustomerId) ?? new Set();
			for (const row of links) {
				doneRows.add(row);
			}
			done.set(CustomerId, doneRows);
		}
	}
	return rows.flatMap((row, index) => {
		const id = customerMeantBy(row);
		return done.get(id)?.has(index) === false ? [`14: ${id} is OK without row ${index}`] : [];
	});
}

/** A row whose id was damaged when it was made has a column that says whom it was made for. */
function customerMeantBy({ meantFor, CustomerId }: IDataObject): string {
	return String(meantFor ?? CustomerId).trim();
}
