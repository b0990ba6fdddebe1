import { expect, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { openReader, readItems, type ItemReader } from '../../nodes/TencentCloudIot/input/itemReader';

/** The context of the node's execution: by default a run of the engine after another node. */
function contextOf(parameters: IDataObject, changes: object = {}) {
	const node = { name: 'Node', type: 'tencentCloudIot', parameters };
	return {
		getNode: () => node,
		getTimezone: () => 'UTC',
		getWorkflow: () => ({}),
		getMode: () => 'trigger',
		continueOnFail: () => false,
		getExecutionCancelSignal: () => undefined,
		getWorkflowDataProxy: () => ({}),
		getExecutionId: () => '1',
		getExecuteData: () => ({ node, source: { main: [{ previousNode: 'Rows' }] } }),
		evaluateExpression: (expression: string, index: number) => `${expression} of ${index}`,
		...changes,
	} as unknown as IExecuteFunctions;
}

/** The input that a run of the node reads from n8n. */
function inputOf(context: IExecuteFunctions, items: INodeExecutionData[]): NodeInput {
	return new NodeInput(context, items, new Execution(context));
}

/** The values read from each row. */
async function read<Read>(
	rows: object[],
	parameters: object,
	readOne: (reader: ItemReader, index: number) => Read,
): Promise<Read[]> {
	const items = rows.map((json) => ({ json: json as IDataObject }));
	const context = contextOf(parameters as IDataObject);
	const values = [];
	const reader = await openReader(inputOf(context, items), columnClues('refuse'));
	for await (const batch of readItems(reader, readOne)) {
		values.push(...batch);
	}
	return values;
}

test('Filled columns without a field are named; only columns with a field decide whether a row is blank or repeats the header', async () => {
	const value = {
		CustomerId: '={{ $json.客户 }}',
		CustomerDeviceNo: '={{ $json["序列号"] }}',
		DeviceId: '={{ $json["产品"] }}/{{ $json["设备"] }}',
		ProductName: 'Lock',
	};
	const rows = [
		{ 客户: 'a', 序列号: '1', 产品: ' P', 设备: 'D ', 姓名: '张伟', 备注: '', 城市: null },
		{ 客户: '', 序列号: ' ', 产品: null, 设备: '', 姓名: '合计' },
		{ 客户: '客户', 序列号: '序列号', 产品: '产品', 设备: '设备' },
		{ 客户: '客户', 序列号: '1', 产品: 'P', 设备: 'D' },
		{ 客户: 'Customer_ID', 序列号: 'SN', 产品: 'N/A', 设备: 'D' },
		{ 客户: 'a', 序列号: '序列号', 产品: 'P', 设备: 7 },
	];
	const dataRow = { isBlank: false, isHeader: false, unmapped: {}, DeviceId: 'P/D' };
	const readRow = (reader: ItemReader, index: number) => ({
		isBlank: reader.isBlank(index),
		isHeader: reader.isHeader(index),
		unmapped: Object.fromEntries(reader.unmappedCells(index)),
		DeviceId: reader.read('columns.DeviceId', index),
	});
	expect(await read(rows, { columns: { mappingMode: 'defineBelow', value } }, readRow)).toEqual([
		{ ...dataRow, unmapped: { 姓名: '张伟' } },
		{ ...dataRow, isBlank: true, unmapped: { 姓名: '合计' }, DeviceId: null },
		{ ...dataRow, isHeader: true, DeviceId: '产品/设备' },
		dataRow,
		{ ...dataRow, isHeader: true, DeviceId: 'N/A' },
		{ ...dataRow, DeviceId: 'P/7' },
	]);
	const byName = { columns: { mappingMode: 'autoMapInputData', value: null } };
	const header = { CustomerId: 'CustomerId', SN: 'Serial No', DeviceId: 'P/D', Product: 7 };
	expect(await read([header], byName, readRow)).toEqual([{ ...dataRow, isHeader: true }]);
});

const BY_HAND = {
	CustomerId: '={{ $json.客户 }}',
	CustomerDeviceNo: '={{ $json.序列号 }}',
	DeviceId: '={{ $json["产品"] }}/{{ $json["设备"] }}',
	ProductName: 'Lock',
};

test.each<[what: string, row: object, isBlank: boolean]>([
	['blank if only columns without a field are filled', { 备注: 'x' }, true],
	['blank if one of them has another name of a field', { CustomerId: 'b', 备注: 'x' }, true],
	['not blank but from another sheet if names of two fields are filled', { CustomerId: 'b', SN: '1' }, false],
	['from this sheet if a mapped column is filled', { 序列号: '1' }, false],
])('A row is %s', async (_what, row, isBlank) => {
	const rows = [{ 客户: 'a', 序列号: '1', 产品: 'P', 设备: 'D' }, row];
	const columns = { mappingMode: 'defineBelow', value: BY_HAND };
	const [, second] = await read(rows, { columns }, (reader, index) => reader.isBlank(index));
	expect(second).toBe(isBlank);
});

test.each<[product: unknown, device: unknown, deviceId: unknown]>([
	['P', 'D', 'P/D'],
	['', 'D', ''],
	[null, 7, null],
	['', '合计', '合计'],
	['', ' Total ', ' Total '],
	['', '3 台', '3 台'],
	['P', 'null', 'null'],
	['P', ['D', 'E'], ['P/D', 'P/E']],
	['P', ['D', ''], ['P/D', '']],
])('A DeviceId from the cells %j and %j is read as %j', async (product, device, deviceId) => {
	const rows = [{ 客户: 'a', 序列号: '1', 产品: product, 设备: device }];
	const columns = { mappingMode: 'defineBelow', value: BY_HAND };
	expect(await read(rows, { columns }, (reader) => reader.read('columns.DeviceId', 0))).toEqual([deviceId]);
});

const A = '={{ $json.a }}';
const mapper = { mappingMode: 'defineBelow', value: null };

test.each<[raw: unknown, value: unknown]>([
	[7, 7],
	[null, null],
	[A, 'x'],
	['={{ $json.a.at }}', '{{ $json["a"]["at"] }} of 1'],
	['={{ $json.b + 1 }}', '{{ $json.b + 1 }} of 1'],
	['= {{ $json.a }} - {{ $json.b }} ', ' x - 2 '],
	['={{ $json.none }}/{{ $json.a }}', undefined],
	[{ __rl: true, mode: 'id', value: A }, 'x'],
	[
		[A, { b: '={{ $json.b }}' }],
		['x', { b: ' 2 ' }],
	],
	[
		{ ...mapper, value: { a: A, b: null }, schema: [A] },
		{ ...mapper, value: { a: 'x' }, schema: [A] },
	],
	[mapper, { ...mapper, value: {} }],
])('A parameter stored as %j is read as %j', async (raw, value) => {
	const [, second] = await read([{}, { a: 'x', b: ' 2 ' }], { raw }, (reader, index) => [
		reader.read('raw', index),
		reader.stored('raw'),
	]);
	expect(second).toEqual([value, raw]);
});

test.each([[{}], [() => 1]])('A template is refused if one of its parts is not text: %s', async (part) => {
	const reading = read([{ part }], { raw: '=x{{ $json.part }}' }, (reader) => reader.read('raw', 0));
	await expect(reading).rejects.toThrow('a part of it is not text');
});

const ITEMS = [{ json: { a: 'item' } }, {}] as INodeExecutionData[];
const OWN = [{ a: 'item' }, {}];
const PROXIED = [{ of: 0 }, { of: 1 }];
const outside = { getExecutionId: () => undefined };
const alone = (name: string) => ({ getExecuteData: () => ({ node: { name }, source: null }) });

test.each<[what: string, changes: object, isToolCall: boolean, runsAlone: boolean, rows: object[]]>([
	['the engine, after another node', {}, false, false, OWN],
	['the engine, as a single step', alone('Node'), false, true, OWN],
	['a caller outside the engine, after another node', outside, false, false, OWN],
	['a caller outside the engine, alone', { ...outside, ...alone('Node') }, true, true, PROXIED],
	['an agent that the engine runs', alone('Agent'), true, false, PROXIED],
])('The node is run by %s', (_, changes, isCall, isAlone, rows) => {
	const getWorkflowDataProxy = (index: number) => ({ $json: { of: index } });
	const context = contextOf({}, { getWorkflowDataProxy, ...changes });
	const { isToolCall, runsAlone } = new Execution(context);
	expect([isToolCall, runsAlone, inputOf(context, ITEMS).rows()]).toEqual([isCall, isAlone, rows]);
});

test.each<[what: string, previousNode: string, count: number, rows: object[]]>([
	['the item that came into the agent', 'Rows', 1, [{ a: 'agent' }, { a: 'agent' }]],
	['its own, if several came into the agent', 'Rows', 2, OWN],
	['its own, if n8n names the agent itself', 'Agent', 1, OWN],
])('The rows of a tool that the engine runs for an agent are %s', (_, previousNode, count, rows) => {
	const sourceOverwrite = { previousNode, previousNodeOutput: 1, previousNodeRun: 2 };
	const items = ITEMS.map((item) => ({ ...item, pairedItem: { item: 0, sourceOverwrite } }));
	const itemsOf = (...of: number[]) => Array(count).fill({ json: { a: of.join() === '1,2' ? 'agent' : '' } });
	const context = contextOf(
		{},
		{
			getExecuteData: () => ({ node: { name: 'Node' }, source: { main: [{ previousNode: 'Agent' }] } }),
			getWorkflowDataProxy: () => ({ $: () => ({ all: itemsOf }) }),
		},
	);
	expect(inputOf(context, items).rows()).toEqual(rows);
});

test('A workflow without a time zone has that of n8n', () => {
	const timezoneFor = (timezone: string) =>
		new Execution(contextOf({}, { getTimezone: () => timezone })).timezone;
	expect(timezoneFor('Asia/Shanghai')).toBe('Asia/Shanghai');
	expect(timezoneFor('DEFAULT')).toBe('America/New_York');
});

test('A tool is recognized by the suffix of its type', () => {
	const isOfType = (type: string) =>
		new Execution(contextOf({}, { getNode: () => ({ name: 'Node', type }) })).isTool;
	expect([isOfType('x.tencentCloudIotTool'), isOfType('Tool.x')]).toEqual([true, false]);
});

test.each<[isOfNone: boolean, id: string, row: object]>([
	[true, '={{ $json.Account.Id }}', { Account: null }],
	[true, '={{ $json.Account.Id }}', { Account: {} }],
	[true, '={{ $json.Account?.Id }}', { Account: null }],
	[true, '={{ $json.partner_id[0] }}', { partner_id: false }],
	[false, '={{ $json.Account.Id }}', { Account: '' }],
	[false, '={{ $json.Account.Id }}', { Other: 1 }],
	[false, '={{ $json.Account }}', { Account: null }],
	[false, '={{ $json.Account.Id }}{{ $json.Other }}', { Account: null, Other: 1 }],
])(
	'Whether an empty field belongs to a missing record: %s of %s in %j',
	async (isOfNone, CustomerId, row) => {
		const value = { CustomerId, CustomerDeviceNo: '1', DeviceId: 'P/D', ProductName: 'Lock' };
		const rows = [row, { Account: { Id: 'a' }, partner_id: [1, 'b'], Other: 1 }];
		const columns = { mappingMode: 'defineBelow', value };
		const [first] = await read(rows, { columns }, (reader, index) =>
			reader.isRecordMissing('CustomerId', index),
		);
		expect(first).toBe(isOfNone);
	},
);
