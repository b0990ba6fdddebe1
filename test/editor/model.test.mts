import { describe, expect, test } from '@jest/globals';
import { NodeHelpers, type INode } from 'n8n-workflow';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';
import { demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { editor } from './editorContext.mts';

const { listSearch, resourceMapping } = panel.methods;

const world = demoWorld(Date.now());
const inDemoWorld = async () => editor(await runSimulator(world), { productId: 'LOCK01' });
const withModel = async (model: string) =>
	editor(await runSimulator({ models: { P: model } }), { productId: 'P' });

test('All properties of the model are listed for Field Name, by name and identifier', async () => {
	const context = await inDemoWorld();
	expect((await listSearch.searchProperties!.call(context)).results).toEqual([
		{ name: '自动上锁 (auto_lock)', value: 'auto_lock' },
		{ name: '电量 (battery)', value: 'battery' },
		{ name: '门锁状态 (lock_state)', value: 'lock_state' },
		{ name: '名称 (nickname)', value: 'nickname' },
		{ name: '温度 (temperature)', value: 'temperature' },
		{ name: '音量 (volume)', value: 'volume' },
	]);
	for (const filter of [' 电量', 'BATT']) {
		const { results } = await listSearch.searchProperties!.call(context, filter);
		expect(results.map(({ value }) => value)).toEqual(['battery']);
	}
});

test('The actions of the model are listed for Action ID', async () => {
	const { results } = await listSearch.searchActions!.call(await inDemoWorld());
	expect(results.map(({ value }) => value)).toEqual(['open_door', 'self_test']);
});

test('Control offers the properties that can be set, each with its type and the labels of its values', async () => {
	const { fields, emptyFieldsNotice } = await resourceMapping.getProperties!.call(await inDemoWorld());
	expect(emptyFieldsNotice).toBeUndefined();
	expect(fields.map(({ id, type }) => [id, type])).toEqual([
		['auto_lock', 'options'],
		['lock_state', 'options'],
		['nickname', 'string'],
		['volume', 'number'],
	]);
	expect(fields[0]).toMatchObject({
		displayName: '自动上锁 (auto_lock)',
		required: false,
		display: true,
		options: [
			{ name: '关 (0)', value: 0 },
			{ name: '开 (1)', value: 1 },
		],
	});
});

test('Structures, lists, times and text values have an editor type, too', async () => {
	const properties = [
		{ id: 's', name: 'S', mode: 'rw', define: { type: 'struct', specs: [] } },
		{ id: 'a', name: 'A', mode: 'rw', define: { type: 'array', arrayInfo: { type: 'int' } } },
		{ id: 't', name: 'T', mode: 'rw', define: { type: 'timestamp' } },
		{ id: 'e', name: 'E', mode: 'rw', define: { type: 'stringenum', mapping: { low: 'Low' } } },
		{ id: 'new', mode: 'rw' },
	];
	const { fields } = await resourceMapping.getProperties!.call(
		await withModel(JSON.stringify({ properties })),
	);
	expect(fields.map(({ id, type, options }) => [id, type, options?.[0]?.value])).toEqual([
		['s', 'object', undefined],
		['a', 'array', undefined],
		['t', 'number', undefined],
		['e', 'options', 'low'],
		['new', 'string', undefined],
	]);
});

describe.each([undefined, '', '={{ $json.product }}'])('Without a product (%j)', (productId) => {
	test('each list says what to do', async () => {
		const context = editor(await runSimulator(world), { productId });
		const listed = (kind: string) => `Fill in 'Product ID' to list its ${kind}.`;
		await expect(listSearch.searchProperties!.call(context)).rejects.toThrow(listed('properties'));
		await expect(listSearch.searchActions!.call(context)).rejects.toThrow(listed('actions'));
		expect(await resourceMapping.getProperties!.call(context)).toEqual({
			fields: [],
			emptyFieldsNotice: listed('properties'),
		});
	});
});

describe.each([
	['none', ''],
	['no JSON', '<html>'],
	['no object', '[]'],
	['no lists', '{"properties": {}, "actions": "none"}'],
	['empty lists', '{"properties": [], "actions": []}'],
	['lists without objects', '{"properties": [null, 1], "actions": ["a"]}'],
])('Of a model that is %s', (_, model) => {
	test('each list says that nothing is published', async () => {
		const context = await withModel(model);
		const message = (kind: string) =>
			`The model of product 'P' has no ${kind} to choose from. Publish them on the IoT platform, or type them`;
		await expect(listSearch.searchProperties!.call(context)).rejects.toMatchObject({
			message: message('properties'),
		});
		await expect(listSearch.searchActions!.call(context)).rejects.toMatchObject({
			message: message('actions'),
		});
		expect((await resourceMapping.getProperties!.call(context)).emptyFieldsNotice).toBe(
			message('properties'),
		);
	});
});

test('If only devices can set the properties, Control says so', async () => {
	const properties = [{ id: 'smoke', name: '烟雾', mode: 'r', define: { type: 'int' } }];
	const { fields, emptyFieldsNotice } = await resourceMapping.getProperties!.call(
		await withModel(JSON.stringify({ properties })),
	);
	expect(fields).toEqual([]);
	expect(emptyFieldsNotice).toContain("The model of product 'P' has no properties to choose from");
});

test('Control also reports transport errors', async () => {
	const simulator = await runSimulator(world);
	await simulator.close();
	const { fields, emptyFieldsNotice } = await resourceMapping.getProperties!.call(
		editor(simulator, { productId: 'LOCK01' }),
	);
	expect(fields).toEqual([]);
	expect(emptyFieldsNotice).toMatch(
		/^The endpoint refused the connection. Nothing was sent. Check the endpoint/,
	);
});

test("A product that Tencent does not know is reported with Tencent's message and what to do", async () => {
	const context = editor(await runSimulator(world), { productId: 'GONE' });
	const message =
		'Tencent responded with InvalidParameterValue: ProductId 无效: 产品不存在 (ProductId is not valid: there is no such product). ' +
		'Tencent refused it; nothing was changed. Correct what the message names';
	await expect(listSearch.searchActions!.call(context)).rejects.toMatchObject({ message });
	expect((await resourceMapping.getProperties!.call(context)).emptyFieldsNotice).toBe(message);
});

test('A plain string, as stored before there was a list, is valid like a typed value', () => {
	const { description } = new TencentCloudIot();
	const issuesOf = (fieldName: unknown) => {
		const given = { resource: 'deviceData', operation: 'getHistory', productId: 'P', deviceName: 'D' };
		const parameters = { ...given, startTime: '2026-01-01', endTime: '2026-01-02', fieldName };
		const node = { typeVersion: 1, parameters } as unknown as INode;
		return NodeHelpers.getNodeParametersIssues(description.properties, node, description);
	};
	for (const value of ['temperature', '={{ $json.field }}']) {
		expect(issuesOf(value)).toBeNull();
		expect(issuesOf({ __rl: true, mode: 'id', value })).toBeNull();
	}
	expect(issuesOf('')?.parameters).toHaveProperty('fieldName');
});
