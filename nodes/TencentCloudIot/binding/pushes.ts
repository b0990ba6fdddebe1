import { inBatches } from '../input/batches';
import { runInTurns } from '../input/pausing';
import type { Finding } from '../messages/findings';
import type { DeviceInfo, NamedDevices } from '../service/devices';
import { type Customer, itemIndexesOf } from './customer';
import { CustomerGroups } from './customers';
import type { EmptyIdMode } from './emptyIds';
import type { EmptyProductNameMode } from './productNames';
import type { Row } from './row';

/** What to do with unusual rows: the options of *Row Handling* that concern more than one row. */
interface PushRules {
	/** 'Empty CustomerId' */
	emptyCustomerId: EmptyIdMode;
	/** 'Empty ProductName' */
	emptyProductName: EmptyProductNameMode;
	/** 'Invalid Rows': whether an invalid row withholds its customer, or the customer's valid rows are sent. */
	invalidRows: 'withhold' | 'sendValid';
	/** 'Rows Without a Device' */
	rowsWithoutDevice: 'refuse' | 'leaveOut';
	/** 'Same Device Under Several Customers' */
	sharedDevices: 'refuse' | 'allow';
}

/** A call that brings all devices of a customer in one request. */
interface PushCall {
	/** The parameters of the Action ServiceBindDevice. */
	parameters: { CustomerId: string; DeviceInfos: DeviceInfo[] };
	/** The rows whose devices the request brings, ascending. */
	itemIndexes: readonly number[];
	/** Gives, by item index, the devices that the row of that item names. */
	parametersByRow: () => ReadonlyMap<number, { DeviceInfos: DeviceInfo[] }>;
	customer: { id: string; devices: readonly DeviceInfo[] };
}

/** Rows that are not sent, and why. */
interface WithheldRows {
	/** What names the rows in the output: the CustomerId, if they have one. */
	parameters: { CustomerId?: string };
	itemIndexes: readonly number[];
	/** The customer to whom the rows belong or may belong; undefined if they name none. */
	customerId?: string;
	findings: readonly Finding[];
}

/** What `planPushes` makes of the rows of a run: calls, rows that are not sent, and remarks. */
export interface PlannedPushes {
	calls: PushCall[];
	withheld: WithheldRows[];
	/** The rows of each customer that is left out because it has no device. */
	leftOut: ReadonlyMap<string, readonly number[]>;
	/** Sentences about what was assumed of the rows, e.g. "row 3 without a CustomerId is nobody's". */
	remarks: readonly string[];
	/** Whether all rows are clean: each was accepted as it stands, and nothing was found or assumed of them together. */
	isClean: boolean;
	/** Counts the devices that all rows name, valid or not. */
	countNamedDevices: () => Promise<NamedDevices>;
}

/**
 * Makes one push of all rows of a customer. A row that cannot be used withholds its customer, unless `invalidRows` is `sendValid`.
 * @param rowBatches the rows in order, as a `RowReader` has read them
 */
export async function planPushes(
	rowBatches: AsyncIterable<ReadonlyArray<Row | Row[]>> | Iterable<ReadonlyArray<Row | Row[]>>,
	{ emptyCustomerId, emptyProductName, invalidRows, rowsWithoutDevice, sharedDevices }: PushRules,
): Promise<PlannedPushes> {
	const groups = new CustomerGroups(emptyCustomerId, rowsWithoutDevice, emptyProductName);
	let isClean = true;
	for await (const rowBatch of rowBatches) {
		for (const row of rowBatch.flat()) {
			isClean &&= row.kind === 'own' && row.findings.length === 0;
			groups.add(row);
		}
	}
	const { customers, ownerlessRows, leftOut, remarks, countNamedDevices } = await runInTurns(
		groups.finish(sharedDevices),
	);
	const calls: PushCall[] = [];
	const withheld: WithheldRows[] = [];
	for await (const customerBatch of inBatches(customers)) {
		for (const customer of customerBatch) {
			const isValid = customer.findings.length === 0;
			isClean &&= isValid;
			const isSent = isValid || (invalidRows === 'sendValid' && customer.devices.length > 0);
			if (isSent) {
				calls.push(toPushCall(customer));
			}
			// A customer that is sent, and has no invalid row of its own, has findings only of rows that may belong to it. The likeliest owner of
			// such a row reports them. A second report here would have no row to show.
			const isReportedElsewhere = isSent && customer.invalidItemIndexes.length === 0;
			if (!isValid && !isReportedElsewhere) {
				withheld.push(toWithheld(customer, isSent));
			}
		}
	}
	for (const { itemIndex, findings } of ownerlessRows) {
		withheld.push({ parameters: {}, itemIndexes: [itemIndex], findings });
	}
	isClean &&= withheld.length + leftOut.size + remarks.length === 0;
	return {
		calls,
		withheld,
		leftOut,
		remarks,
		isClean,
		countNamedDevices: async () => await runInTurns(countNamedDevices()),
	};
}

/** Makes the call that brings all devices of a customer. */
export function toPushCall({ customerId, devices }: Customer): PushCall {
	const DeviceInfos = devices.map(({ info }) => info);
	return {
		parameters: { CustomerId: customerId, DeviceInfos },
		itemIndexes: itemIndexesOfDevices(devices),
		parametersByRow: () => devicesByRow(devices),
		customer: { id: customerId, devices: DeviceInfos },
	};
}

/** The devices that each row names: one, or those of its list. */
function devicesByRow(devices: Customer['devices']): ReadonlyMap<number, { DeviceInfos: DeviceInfo[] }> {
	const infosByItemIndex = new Map<number, { DeviceInfos: DeviceInfo[] }>();
	for (const device of devices) {
		for (const itemIndex of itemIndexesOf(device)) {
			const devicesOfRow = infosByItemIndex.get(itemIndex) ?? { DeviceInfos: [] };
			devicesOfRow.DeviceInfos.push(device.info);
			infosByItemIndex.set(itemIndex, devicesOfRow);
		}
	}
	return infosByItemIndex;
}

function toWithheld(
	{ customerId, devices, invalidItemIndexes, findings }: Customer,
	areDevicesSent: boolean,
): WithheldRows {
	// If the valid devices are sent, the call reports their rows. Then only the invalid rows are withheld.
	const unsentDevices = areDevicesSent ? [] : devices;
	return {
		parameters: { CustomerId: customerId },
		itemIndexes: itemIndexesOfDevices(unsentDevices, invalidItemIndexes),
		customerId,
		findings,
	};
}

/** The indexes of the items that name these devices and of further items, each once and ascending. */
function itemIndexesOfDevices(devices: Customer['devices'], otherIndexes: readonly number[] = []): number[] {
	return [...new Set([...devices.flatMap(itemIndexesOf), ...otherIndexes])].sort((a, b) => a - b);
}
