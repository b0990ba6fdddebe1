import { describe, expect, test } from '@jest/globals';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';

const { CustomerId, CustomerDeviceNo, DeviceId, ProductName } = columnClues('refuse');

/** `count` cells: the first `fitting` ones fit the field, and the others are a remark. */
function cells(cell: (index: number) => string, fitting: number, count: number): string[] {
	return Array.from({ length: count }, (_, index) => (index < fitting ? cell(index) : 'see the note'));
}

describe('If the name of a column fits a field, more than half of its cells have to fit it, too', () => {
	const fields = {
		CustomerId: { signs: CustomerId, cell: (index: number) => `KH${1000 + index}`, fits: 'fitting' },
		CustomerDeviceNo: {
			signs: CustomerDeviceNo,
			cell: (index: number) => `SN-${100 + index}`,
			fits: 'fitting',
		},
		DeviceId: { signs: DeviceId, cell: (index: number) => `EQPOKD5111/lock_${index}`, fits: 'proof' },
	};
	test.each(Object.entries(fields))('%s', (_, { signs, cell, fits }) => {
		expect(signs.readCells?.(cells(cell, 6, 12), 'likely')).toBe('unfit');
		expect(signs.readCells?.(cells(cell, 7, 12), 'likely')).toBe(fits);
		expect(signs.readCells?.(cells(cell, 12, 12), 'none')).toBe(fits);
		expect(signs.readCells?.(cells(cell, 11, 12), 'none')).toBe('unfit');
	});
});

test('Names of products repeat: at most half of the cells are different', () => {
	const named = (count: number, different: number) =>
		Array.from({ length: count }, (_, index) => `Lock of kind ${'abcdefghij'[index % different]}`);
	expect(ProductName.readCells?.(named(10, 5), 'likely')).toBe('fitting');
	expect(ProductName.readCells?.(named(10, 6), 'likely')).toBe('unfit');
});

test.each(['DeviceCount', 'device_cnt', '设备数', '台数'])(
	'The column %s has numbers of no field',
	(name) => {
		for (const { readWords } of [CustomerId, CustomerDeviceNo, DeviceId, ProductName]) {
			expect(readWords?.(name)).toBe('other');
		}
	},
);

describe('A name of more than 40 characters is taken for the value of a row:', () => {
	const nameOf = (words: string, length: number) => `${words} ${'x'.repeat(length - words.length - 1)}`;
	const PARTS = [
		['product key', ['Z9Y8X7W6V5', 'Z9Y8X7W6V5'], 0],
		['lock name', ['front', 'back'], 1],
	] as const;

	test.each([
		['likely', CustomerId, 'tenant ref'],
		['possible', CustomerId, 'tenant'],
		['other', CustomerId, 'tenant date'],
		['likely', ProductName, 'model'],
	])('its words are not %s ones', (sign, { readWords }, words) => {
		expect(readWords?.(nameOf(words, 40))).toBe(sign);
		expect(readWords?.(nameOf(words, 41))).toBe('none');
	});

	test.each(PARTS)('%s names no part of a DeviceId', (words, partCells, part) => {
		expect(DeviceId.readPart?.(nameOf(words, 40), partCells)).toBe(part);
		expect(DeviceId.readPart?.(nameOf(words, 41), partCells)).toBeUndefined();
	});
});

test.each(Object.entries({ CustomerId, CustomerDeviceNo, DeviceId, ProductName }))(
	'A column of totals and placeholders is not taken for %s',
	(_field, { readCells }) => {
		expect(readCells?.(['合计', 'null', '无'], 'likely')).toBe('unfit');
	},
);
