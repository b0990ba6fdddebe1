import type { INodeParameters } from 'n8n-workflow';
import { picked } from './picked.mts';

const device = { productId: 'LOCK01', deviceName: picked('front_door') };
const customerId = picked('user_1024');
const columns = Object.fromEntries(
	['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'].map((field) => [
		field,
		`={{ $json.${field} }}`,
	]),
);
const bindings = { columns: { mappingMode: 'defineBelow', value: columns } };
/** The row that leads to each operation. */
export const TOUR_ROW = {
	CustomerId: 'user_1024',
	CustomerDeviceNo: 'SN-0001',
	DeviceId: 'LOCK01/front_door',
	ProductName: '智能门锁',
};

/** What the tour of the demo world says to fill in, for each operation: everything else is the editor's default. */
export const FILLED_IN: Readonly<Record<string, INodeParameters>> = {
	'account.check': {},
	'customer.create': { customerId: 'user_1', phoneNumber: '13800138002' },
	'customer.getMany': {},
	'device.callAction': { ...device, actionId: picked('open_door') },
	'device.control': { ...device, data: '{"auto_lock": 1}' },
	'device.get': device,
	'device.getMany': { productId: 'LOCK01' },
	'deviceBinding.push': bindings,
	'deviceBinding.sync': bindings,
	'deviceBinding.audit': bindings,
	'deviceData.getEvents': device,
	'deviceData.getHistory': {
		...device,
		fieldName: picked('temperature'),
		startTime: '={{ $now.minus({ days: 1 }) }}',
		endTime: '={{ $now }}',
	},
	'deviceData.getLatest': device,
	'deviceData.report': { customerId, deviceId: 'LOCK01/front_door', reportTime: '={{ $now }}' },
	'deviceData.reportState': { deviceId: 'LOCK01/front_door' },
	'insurancePage.getUrl': { customerId },
	'order.create': { customerId, orderNo: '2026-000003' },
	'order.getMany': {},
	'product.getModel': { productId: 'LOCK01' },
};
