import type { IDataObject } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { findOperation } from '../../nodes/TencentCloudIot/resources';
import { findingsOf, readItem } from '../support/readItem.mts';
import { shows } from '../support/texts.mts';

const operationOf = (name: string) => findOperation(...(name.split('.') as [string, string]));

const device = { productId: 'P', deviceName: 'D1' };
const report = { customerId: 'c1', deviceId: 'P/D', reportTime: '2026-01-01' };
const reading = (value: unknown) => ({ ...report, readings: { reading: [{ subType: 1002, value }] } });
const order = { customerId: 'c1', orderNo: '1', liveOrder: true, itemNum: 1 };
const live = { ...order, liveOrder: false, itemId: 'FireInsurance2020' };
const IS_LIVE = "'Item ID' is a live item, and 'Live Order' is off in the node: give a test item (D-…)";
const start = '2026-01-01T00:00:00Z';
const end = '2026-01-02T00:00:00Z';
const history = { ...device, fieldName: 't' };

/** An operation, its fields, and all findings about them. */
test.each<[operation: string, values: IDataObject, ...findings: string[]]>([
	[
		'customer.create',
		{ customerId: 'a b', phoneNumber: '13800138000' },
		"'Customer ID' is more than an ID, as it has",
	],
	['customer.create', { customerId: 'c', phoneNumber: null }, "'Phone Number' is missing: fill it in"],
	['customer.create', { customerId: 'c', phoneNumber: 1.5 }, "'Phone Number' is not a whole number"],
	['customer.getMany', { limit: 0 }, "'Limit' is not a whole number of at least 1"],
	[
		'customer.getMany',
		{ limit: 1, returnAll: 'no' },
		"'Return All' is not one of the allowed values: true, false",
	],
	['customer.getMany', { limit: 1, filters: { customerId: true } }, "'Customer ID' is of type boolean"],
	['order.create', { ...order, itemNum: 'two' }, "'Item Count' is not a whole number of at least 1"],
	['order.create', live, IS_LIVE],
	['order.create', { ...live, itemId: 'd-FireInsurance2020' }, IS_LIVE],
	[
		'order.create',
		{ ...live, liveOrder: 'true' },
		"'Live Order' is not one of the allowed values: true, false",
		IS_LIVE,
	],
	['device.get', { productId: 'P', deviceName: 'P/D1' }, '\'Device Name\' has a "/"'],
	['device.control', { ...device, data: '{power:1}' }, "'Data' is not JSON"],
	['device.control', { ...device, data: [1] as never }, "'Data' is not JSON: give an object"],
	['device.control', { ...device, data: ' { } ' }, "'Data' is empty: add at least one"],
	['device.control', { ...device, data: { on: NaN } }, "'Data' has a value for 'on' that is NaN"],
	['device.control', { ...device, data: { at: undefined } }, "'Data' has no value for 'at'"],
	[
		'device.control',
		{ ...device, data: { n: [{ id: 2 ** 60 }] } },
		"'Data' has a value for 'id' that is a number too large to be exact",
	],
	['deviceData.report', { ...reading(1), deviceId: 'P' }, "'Device ID' is not ProductId/DeviceName"],
	['deviceData.report', { ...reading(1), reportTime: 1767225600 }, "'Report Time' is not a date and time"],
	['deviceData.report', reading('21,5'), "'Value' is not a number"],
	['deviceData.report', reading('9007199254740993'), "'Value' is a number too large to be exact"],
	['deviceData.report', { ...report, readings: {} }, "'Readings' is empty: add at least one"],
	[
		'deviceData.reportState',
		{ deviceId: 'P/D', onlineStatus: 7 },
		"'Online Status' is not one of the allowed",
	],
	[
		'deviceData.getHistory',
		{ ...history, startTime: 'yesterday', endTime: start },
		"'Start Time' is not a date",
	],
	[
		'deviceData.getHistory',
		{ ...history, startTime: end, endTime: start },
		"'End Time' is before Start Time",
	],
	['deviceData.getHistory', { ...history, startTime: '2999-01-01' }, "'Start Time' is in the future"],
	[
		'deviceData.getEvents',
		{ ...device, filters: { startTime: end, endTime: start } },
		"'End Time' is before",
	],
])('%s with %j: %s', (name, values, ...findings) => {
	const { properties } = operationOf(name);
	const defaults = Object.fromEntries(properties.map((property) => [property.name, property.default]));
	const found = findingsOf(operationOf(name), { ...defaults, ...values });
	expect(found).toEqual(findings.map((finding) => expect.stringContaining(finding)));
});

describe.each(['order.create', 'insurancePage.getUrl'])('%s', (name) => {
	const findings = (itemId: string, itemVNO: string) =>
		findingsOf(operationOf(name), { ...order, itemId, itemVNO });

	test('does not take the version of one item for another', () => {
		expect(findings('D-FireInsurance2020', 'AutoBase').join()).toMatch(
			/^'Item Version' is a version of CarInsurance2021, not of D-FireInsurance2020: choose one of FireBusiness, /,
		);
		expect(findings('CarInsurance2021', 'FirePRO20W')).toHaveLength(1);
	});

	test('passes unknown items and versions to Tencent unchecked', () => {
		expect(findings('HomeInsurance2027', 'AutoBase')).toEqual([]);
		expect(findings('FireInsurance2020', 'FireNEW')).toEqual([]);
	});
});

test.each<[data: IDataObject, isDone: boolean]>([
	[{ URL: 'https://x.example/' }, true],
	[{ MpAppId: 'wx1', MpAppPath: 'pages/a' }, true],
	[{ URL: '', MpAppId: 'wx1', MpAppPath: '' }, false],
	[{ URL: null, MpAppId: 1, MpAppPath: 2 }, false],
])('A response without the address of an insurance page is not a success: %j', (data, isDone) => {
	expect(operationOf('insurancePage.getUrl').isDone(data)).toBe(isDone);
});

test('A device that is offline or has no subscription was not controlled', () => {
	const isDone = operationOf('device.control').isDone({ Result: '{"Sent":0,"Subscribed":1}' });
	expect(isDone).toEqual(shows(/offline/));
});

describe.each([
	['deviceData.getHistory', (range: object) => range, 'MinTime', 'MaxTime', 1],
	['deviceData.getEvents', (filters: object) => ({ filters }), 'StartTime', 'EndTime', 1000],
] as const)('The range of %s', (name, asked, from, to, unitMs) => {
	const DAY_MS = 86_400_000;
	const sent = (range: object) => {
		const values = { ...history, limit: 1, returnAll: false, type: 'all', ...asked(range) };
		const { parameters, findings } = readItem(operationOf(name), values);
		expect(findings).toEqual([]);
		return [Number(parameters[from]) * unitMs, Number(parameters[to]) * unitMs];
	};

	test('is by default the last 24 hours, or everything', () => {
		const [startMs = NaN, endMs = NaN] = sent({});
		expect(endMs - startMs).toBe(name === 'deviceData.getHistory' ? DAY_MS : 0);
	});

	test('is the 24 hours before an end without a start, and may be a single moment', () => {
		const endMs = Date.parse(end);
		expect(sent({ endTime: end })).toEqual([endMs - DAY_MS, endMs]);
		expect(sent({ startTime: end, endTime: end })).toEqual([endMs, endMs]);
	});

	test('that starts in 1970 is not treated as unset', () => {
		expect(sent({ startTime: '1970-01-01T00:00:01Z' })[0]).toBe(1000);
	});
});
