import type { IDataObject } from 'n8n-workflow';
import { NO_IDS } from './randomRows.mts';
import { toldBy, type Witness } from './witness.mts';

/**
 * Invariant 14: no customer is reported as OK whose set lacks the device of a row that is meant for it, however the row
 * writes its id; and nothing is stored under a text that is not an id.
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

/** A row with a damaged id has its true customer in another column. */
function customerMeantBy({ meantFor, CustomerId }: IDataObject): string {
	return String(meantFor ?? CustomerId).trim();
}
