import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Customer } from '../serviceState.mts';
import type { DeviceOutline } from './devices.mts';
import { products } from './products.mts';

const file = join(import.meta.dirname, '../../examples/crm-devices.csv');

/** The columns of the export that hold customers and devices. */
interface Row {
	readonly 客户编号?: string;
	readonly 手机号?: string;
	readonly 设备ID?: string;
	readonly 状态?: string;
}

/** The customers and devices of examples/crm-devices.csv, each once. The service has to refuse rows that name none. */
export function readCrmExport(): {
	readonly customers: readonly Customer[];
	readonly devices: readonly DeviceOutline[];
} {
	const rows = parse<Row>(readFileSync(file), { bom: true, columns: true, relax_column_count_less: true });
	const customers = rows.flatMap(({ 客户编号: CustomerId = '', 手机号: PhoneNumber = '' }) =>
		/^\w{1,32}$/.test(CustomerId) ? [{ CustomerId, CountryCode: '86', PhoneNumber }] : [],
	);
	const devices = rows.flatMap(({ 设备ID: id = '', 状态: state }) => {
		const [ProductId = '', DeviceName = '', ...extraParts] = id.split('/');
		return products.has(ProductId) && /^[\w:-]{1,48}$/.test(DeviceName) && extraParts.length === 0
			? [{ ProductId, DeviceName, Status: state === '停用' ? 0 : 1 }]
			: [];
	});
	return {
		customers: distinct(customers, ({ CustomerId }) => CustomerId),
		devices: distinct(devices, ({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}`),
	};
}

function distinct<T>(records: readonly T[], idOf: (record: T) => string): T[] {
	return [...new Map(records.map((record) => [idOf(record), record])).values()];
}
