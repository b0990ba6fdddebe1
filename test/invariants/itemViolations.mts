import type { IDataObject } from 'n8n-workflow';
import { errorOf } from '../engine/outputItems.mts';
import { reportOf } from './reportViolations.mts';
import { toldBy, type Told, type Witness } from './witness.mts';

/** Invariants 1, 2, 10, 11 and 15: each row and each customer is reported once, in one order, by the right branch. */
export function itemViolations(witness: Witness): string[] {
	const { rows, result } = witness;
	const reportedItems = toldBy(result);
	return [
		...rowsLost(rows, reportedItems, mayLeaveOut(witness)),
		...severalOutcomes(reportedItems),
		...disorder(reportedItems, witness),
		...falseSuccesses(reportedItems),
		...repeatedRows(reportedItems, witness),
	];
}

/** Whether rows may be in no item: a report covers all successes, and a hint covers what the next run sends. */
function mayLeaveOut({ result, facts }: Witness): boolean {
	if (reportOf(result) !== undefined) {
		return true;
	}
	const isPostponing = result.hints.some(({ message }) => message.includes('left for the next run'));
	return isPostponing && facts?.outputItemPer !== 'row';
}

function rowsLost(rows: Witness['rows'], reportedItems: readonly Told[], mayLeaveOut: boolean): string[] {
	const times = new Array<number>(rows.length).fill(0);
	for (const link of reportedItems.flatMap(({ links }) => links)) {
		times[link] = (times[link] ?? 0) + 1;
	}
	return times.flatMap((count, row) =>
		count === 1 || (count === 0 && (mayLeaveOut || isBlank(rows[row]!)))
			? []
			: [`1: row ${row} is linked to ${count} items`],
	);
}

/** A row that is empty in every column of a device is left out and counted in the summary. */
function isBlank({ CustomerId, CustomerDeviceNo, DeviceId, ProductName }: IDataObject): boolean {
	const seen = (cell: unknown) => String(cell ?? '').replace(/[\s\u200b]/gu, '');
	return [CustomerId, CustomerDeviceNo, DeviceId, ProductName].every((cell) => seen(cell) === '');
}

/** Rows left out of a sent push are reported separately; everything else of a customer has one outcome. */
function severalOutcomes(reportedItems: readonly Told[]): string[] {
	const outcomes = new Map<string, string>();
	return reportedItems.flatMap(({ CustomerId, outcome, code }) => {
		if (CustomerId === undefined || CustomerId === '' || code === 'INVALID_ROWS') {
			return [];
		}
		const earlier = outcomes.get(CustomerId) ?? outcome;
		outcomes.set(CustomerId, earlier);
		return earlier === outcome ? [] : [`2: customer ${CustomerId} is reported as ${earlier} and ${outcome}`];
	});
}

/** Successes, then failed requests, then withheld rows; customers in the order of their first rows. */
function disorder(reportedItems: readonly Told[], { rows, facts }: Witness): string[] {
	if (facts?.outputItemPer === undefined) {
		return [];
	}
	const isPerRow = facts.outputItemPer === 'row';
	const rank = ({ isFailure, code }: Told) => {
		if (!isFailure) {
			return 0;
		}
		return code === 'INVALID_ROWS' && !isPerRow ? 2 : 1;
	};
	const place = ({ CustomerId, links: [first = 0] }: Told) =>
		isPerRow
			? first
			: rows.findIndex(
					// An inexact number may look like another customer's id.
					({ CustomerId: id }) =>
						(typeof id === 'string' || Number.isSafeInteger(id)) && String(id).trim() === CustomerId,
				);
	return reportedItems.slice(1).flatMap((reported, index) => {
		const before = reportedItems[index]!;
		// Withheld rows without a customer come last, in an order of their own.
		const isRight =
			rank(before) < rank(reported) ||
			(rank(before) === rank(reported) && (rank(reported) === 2 || place(before) < place(reported)));
		return isRight
			? []
			: [`10: item ${index + 1} (${reported.outcome}) is out of order after ${before.outcome}`];
	});
}

function falseSuccesses(reportedItems: readonly Told[]): string[] {
	return reportedItems.flatMap(({ item: { json }, outcome, isFailure, isOnErrorBranch }) => {
		if (isOnErrorBranch) {
			return Object.hasOwn(json, 'error') ? [] : ['11: an item of the error branch is no failure'];
		}
		const isTrue = isFailure ? typeof json.error === 'object' : json.Status === outcome;
		return isTrue ? [] : [`11: an item of the success branch lacks Status OK: ${JSON.stringify(json)}`];
	});
}

/** The item of a row describes only that row: otherwise the output of a large customer would grow with the square of its rows. */
function repeatedRows(reportedItems: readonly Told[], { facts }: Witness): string[] {
	if (facts?.outputItemPer !== 'row') {
		return [];
	}
	return reportedItems.flatMap(({ item, links: [link = 0] }) => {
		const { DeviceInfos = [], reasons = [] } = errorOf(item) ?? item.json;
		const isOwn =
			(DeviceInfos as unknown[]).length <= 1 &&
			(reasons as IDataObject[]).every((reason) => reason.row === link + 1);
		return isOwn ? [] : [`15: the item of row ${link} describes other rows: ${JSON.stringify(item.json)}`];
	});
}
