import { expect, test } from '@jest/globals';
import { collection, choice, count, optional, text } from '../../nodes/TencentCloudIot/input/fields/fields';
import { perItemOperation } from '../../nodes/TencentCloudIot/resources/operation/perItemOperation';

const VALUES: Readonly<Record<string, unknown>> = {
	itemId: ' A ',
	itemNum: '3',
	kind: 1,
	filters: { orderNo: '' },
};

const operation = perItemOperation({
	value: 'try',
	option: { name: 'Try', action: 'Try fields', description: 'Read fields' },
	fields: {
		itemId: text({ displayName: 'Item ID' }),
		itemNum: count({ displayName: 'Item Count' }),
		kind: choice({ displayName: 'Kind', options: [{ name: 'One', value: 1 }] }),
		filters: collection({
			displayName: 'Filters',
			placeholder: 'Add filter',
			description: 'What to list',
			fields: { orderNo: optional(text({ displayName: 'Order Number' })) },
		}),
	},
	uniqueField: 'itemId',
	action: 'ServiceGetOrderList',
	parameters: (item) => {
		const read: { ItemId: string; ItemNum: number; Kind: 1 | ''; OrderNo: string | undefined } = {
			ItemId: item.itemId,
			ItemNum: item.itemNum,
			Kind: item.kind,
			OrderNo: item.filters.orderNo,
		};
		// None of these lines may compile: `npm run typecheck` fails if one does.
		// @ts-expect-error: no field has this name
		expect(item.itemID).toBeUndefined();
		// @ts-expect-error: nor has one within the collection
		expect(item.filters.orderNumber).toBeUndefined();
		// @ts-expect-error: a number is not read as a text
		const wrong: string = item.itemNum;
		// @ts-expect-error: only declared fields can be refused
		item.refuse('itemID', 'is not declared');
		return { ...read, Wrong: wrong };
	},
	unit: 'try',
	namedBy: ['ItemId'],
	done: 'done',
});

const reader = (values = VALUES) => ({
	read: (name: string) => values[name],
	stored: (name: string) => values[name],
	isBlank: () => false,
	isRecordMissing: () => false,
	isHeader: () => false,
	rows: [],
	sources: {},
	unmappedCells: () => new Map(),
	timezone: 'UTC',
	isTool: false,
});

test('Declared fields are properties of the node, and are read in their declared types', () => {
	expect(operation.properties.map(({ name, type }) => [name, type])).toEqual([
		['itemId', 'string'],
		['itemNum', 'number'],
		['kind', 'options'],
		['filters', 'collection'],
	]);
	const { parameters, findings } = operation.inputReader({})(reader(), 0);
	expect(findings).toEqual([]);
	expect(parameters).toEqual({ ItemId: 'A', ItemNum: 3, Kind: 1, OrderNo: undefined, Wrong: 3 });
});

test.each(['', ' ', '\u3000', '\u200b', null, undefined])(
	'An optional text is not given if it is %j',
	(orderNo) => {
		const { parameters, findings } = operation.inputReader({})(
			reader({ ...VALUES, filters: { orderNo } }),
			0,
		);
		expect([findings, parameters.OrderNo]).toEqual([[], undefined]);
	},
);

test('An unusable item is withheld, and so is a later item that repeats a value that may be sent only once', async () => {
	const values = [{}, { itemNum: 'many' }, {}, { itemId: 'B' }].map((change) => ({ ...VALUES, ...change }));
	async function* batches() {
		for (const [index, item] of values.entries()) {
			yield [operation.inputReader({})(reader(item), index)];
		}
	}
	const { calls, withheld } = await operation.toCalls(batches(), {});
	expect(calls.map(({ itemIndexes }) => itemIndexes)).toEqual([[0], [3]]);
	expect(withheld.map(({ itemIndexes }) => itemIndexes)).toEqual([[1], [2]]);
});
