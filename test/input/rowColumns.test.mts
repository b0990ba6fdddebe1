import { expect, test } from '@jest/globals';
import { columnsOfRow, MOST_COLUMNS } from '../../nodes/TencentCloudIot/input/rowColumns';

test('A row with more columns than a sheet can have is listed once, and only its first columns are used', () => {
	let listings = 0;
	const columns = Array.from({ length: MOST_COLUMNS + 1 }, (_, index) => [`c${index}`, 'x'] as const);
	const row = new Proxy(Object.fromEntries(columns), {
		ownKeys: (target) => {
			listings += 1;
			return Reflect.ownKeys(target);
		},
	});
	expect(columnsOfRow(row)).toHaveLength(MOST_COLUMNS);
	expect(columnsOfRow(row)).toEqual(columns.slice(0, MOST_COLUMNS).map(([name]) => name));
	expect(listings).toBe(1);
});
