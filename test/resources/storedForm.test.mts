import { expect, test } from '@jest/globals';
import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { resourceProperties } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { columnList } from '../../nodes/TencentCloudIot/editor/lists';
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';
import { storedForm } from '../support/storedForm.mts';

const STORED_FORM = new URL('storedForm.json', import.meta.url);

test('What workflows store of the node never changes: parameters, values, defaults and when they are shown', () => {
	const { stored } = JSON.parse(readFileSync(STORED_FORM, 'utf8')) as { stored: string[] };
	expect(storedForm(resourceProperties)).toEqual(stored);
});

test('The ids of the columns never change, and all are required', async () => {
	const { fields } = await columnList.list.call({} as ILoadOptionsFunctions);
	expect(fields.map(({ id, type, required, display }) => ({ id, type, required, display }))).toEqual(
		['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'].map((id) => ({
			id,
			type: 'string',
			required: true,
			display: true,
		})),
	);
});

test('The names by which workflows find node, credential and methods never change', () => {
	const { description, methods } = new TencentCloudIot();
	expect(description).toMatchObject({
		name: 'tencentCloudIot',
		version: 1,
		properties: resourceProperties,
		credentials: [{ name: 'tencentCloudIotApi', required: true, testedBy: 'testTencentCloudIotApi' }],
	});
	expect(Object.keys(methods.credentialTest)).toEqual(['testTencentCloudIotApi']);
	expect(Object.keys(methods.resourceMapping).sort()).toEqual(['getColumns', 'getProperties']);
	expect(Object.keys(methods.listSearch).sort()).toEqual([
		'searchActions',
		'searchCustomers',
		'searchDevices',
		'searchProperties',
	]);
});

test('Each operation sends its own Action', () => {
	const actions = resources.flatMap(({ value, operations }) =>
		operations.map((operation) => [`${value}.${operation.value}`, operation.action, operation.effect]),
	);
	expect(actions).toEqual([
		['account.check', 'ServiceGetCustomerList', 'read'],
		['customer.create', 'ServiceCreateCustomer', 'idempotent'],
		['customer.getMany', 'ServiceGetCustomerList', 'read'],
		['device.get', 'ServiceDescribeDevice', 'read'],
		['device.getMany', 'ServiceGetDeviceList', 'read'],
		['device.control', 'ServiceControlDeviceData', 'once'],
		['device.callAction', 'ServiceCallDeviceActionSync', 'once'],
		['deviceBinding.push', 'ServiceBindDevice', 'idempotent'],
		['deviceBinding.sync', 'ServiceBindDevice', 'idempotent'],
		['deviceBinding.audit', 'ServiceGetDeviceList', 'read'],
		['deviceData.getLatest', 'ServiceDescribeDeviceData', 'read'],
		['deviceData.getHistory', 'ServiceDescribeDeviceDataHistory', 'read'],
		['deviceData.getEvents', 'ServiceListEventHistory', 'read'],
		['deviceData.report', 'ServiceReportDeviceData', 'idempotent'],
		['deviceData.reportState', 'ServiceReportDeviceState', 'idempotent'],
		['insurancePage.getUrl', 'ServiceGetInsurancePageURL', 'read'],
		['order.create', 'ServiceCreateOrder', 'once'],
		['order.getMany', 'ServiceGetOrderList', 'read'],
		['product.getModel', 'ServiceDescribeModelDefinition', 'read'],
	]);
});
