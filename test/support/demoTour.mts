import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { picked } from './picked.mts';

const columns = Object.fromEntries(
	['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'].map((field) => [
		field,
		`={{ $json.${field} }}`,
	]),
);

/** The input row of each operation. */
export const TOUR_ROW = {
	CustomerId: 'user_1024',
	CustomerDeviceNo: 'SN-0001',
	DeviceId: 'LOCK01/front_door',
	ProductName: '智能门锁',
};

/** The values that the tour of the demo world fills in, by field name. All other fields keep the editor's default. */
const FILLED_IN: Readonly<Record<string, INodeParameters[string]>> = {
	actionId: 'open_door',
	columns: { mappingMode: 'defineBelow', value: columns },
	customerId: 'user_1024',
	data: '{"auto_lock": 1}',
	deviceId: 'LOCK01/front_door',
	deviceName: 'front_door',
	endTime: '={{ $now }}',
	fieldName: 'temperature',
	orderNo: '2026-000003',
	phoneNumber: '13800138002',
	productId: 'LOCK01',
	reportTime: '={{ $now }}',
	startTime: '={{ $now.minus({ days: 1 }) }}',
};

/** Fields that need another value in one operation than in the others. */
const EXCEPTIONS: Readonly<Record<string, INodeParameters>> = {
	// user_1024 exists already.
	'customer.create': { customerId: 'user_1' },
};

/** The values to fill in for each operation, by `resource.operation`. */
export const filledIn: Readonly<Record<string, INodeParameters>> = Object.fromEntries(
	resources.flatMap(({ value, operations }) =>
		operations.map((operation) => {
			const name = `${value}.${operation.value}`;
			return [name, { ...valuesFor(operation.properties), ...EXCEPTIONS[name] }];
		}),
	),
);

function valuesFor(properties: readonly INodeProperties[]): INodeParameters {
	const values: INodeParameters = {};
	for (const { name, type } of properties) {
		const value = FILLED_IN[name];
		if (value !== undefined) {
			values[name] = type === 'resourceLocator' ? picked(String(value)) : value;
		}
	}
	return values;
}
