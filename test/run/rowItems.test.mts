import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { RunItems } from '../../nodes/TencentCloudIot/run/items';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { tallyRun } from '../../nodes/TencentCloudIot/run/report/result';
import type { Run } from '../../nodes/TencentCloudIot/run/run';
import { resultWith } from '../support/runResults.mts';

test("Making an item for each of many rows does not block n8n's event loop.", async () => {
	const columns = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`column ${index}`, index]));
	const items = Array.from({ length: 30_000 }, () => ({ json: columns }));
	const run = {
		items,
		operation: pushOperation,
		options: { outputItemPer: 'row' },
		execution: { hasErrorOutput: false },
	} as unknown as Run;
	const outputs = [...items.keys()].map((item) => ({
		json: (item % 2 === 0 ? { CustomerId: item } : { error: { message: 'No.' } }) as IDataObject,
		itemIndexes: [item],
	}));
	let turns = 0;
	let isOver = false;
	const count = () => {
		turns++;
		if (!isOver) {
			setImmediate(count);
		}
	};
	setImmediate(count);
	const rows = await new RunItems(run).ofResult(tallyRun(resultWith()), { done: outputs, failed: [] });
	isOver = true;
	expect(rows).toHaveLength(items.length);
	expect(rows.map(({ pairedItem }) => pairedItem)).toEqual([...items.keys()].map((item) => ({ item })));
	expect(turns).toBeGreaterThan(1);
});

test('The items of rows are in the order of the rows, even if the rows of customers are mixed', async () => {
	const run = {
		items: ['a', 'b', 'a', 'c', 'b'].map((id) => ({ json: { id } })),
		operation: pushOperation,
		options: { outputItemPer: 'row' },
		execution: { hasErrorOutput: false },
	} as unknown as Run;
	const done = [
		{ json: { CustomerId: 'b' }, itemIndexes: [1, 4] },
		{ json: { CustomerId: 'a' }, itemIndexes: [0, 2] },
		{ json: { CustomerId: 'c' }, itemIndexes: [3] },
	];
	const rows = await new RunItems(run).ofResult(tallyRun(resultWith()), { done, failed: [] });
	expect(rows.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4].map((item) => ({ item })));
	expect(rows.map(({ json }) => [json['id'], json['CustomerId']])).toEqual(
		['a', 'b', 'a', 'c', 'b'].map((id) => [id, id]),
	);
});

test('A column with the name of a result member is kept under an unused name', async () => {
	const columns = { Status: 'active', row_Status: 'imported', row_row_row_Status: 'odd', name: 'A' };
	const run = {
		items: [{ json: columns }],
		operation: pushOperation,
		options: { outputItemPer: 'row' },
		execution: { hasErrorOutput: false },
	} as unknown as Run;
	const done = [{ json: { CustomerId: 'c1', Status: 'OK' }, itemIndexes: [0] }];
	const [item] = await new RunItems(run).ofResult(tallyRun(resultWith()), { done, failed: [] });
	expect(item?.json).toMatchObject({
		Status: 'OK',
		row_Status: 'imported',
		row_row_Status: 'active',
		row_row_row_Status: 'odd',
		name: 'A',
	});
});
