/** Groups the rows of a run into customers, and judges together what single rows do not show. */
import { addToList } from '../input/listsByKey';
import { forEachPausing, type Pausing } from '../input/pausing';
import type { NamedDevices } from '../service/devices';
import { type Customer, Customers } from './customer';
import { CustomerDevices } from './customerDevices';
import { type EmptyIdMode, EmptyIdResolver } from './emptyIds';
import { mendableIdOf, withholdInvalidRows } from './invalidRows';
import { odditiesOf } from './oddities';
import { type EmptyProductNameMode, ProductNameIndex } from './productNames';
import { visitCompoundIds } from './readings';
import { lacksOnlyProductName, isWithoutDevice, type Row } from './row';

interface GroupedRows {
	/** The customers in first-seen order. Customers whom only damaged ids name come last. */
	customers: Customer[];
	/** Rows whose CustomerId cannot be used and shows no customer to whom they could belong. */
	ownerlessRows: Row[];
	/** By CustomerId, the rows of the customers that are left out because they have no device. */
	leftOut: Map<string, number[]>;
	/** Sentences about what was assumed of which rows, e.g. "row 3 without a CustomerId is nobody's". */
	remarks: string[];
	/** Counts the devices that all rows name, valid or not. */
	countNamedDevices: () => Pausing<NamedDevices>;
}

/** Groups checked rows by CustomerId, in one pass: `add` takes each row, then `finish` judges all of them. */
export class CustomerGroups {
	readonly #customers = new Customers();
	readonly #devices = new CustomerDevices();
	readonly #invalidRows: Row[] = [];
	readonly #emptyIdResolver: EmptyIdResolver;
	readonly #productNames: ProductNameIndex;
	/** Rows that lack a ProductName and nothing else. */
	readonly #rowsWithoutProductName: Row[] = [];
	/** Rows without a device that are left out, unless other rows name their customer. */
	readonly #rowsWithoutDevice: Row[] = [];
	readonly #leavesOutRows: boolean;

	constructor(
		emptyIdMode: EmptyIdMode,
		emptyDeviceMode: 'leaveOut' | 'refuse' = 'refuse',
		emptyProductNameMode: EmptyProductNameMode = 'refuse',
	) {
		this.#productNames = new ProductNameIndex(emptyProductNameMode);
		this.#emptyIdResolver = new EmptyIdResolver(emptyIdMode);
		this.#leavesOutRows = emptyDeviceMode === 'leaveOut';
	}

	add(row: Row): void {
		this.#productNames.add(row);
		const decidedRow = this.#emptyIdResolver.add(row);
		// A row without a CustomerId may be left out, or wait for the rows below it: then `#groupWaitingRows` groups it.
		if (decidedRow !== undefined) {
			this.#group(decidedRow);
		}
	}

