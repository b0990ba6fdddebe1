/** What Push, Sync and Audit do with their rows in the same way: how they read the rows of an item, and which pushes they plan of all rows. */
import { planPushes, type PlannedPushes } from '../../binding/pushes';
import { joinRows, FIELDS, type MappedField, type Row } from '../../binding/row';
import { RowReader } from '../../binding/rowReader';
import { readPath } from '../../input/fieldSource';
import type { ItemReader } from '../../input/itemReader';
import { noRowsError } from '../../input/mapping';
import { because, whyNotEvaluated, type Why, ELSEWHERE } from '../../messages/findings';
import { ours } from '../../messages/text';
import type { ReadInput } from '../operation/operation';
import { COLUMN_PARAMETERS } from './columns';
import type { RowHandling } from './rowHandling';

/** Makes the function that reads the row of an item, or the rows of an item that lists several devices. */
export function makeRowReader(rules: RowHandling): ReadInput<Row | Row[]> {
	const rowReader = new RowReader(rules);
	return (reader, itemIndex) => {
		if (reader.stored('devicesFrom') === 'list') {
			return readDeviceList(reader, itemIndex, rowReader);
		}
		const read = (field: MappedField) => reader.read(COLUMN_PARAMETERS[field], itemIndex);
		if (reader.isHeader(itemIndex)) {
			return rowReader.readHeader(itemIndex, read);
		}
		const rows = rowReader.read(itemIndex, read, reader.unmappedCells);
		const isWithoutId = 'kind' in rows && ['empty', 'null'].includes(rows.kind);
		if (!isWithoutId) {
			return rows;
		}
		if (reader.isBlank(itemIndex)) {
			return { ...rows, kind: 'blank' };
		}
		return reader.isRecordMissing('CustomerId', itemIndex) ? { ...rows, kind: 'stock' } : rows;
	};
}

/**
 * Plans one push of all rows of each customer.
 * @param batches the rows of all items, in order
 * @throws NotSendable when the mapped columns of all rows are empty
 */
export async function planRows(
	batches: AsyncIterable<ReadonlyArray<Row | Row[]>>,
	rules: RowHandling,
): Promise<PlannedPushes> {
	const pushes = await planPushes(batches, rules);
	const { calls, withheld, leftOut, remarks } = pushes;
	if (calls.length + withheld.length + leftOut.size === 0 && remarks.length > 0) {
		throw noRowsError();
	}
	return pushes;
}

/** The rows of an item with a list of devices: one for each device, or a single row with all findings if a device is invalid. */
function readDeviceList(reader: ItemReader, itemIndex: number, rowReader: RowReader): Row[] {
	const readDevice = (device: unknown) =>
		rowReader.read(itemIndex, (field) =>
			field === 'CustomerId' ? reader.read('customerId', itemIndex) : readPath(device, [field]),
		);
	const list = readList(() => reader.read('devices', itemIndex));
	if (!Array.isArray(list)) {
		const [row] = [readDevice(undefined)].flat();
		return [{ ...row!, findings: [...findingsOfCustomer(row!), { itemIndex, field: 'Devices', ...list }] }];
	}
	const rows = list.flatMap(readDevice);
	const findings = [
		...findingsOfCustomer(rows[0]!),
		...rows.flatMap(findingsOfDevice),
		...findContradictions(rows),
	];
	return findings.length === 0 ? rows : [joinRows(rows, findings)];
}

/** Reads the list of devices, or returns why it cannot be used. It has to name at least one device. */
function readList(read: () => unknown): unknown[] | Why {
	const example = ours(`[{"${FIELDS.slice(1).join('": "…", "')}": "…"}]`);
	try {
		const value = read();
		const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
		if (!Array.isArray(list)) {
			return because('notDevices', { example });
		}
		return list.length > 0 ? list : because('noDevices', { example });
	} catch (cause) {
		return cause instanceof SyntaxError ? because('notDevices', { example }) : whyNotEvaluated(cause);
	}
}

function findingsOfCustomer({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field === 'CustomerId');
}

function findingsOfDevice({ findings }: Row, index: number): Row['findings'] {
	return findings
		.filter(({ field }) => field !== 'CustomerId')
		.map((finding) => ({ ...finding, field: `Device ${index + 1}: ${finding.field}` }));
}

/** The findings about devices that a list describes in two ways: the node cannot know which description is right. */
function findContradictions(rows: readonly Row[]): Row['findings'] {
	const firstById = new Map<string, { deviceNumber: number; json: string }>();
	return rows.flatMap(({ device, itemIndex }, index) => {
		const json = JSON.stringify(device);
		const first = firstById.get(device.DeviceId);
		if (first === undefined) {
			firstById.set(device.DeviceId, { deviceNumber: index + 1, json });
		}
		if (device.DeviceId === '' || first === undefined || first.json === json) {
			return [];
		}
		const other = ELSEWHERE.device({ number: first.deviceNumber });
		return [{ itemIndex, field: `Device ${index + 1}: DeviceId`, ...because('described', { other }) }];
	});
}
