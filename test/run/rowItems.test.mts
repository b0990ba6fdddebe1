import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { resultItems } from '../../nodes/TencentCloudIot/run/items';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { tallied } from '../../nodes/TencentCloudIot/run/report/result';
import type { Run } from '../../nodes/TencentCloudIot/run/run';
import { resultWith } from '../support/runResults.mts';

test('While an item is made for each of many rows, n8n has its turn.', async () => {
	const columns = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`column ${index}`, index]));
	const items = Array.from({ length: 30_000 }, () => ({ json: columns }));
	const run = {
		items,
		operation: pushOperation,
		options: { outputItemPer: 'row' },
		execution: { isErrorSplit: false },
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
	const rows = await resultItems(run, tallied(resultWith()), { done: outputs, failed: [] });
	isOver = true;
	expect(rows).toHaveLength(items.length);
	expect(rows.map(({ pairedItem }) => pairedItem)).toEqual([...items.keys()].map((item) => ({ item })));
	expect(turns).toBeGreaterThan(1);
});

test('A column with a name of the result is kept under a name that no column has', async () => {
	const columns = { Status: 'active', row_Status: 'imported', row_row_row_Status: 'odd', name: 'A' };
	const run = {
		items: [{ json: columns }],
		operation: pushOperation,
		options: { outputItemPer: 'row' },
		execution: { isErrorSplit: false },
	} as unknown as Run;
	const done = [{ json: { CustomerId: 'c1', Status: 'OK' }, itemIndexes: [0] }];
	const [item] = await resultItems(run, tallied(resultWith()), { done, failed: [] });
	expect(item?.json).toMatchObject({
		Status: 'OK',
		row_Status: 'imported',
		row_row_Status: 'active',
		row_row_row_Status: 'odd',
		name: 'A',
	});
});
