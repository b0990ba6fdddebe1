import type { CrmRow } from './crmRows.mts';
import type { Bindings } from './expectedBindings.mts';
import { countDevices, differingCustomers, expectedBindings } from './expectedBindings.mts';
import type { ColumnNames } from './fields.mts';
import { isBlank, mergedRows } from './mergedRows.mts';
import type { CustomerResult, PushResult } from './pushResult.mts';
import type { OpenTarget } from './target.mts';

/** Whether a run did what the rows require. */
export interface Verdict {
	/** Customers whose rows can all be used, and their devices: what has to be pushed. */
	readonly good: { readonly customers: number; readonly devices: number };
	/** Good customers that are not OK (in a dry run: not ready). */
	readonly notOk: readonly string[];
	/** What the run's own simulator holds (in a dry run: what the requests would carry) beside what it should. */
	readonly stored?: { customers: number; devices: number; differing: readonly string[] } | undefined;
	/** Requests that the run's own simulator got. */
	readonly requests?: number | undefined;
	/** Numbers of the rows that the node's output does not report; there should be none. */
	readonly lostRows: readonly number[];
	/** How many rows have no CustomerId and look like merged cells. */
	readonly mergedRows: number;
	/** How many rows cannot be used. */
	readonly refusedRows: number;
	/** Whether everything is as it should be, whatever rows cannot be used. */
	readonly isDone: boolean;
}

/** Compares the result of a run with what the rows require. */
export function judge(
	{ rows, columns, dryRun }: { rows: readonly CrmRow[]; columns: ColumnNames; dryRun: boolean },
	{ customers, refusedRows, runFailures, seenRows }: PushResult,
	{ simulator }: Pick<OpenTarget, 'simulator'>,
): Verdict {
	const expected = expectedBindings(rows, columns);
	const done = new Set(
		customers.filter(({ status }) => status === (dryRun ? 'READY' : 'OK')).map((c) => c.customerId),
	);
	const notOk = [...expected.keys()].filter((customerId) => !done.has(customerId));
	const actual = dryRun ? previewed(customers) : simulator?.bindings;
	const stored = actual && {
		customers: actual.size,
		devices: countDevices(actual),
		differing: differingCustomers(expected, actual),
	};
	const lostRows = rows.flatMap((row, index) =>
		seenRows.has(index + 1) || isBlank(row, columns) ? [] : [index + 1],
	);
	const merged = mergedRows(rows, columns).length;
	const requests = simulator?.requests.length;
	return {
		good: { customers: expected.size, devices: countDevices(expected) },
		notOk,
		stored,
		requests,
		lostRows,
		mergedRows: merged,
		refusedRows: new Set(refusedRows.map(({ row }) => row)).size,
		isDone:
			[notOk, lostRows, runFailures, stored?.differing ?? []].every(({ length }) => length === 0) &&
			merged === 0 &&
			!(dryRun && (requests ?? 0) > 0),
	};
}

function previewed(customers: readonly CustomerResult[]): Bindings {
	return new Map(
		customers.flatMap(({ customerId, deviceInfos }) => (deviceInfos ? [[customerId, deviceInfos]] : [])),
	);
}
