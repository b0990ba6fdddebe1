import { areOf, counted } from './counted.mts';
import type { CrmRow } from './crmRows.mts';
import type { ColumnNames } from './fields.mts';
import { FIELDS } from './fields.mts';
import { named } from './named.mts';
import { printable } from './printable.mts';
import { describeMerged } from './mergedRows.mts';
import type { PushResult } from './pushResult.mts';
import { customerTable, refusedRowTable } from './tables.mts';
import type { Verdict } from './verdict.mts';

/** The report of a run. */
export interface Report {
	readonly rows: readonly CrmRow[];
	readonly columns: ColumnNames;
	readonly dryRun: boolean;
	readonly strict: boolean;
	/** Where it was pushed to. */
	readonly target: string;
	readonly seconds: number;
	readonly result: PushResult;
	readonly verdict: Verdict;
	readonly exitCode: number;
}

/** With more customers than this, those without a problem are counted only. */
const MOST_LISTED_CUSTOMERS = 200;

/** The report for people: a summary, the customers, the rows that cannot be used, and whether all is done. */
export function describeReport(report: Report): string {
	const { result, columns } = report;
	const listed = listedCustomers(result.customers);
	const summary = summaryLines(report);
	if (listed.length < result.customers.length) {
		const others = counted(result.customers.length - listed.length, 'customer');
		summary.push(`${others} with nothing to tell, not listed below: --json lists all.`);
	}
	const parts = [summary.join('\n')];
	if (listed.length > 0) parts.push(customerTable({ ...result, customers: listed }));
	if (result.refusedRows.length > 0) {
		const legend = FIELDS.map((field) => `${field} = ${printable(columns[field])}`).join(', ');
		parts.push(
			`Rows that cannot be used, counted from 1 below the column names.\n${legend}\n` +
				refusedRowTable(result.refusedRows, report),
		);
	}
	parts.push(describeEnd(report));
	return `${parts.join('\n\n')}\n`;
}

/** All of them, or only those that failed where they are many. */
function listedCustomers(customers: PushResult['customers']): PushResult['customers'] {
	if (customers.length <= MOST_LISTED_CUSTOMERS) return customers;
	return customers.filter(({ status }) => status !== 'OK' && status !== 'READY');
}

/** The same for programs. */
export function toJson({ rows, dryRun, strict, target, seconds, result, verdict, exitCode }: Report): string {
	const { customers, refusedRows, runFailures, hints } = result;
	const summary = {
		...verdict,
		rows: rows.length,
		seconds,
		dryRun,
		strict,
		target,
		hints,
		runFailures,
		exitCode,
	};
	return `${JSON.stringify({ customers, refusedRows, summary }, null, '\t')}\n`;
}

function summaryLines({ rows, dryRun, target, seconds, result, verdict }: Report): string[] {
	const { good, notOk, stored, lostRows, mergedRows, refusedRows } = verdict;
	const requests = result.customers.reduce((sum, { attempts }) => sum + attempts, 0);
	const withheld = new Set(result.refusedRows.flatMap(({ customerId }) => customerId ?? [])).size;
	const lines = [...result.runFailures, dryRun ? 'Dry run: nothing was sent.' : `Pushed to ${target}.`];
	lines.push(
		`${good.customers - notOk.length} of ${counted(good.customers, 'customer')} without a bad row ` +
			`${areOf(good.customers)} ${dryRun ? 'ready' : 'OK'}: ${counted(requests, 'request')} in ${seconds.toFixed(1)} s.`,
	);
	if (notOk.length > 0) lines.push(`Not OK: ${named(notOk)}.`);
	if (refusedRows > 0) {
		lines.push(`${counted(refusedRows, 'row')} cannot be used: ${counted(withheld, 'customer')} withheld.`);
	}
	if (mergedRows > 0) lines.push(describeMerged(mergedRows));
	if (stored) lines.push(describeStored(stored, dryRun));
	lines.push(
		lostRows.length === 0
			? `${rows.length === 1 ? '' : 'All '}${counted(rows.length, 'row')} ${areOf(rows.length)} accounted for.`
			: `The output says nothing of these rows: ${named(lostRows)}.`,
	);
	for (const hint of result.hints) lines.push(`The node says: ${hint}.`);
	return lines;
}

function describeEnd({ strict, verdict, exitCode }: Report): string {
	if (strict && verdict.isDone && exitCode !== 0) {
		return 'Done, but with --strict the rows that cannot be used make the run fail.';
	}
	return exitCode === 0 ? 'Done.' : 'Not done.';
}

function describeStored(
	{ customers, devices, differing }: NonNullable<Verdict['stored']>,
	dryRun: boolean,
): string {
	const subject = dryRun ? 'The requests would carry' : 'The service holds';
	const what = `${counted(devices, 'device')} of ${counted(customers, 'customer')}`;
	if (differing.length === 0) return `${subject} exactly ${what}.`;
	return `${subject} ${what}, which is not what the rows say: look at ${named(differing)}.`;
}
