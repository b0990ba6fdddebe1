import type { Finding } from '../messages/findings';
import type { DeviceInfo } from '../service/devices';
import type { IdCandidate } from './readings';

/** The four columns of a row, by the service's own names (product 1465, pages 59071 and 59061). */
export const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;
export type MappedField = (typeof FIELDS)[number];

/** One row after its checks. */
export interface Row {
	itemIndex: number;
	/** Whether the row has an id of its own, or what it has instead. */
	kind: RowKind;
	/** The CustomerId; undefined if its cell cannot be used. */
	customerId: string | undefined;
	/**
	 * Reads the ids that an unusable CustomerId may stand for, anew at each call: a cell of 32 characters may stand for 240
	 * ids, and the ids of a sheet of 16 MB would fill gigabytes.
	 */
	readCandidates: () => readonly IdCandidate[];
	/** The device that the row names. A cell that cannot be used is an empty text here. */
	device: DeviceInfo;
	/** The DeviceIds that a row with findings names, usable or not. Empty for a row without findings: `device` has its DeviceId. */
	namedDeviceIds: readonly string[];
	/** If a row with findings lists several devices: a row for each of them. */
	deviceRows?: readonly Row[];
	/** Reads the cells of the columns to which no field is mapped. All rows share this function: few need these cells, and a row may have thousands. */
	readUnmappedCells: ReadUnmappedCells;
	findings: readonly Finding[];
}

/** Reads the filled cells of an item's columns to which no field is mapped, anew at each call. */
type ReadUnmappedCells = (itemIndex: number) => ReadonlyMap<string, unknown>;

/**
 * What a row is, mostly by the cell of its CustomerId. `RowReader` gives all kinds but `stock` and `blank`, which its caller recognizes:
 * - `own`: it has an id, usable or not
 * - `empty`: the cell is empty, as in a sheet
 * - `null`: the cell is null, as in a database
 * - `stock`: the record that would have the id is missing, as for a device in stock
 * - `same`: it has a mark for the same value as above
 * - `between`: a header or a remark between rows of data: the cell has another text, and the row has no DeviceId of the form `A/B`. Also a row
 *   whose CustomerId n8n could not evaluate
 * - `sum`: a subtotal of other rows, without a DeviceId of the form `A/B`
 * - `blank`: all mapped columns are empty
 */
type RowKind = 'own' | 'empty' | 'null' | 'stock' | 'same' | 'between' | 'sum' | 'blank';

/** Gives no candidates. The many rows whose CustomerId can be used share this function. */
export const NO_CANDIDATES: Row['readCandidates'] = () => NO_IDS;
const NO_IDS: readonly never[] = [];

function isAboutEmptyCell({ code }: Finding): boolean {
	return code === 'empty' || code === 'missing';
}

/** Whether these findings say that the three cells which describe a device are empty: those of all fields but the CustomerId. */
export function areAboutEmptyDevice(findings: readonly Finding[]): boolean {
	return findings.length === FIELDS.length - 1 && findings.every(isAboutEmptyCell);
}

/** Whether a row has a usable CustomerId and nothing else, as a LEFT JOIN gives it. */
export function isWithoutDevice({ deviceRows, customerId, findings }: Row): boolean {
	if (deviceRows !== undefined) {
		return deviceRows.every(isWithoutDevice);
	}
	return customerId !== undefined && areAboutEmptyDevice(findings);
}

/** Whether an empty ProductName is all that is wrong with a row. */
export function lacksOnlyProductName({ findings }: Row): boolean {
	return (
		findings.length > 0 &&
		findings.every((finding) => finding.field === 'ProductName' && isAboutEmptyCell(finding))
	);
}

/**
 * Joins the rows that one item was split into, if some of them cannot be used. `namedDeviceIds` of the joined row has the devices of all of
 * them.
 * @param rows at least one
 */
export function joinRows(rows: readonly Row[], findings: readonly Finding[]): Row {
	const namedDeviceIds = rows
		.flatMap((row) => [row.device.DeviceId, ...row.namedDeviceIds])
		.filter((deviceId) => deviceId !== '');
	const firstRowWithId = rows.find(({ kind }) => kind === 'own') ?? rows[0]!;
	return { ...firstRowWithId, deviceRows: rows, namedDeviceIds, findings };
}

/** The row, with `changes` in each of its findings: another reason, or the option that would mend the row. */
export function withFindings(row: Row, changes: Partial<Finding>): Row {
	return { ...row, findings: row.findings.map((finding) => ({ ...finding, ...changes })) };
}

/** The ids of the customers to whom a row may belong: its CustomerId if it has one, else its `candidates`. */
export function candidatesOf({ customerId, readCandidates }: Row): readonly IdCandidate[] {
	return customerId === undefined ? readCandidates() : [{ id: customerId }];
}
