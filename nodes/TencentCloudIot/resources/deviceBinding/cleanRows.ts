import { createHash } from 'node:crypto';

import { CustomerGroups } from '../../binding/customers';
import { toPush } from '../../binding/pushes';
import { FIELDS, type MappedField, RowReader, type Row } from '../../binding/row';
import { inTurns } from '../../input/batches';
import { isEvaluated } from '../../input/fieldSource';
import type { ItemReader } from '../../input/itemReader';
import { forEachPausing, type Pausing } from '../../input/pausing';
import type { CallOfCustomer, CleanRows } from '../operation/operation';
import { COLUMN_PARAMETERS } from './columns';
import type { pushOperation } from './push.operation';

type PushOptions = Parameters<(typeof pushOperation)['toCalls']>[1];

/**
 * Clean rows are not judged again while they stay as they are. Each is accepted as it stands, and nothing is found or assumed of them
 * together, so what becomes of them depends on nothing but the cells of their fields, in the order of the rows, and on the options of
 * 'Row Handling': cells of other columns are looked at only where a row cannot be used.
 */
export const cleanRows: CleanRows<Row | Row[], PushOptions> = {
	async digest(reader, { rowHandling }, account) {
		const isOfTool = reader.stored('devicesFrom') === 'list';
		// To evaluate an expression twice for each row takes longer than to judge what it gives.
		if (isOfTool || Object.values(reader.sources).some(isEvaluated)) {
			return undefined;
		}
		const beside = JSON.stringify([account, reader.sources, rowHandling]);
		return await inTurns(digestRows(reader, beside));
	},

	async toCalls(reader, options, read) {
		const rowReader = new RowReader(options.rowHandling);
		const itemsOfCustomers = new Map<string, number[]>();
		let lastCell: unknown;
		let ofLast: number[] = [];
		const group = (itemIndex: number) => {
			const cell = reader.read(COLUMN_PARAMETERS.CustomerId, itemIndex);
			if (cell !== lastCell) {
				const customerId = rowReader.readUsableId(() => cell);
				ofLast = itemsOfCustomers.get(customerId) ?? [];
				itemsOfCustomers.set(customerId, ofLast);
				lastCell = cell;
			}
			ofLast.push(itemIndex);
		};
		await inTurns(forEachPausing(reader.rows.keys(), group));
		const rowsOf = (index: number) => [read(reader, index)].flat();
		return Array.from(itemsOfCustomers, ([id, itemIndexes]) => callOf(id, itemIndexes, rowsOf, options));
	},
};

/** So few calls of the hash take no time worth counting, and a text of that many rows stays short. Rows. */
const ROWS_AT_ONCE = 64;

/** @param beside what the digest names besides the cells */
function* digestRows(reader: ItemReader, beside: string): Pausing<string | undefined> {
	const digest = createHash('sha256').update(beside);
	let texts = '';
	for (let itemIndex = 0; itemIndex < reader.rows.length; itemIndex++) {
		const text = reader.isHeader(itemIndex) ? undefined : textOfRow(reader, itemIndex);
		if (text === undefined) {
			return undefined;
		}
		texts += text;
		if (itemIndex % ROWS_AT_ONCE === 0) {
			// In UTF-8 half a character would be the same as another one.
			digest.update(texts, 'utf16le');
			texts = '';
			yield;
		}
	}
	return digest.update(texts, 'utf16le').digest('base64url');
}

/** The cells of a row's fields as a text that no other row has; undefined where one is neither text nor number, nor a list of them. */
function textOfRow(reader: ItemReader, itemIndex: number): string | undefined {
	let whole = '';
	for (const field of FIELDS) {
		const text = textOfField(reader, field, itemIndex);
		if (text === undefined) {
			return undefined;
		}
		whole += text;
	}
	return whole;
}

function textOfField(reader: ItemReader, field: MappedField, itemIndex: number): string | undefined {
	let cell: unknown;
	try {
		cell = reader.read(COLUMN_PARAMETERS[field], itemIndex);
	} catch {
		return undefined;
	}
	if (!Array.isArray(cell)) {
		return textOfCell(cell);
	}
	let texts = `[${cell.length};`;
	for (const entry of cell) {
		const text = textOfCell(entry);
		if (text === undefined) {
			return undefined;
		}
		texts += text;
	}
	return texts;
}

/** Begins with what says where it ends, so that texts one after the other can be read in one way only. */
function textOfCell(cell: unknown): string | undefined {
	if (typeof cell === 'string') {
		return `${cell.length}:${cell}`;
	}
	return typeof cell === 'number' ? `n${cell};` : undefined;
}

/** The call of a customer, whose devices are made of its rows when somebody asks for them: for nearly all customers nobody does. */
function callOf(
	id: string,
	itemIndexes: readonly number[],
	rowsOf: (itemIndex: number) => Row[],
	options: PushOptions,
): CallOfCustomer {
	let planned: CallOfCustomer | undefined;
	const whole = () => {
		planned ??= planAgain(itemIndexes.flatMap(rowsOf), options);
		return planned;
	};
	return {
		itemIndexes,
		get parameters() {
			return whole().parameters;
		},
		get ownParameters() {
			return whole().ownParameters;
		},
		customer: {
			id,
			get devices() {
				return whole().customer.devices;
			},
		},
	};
}

/** The call of a customer as it was planned when its rows were judged among all others. */
function planAgain(rows: readonly Row[], { rowHandling }: PushOptions): CallOfCustomer {
	const { emptyCustomerId, emptyProductName, rowsWithoutDevice, sharedDevices } = rowHandling;
	const groups = new CustomerGroups(emptyCustomerId, rowsWithoutDevice, emptyProductName);
	for (const row of rows) {
		groups.add(row);
	}
	const { customers } = withoutPauses(groups.finish(sharedDevices));
	return toPush(customers[0]!);
}

function withoutPauses<Result>(pass: Pausing<Result>): Result {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
	}
}
