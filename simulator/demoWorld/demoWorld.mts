import type { Customer, DeviceInfo, InitialState, Order } from '../serviceState.mts';
import { readCrmExport } from './crmExport.mts';
import type { DeviceOutline } from './devices.mts';
import { deviceOf } from './devices.mts';
import { products } from './products.mts';

/** What the simulator has at the start. */
export type World = Omit<InitialState, 'scrolls'>;

/** The customers in the example workflows. */
const customers: readonly Customer[] = [
	{ CustomerId: 'user_1024', CountryCode: '86', PhoneNumber: '13800138000' },
	{ CustomerId: 'user_2048', CountryCode: '86', PhoneNumber: '13800138001' },
];

const devices: readonly DeviceOutline[] = [
	{ ProductId: 'LOCK01', DeviceName: 'front_door', Status: 1 },
	{ ProductId: 'LOCK01', DeviceName: 'back_door', Status: 1 },
	{ ProductId: 'LOCK01', DeviceName: 'cellar', Status: 0 },
	{ ProductId: 'CAM01', DeviceName: 'entrance', Status: 1 },
	{ ProductId: 'CAM01', DeviceName: 'garage', Status: 1 },
	// Never activated: an audit reports it.
	{ ProductId: 'CAM01', DeviceName: 'terrace', Status: 3 },
	{ ProductId: 'ProductABC', DeviceName: 'Device001', Status: 1 },
	{ ProductId: 'ProductABC', DeviceName: 'Device002', Status: 1 },
];

const bindings: Readonly<Record<string, readonly DeviceInfo[]>> = {
	user_1024: [
		{ CustomerDeviceNo: 'SN-0001', DeviceId: 'LOCK01/front_door', ProductName: '智能门锁' },
		{ CustomerDeviceNo: 'SN-0002', DeviceId: 'LOCK01/back_door', ProductName: '智能门锁' },
	],
	user_2048: [{ CustomerDeviceNo: 'SN-0003', DeviceId: 'CAM01/entrance', ProductName: '摄像头' }],
};

const orders: readonly Order[] = [
	{
		CustomerId: 'user_1024',
		OrderNo: '2026-000001',
		ItemId: 'D-FireInsurance2020',
		ItemVNO: 'FireBusiness',
		ItemNum: 1,
	},
	{
		CustomerId: 'user_2048',
		OrderNo: '2026-000002',
		ItemId: 'D-CarInsurance2021',
		ItemVNO: 'AutoBase',
		ItemNum: 1,
	},
];

/**
 * A world that gives every operation of the node something to show: what the example workflows name, and all
 * customers and devices of examples/crm-devices.csv. The same time always gives the same world.
 *
 * @param nowMs Unix milliseconds: values and events are from the days before
 */
export function demoWorld(nowMs: number): World {
	const crm = readCrmExport();
	return {
		customers: [...customers, ...crm.customers],
		devices: [...devices, ...crm.devices].map((device, index) => deviceOf(device, index, nowMs)),
		models: Object.fromEntries([...products].map(([id, { model }]) => [id, JSON.stringify(model)])),
		bindings,
		orders,
	};
}

/** What users can try, under the names of the node's fields. */
export const demoTour = `
Data to try any operation with, without creating anything first:
  Product ID   LOCK01, with its model; Device Name front_door, back_door, cellar (offline)
  Device ID    LOCK01/front_door, with values of each hour and events of the last 7 days
  Field Name   temperature or battery;  Action ID open_door;  Data {"auto_lock": 1}
  Customer ID  user_1024, with the order 2026-000001
  Audit        the example monthly-audit: a wrong letter (LOCK01/back_dooor), a device never activated (CAM01/terrace),
               one in no row (LOCK01/cellar), an unknown customer (user_4096), another phone number (user_2048)
and the 10 products, all customers and all devices of examples/crm-devices.csv.
Live orders, Control, Call Action and Include Secrets need Everything under Allowed Actions in the credential.
`;
