import { expect, test } from '@jest/globals';
import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { findOperation } from '../../nodes/TencentCloudIot/resources';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { editorLists } from '../../nodes/TencentCloudIot/editor/lists';
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';
import { changesOf, storedForm } from '../support/storedForm.mts';

const STORED_FORM = new URL('storedForm.json', import.meta.url);

const { stored, actions } = JSON.parse(readFileSync(STORED_FORM, 'utf8')) as {
	stored: string[];
	actions: Record<string, string>;
};

test('The stored form of the node never changes: parameters, values, defaults and display conditions', () => {
	expect(changesOf(stored, storedForm(panel.properties))).toEqual([]);
});

test('The ids of the columns never change, and n8n requires none of them: an empty one is mapped automatically', async () => {
	const { fields } = await editorLists.columns.list.call({} as ILoadOptionsFunctions);
	expect(fields.map(({ id, type, required, display }) => ({ id, type, required, display }))).toEqual(
		['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'].map((id) => ({
			id,
			type: 'string',
			required: false,
			display: true,
		})),
	);
});

test('The names by which workflows find node, credential and methods never change', () => {
	const { description, methods } = new TencentCloudIot();
	expect(description).toMatchObject({
		name: 'tencentCloudIot',
		version: 1,
		properties: panel.properties,
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

test('A stored operation never sends another Action', () => {
	for (const [name, action] of Object.entries(actions)) {
		const [resource = '', operation = ''] = name.split('.');
		expect([name, findOperation(resource, operation).action]).toEqual([name, action]);
	}
});

test.each([
	['is there still', 'b: string (x, y) = "x"', true],
	['gets another value', 'b: string (z, y, x) = "x"', true],
	['loses a value', 'b: string (x, z) = "x"', false],
	['gets another default', 'b: string (x, y) = "y"', false],
	['gets another type', 'b: number (x, y) = "x"', false],
	['is shown otherwise', 'b: string (x, y) = "x" when {"show":{}}', false],
	['has another name', 'd: string (x, y) = "x"', false],
])('A parameter that %s: %s', (_, line, isKept) => {
	const before = ['a: string = ""', 'b: string (x, y) = "x"', 'c: string = ""'];
	const changes = changesOf(before, ['new: string = ""', before[0]!, 'new: string = ""', line, before[2]!]);
	expect(changes).toEqual(isKept ? [] : [before[1]]);
});