	#group(row: Row): void {
		if (this.#leavesOutRows && isWithoutDevice(row)) {
			this.#rowsWithoutDevice.push(row);
			return;
		}
		if (!lacksOnlyProductName(row)) {
			this.#addToCustomer(row);
			return;
		}
		this.#rowsWithoutProductName.push(row);
		// Creates the customer now, so that the customer keeps this row's place in the first-seen order although the row itself waits.
		this.#customers.getOrCreate(row.customerId!);
	}

	#addToCustomer(row: Row): void {
		const { customerId, findings } = row;
		const customer = customerId === undefined ? undefined : this.#customers.getOrCreate(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#invalidRows.push(row);
			return;
		}
		this.#devices.add(customer, row);
	}

	/**
	 * Judges all rows together, after the last one: a customer is sent as a whole or not at all, and the very last row may contradict any
	 * other.
	 * @param sharedDevices whether a DeviceId that several customers have is refused for each of them
	 * @throws NotSendable when many different ids are broken: the file was decoded wrongly
	 */
	*finish(sharedDevices: 'refuse' | 'allow'): Pausing<GroupedRows> {
		const haveRowsWaited = yield* this.#groupWaitingRows();
		// Compounds come first: a customer that they withhold then exists, so `#leaveOut` keeps its rows without a device as invalid rows.
		yield* this.#withholdCompounds();
		const leftOut = new Map<string, number[]>();
		yield* forEachPausing(this.#rowsWithoutDevice, (row) => this.#leaveOut(row, leftOut));
		if (haveRowsWaited || this.#rowsWithoutDevice.length > 0) {
			// Rows that waited were added after the rows below them. The output shows all invalid rows in the order of the items.
			this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		}
		// All customers are known by now: an invalid row may belong to any of them.
		const invalidRows = yield* withholdInvalidRows(this.#invalidRows, this.#customers);
		yield* this.#devices.refuseContradictions();
		yield* this.#devices.refuseProductSpellings(
			yield* this.#productNames.findProductIdsInSeveralCases(),
			this.#customers.values(),
		);
		if (sharedDevices === 'refuse') {
			yield* this.#devices.refuseSharedDevices(invalidRows);
		}
		yield* this.#devices.dropDevicesOfInvalidRows(this.#customers.values());
		const ownerlessRows: Row[] = [];
		yield* forEachPausing(invalidRows.rows, ({ row, likeliestOwner }) => {
			if (likeliestOwner === undefined) {
				ownerlessRows.push(row);
			}
		});
		const oddities = yield* odditiesOf(this.#customers, this.#devices.byId);
		const emptyIdRemarks = yield* this.#emptyIdResolver.remarks();
		const remarks = [...emptyIdRemarks, ...this.#productNames.remarks(), ...oddities];
		const customers = [...this.#customers.values()];
		return { customers, ownerlessRows, leftOut, remarks, countNamedDevices: () => this.#countNamedDevices() };
	}

	/**
	 * Groups the rows that waited for all others: those that lack a CustomerId or a ProductName, which other rows may give them.
	 * @returns whether any row waited
	 */
	*#groupWaitingRows(): Pausing<boolean> {
		let haveRowsWaited = this.#rowsWithoutProductName.length > 0;
		yield* this.#emptyIdResolver.finish((row) => {
			haveRowsWaited = true;
			this.#group(row);
		});
		yield* forEachPausing(this.#rowsWithoutProductName, (row) => {
			for (const filledRow of this.#productNames.fill(row)) {
				this.#addToCustomer(filledRow);
			}
		});
		if (haveRowsWaited) {
			// Devices are sent in the order of their rows.
			yield* forEachPausing(this.#customers.values(), ({ devices }) => {
				devices.sort((a, b) => a.itemIndex - b.itemIndex);
			});
		}
		return haveRowsWaited;
	}

	/** Leaves out a row without a device. If other rows name its customer, the row is invalid instead. */
	#leaveOut(row: Row, leftOut: Map<string, number[]>): void {
		const id = row.customerId!;
		if (this.#customers.has(id)) {
			this.#invalidRows.push(row);
		} else {
			addToList(leftOut, id, row.itemIndex);
		}
	}

	/** If an id contains another one, both customers are withheld: `KH0001_2` (the compound) may be a second row of `KH0001` (its part). */
	*#withholdCompounds(): Pausing {
		const ids = new Set(this.#customers.keys());
		yield* forEachPausing(this.#rowsWithoutDevice, ({ customerId = '' }) => ids.add(customerId));
		// An id that only an option would make usable, such as 138-0013-8000, names a customer as well.
		yield* forEachPausing(this.#invalidRows, (row) => {
			const id = mendableIdOf(row);
			if (id !== undefined) {
				ids.add(id);
			}
		});
		let invalidRowsById: Map<string, Row[]> | undefined;
		yield* visitCompoundIds(ids, (compoundId, partId) => {
			const compound = this.#customers.get(compoundId);
			if (compound !== undefined) {
				invalidRowsById ??= groupByCustomer(this.#invalidRows);
				const invalidRows = invalidRowsById.get(compoundId) ?? [];
				this.#devices.withholdCompoundAndPart(compound, this.#customers.getOrCreate(partId), invalidRows);
			}
		});
	}

	*#countNamedDevices(): Pausing<NamedDevices> {
		// By DeviceId, the ProductName of each device that only invalid rows name; '' if none of them gives one.
		const nameByInvalidDeviceId = new Map<string, string>();
		let unreadableDeviceRowCount = 0;
		yield* forEachPausing(this.#invalidRows, (row) => {
			if (row.namedDeviceIds.length === 0) {
				unreadableDeviceRowCount += 1;
			}
			for (const { device, namedDeviceIds } of row.deviceRows ?? [row]) {
				for (const deviceId of [device.DeviceId, ...namedDeviceIds]) {
					if (deviceId !== '' && !this.#devices.byId.has(deviceId)) {
						nameByInvalidDeviceId.set(deviceId, nameByInvalidDeviceId.get(deviceId) || device.ProductName);
					}
				}
			}
		});
		const deviceCountByProduct = new Map<string, number>();
		const countProduct = (name: string) =>
			deviceCountByProduct.set(name, (deviceCountByProduct.get(name) ?? 0) + 1);
		yield* forEachPausing(this.#devices.byId.values(), ({ info }) => countProduct(info.ProductName));
		yield* forEachPausing(nameByInvalidDeviceId.values(), countProduct);
		const deviceCount = this.#devices.byId.size + nameByInvalidDeviceId.size;
		return {
			deviceCount,
			deviceCountByProduct,
			unreadableDeviceRowCount,
			invalidDeviceIds: nameByInvalidDeviceId.keys(),
		};
	}
}

/** Groups rows by CustomerId. */
function groupByCustomer(rows: readonly Row[]): Map<string, Row[]> {
	const rowsById = new Map<string, Row[]>();
	for (const row of rows) {
		addToList(rowsById, row.customerId ?? '', row);
	}
	return rowsById;
}
