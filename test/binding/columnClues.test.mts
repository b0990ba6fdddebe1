import { describe, expect, test } from '@jest/globals';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';

const { CustomerId, CustomerDeviceNo, DeviceId, ProductName } = columnClues('refuse');

/** So many cells of which the first ones are of the field, and the others are a remark. */
function cells(cell: (index: number) => string, fitting: number, count: number): string[] {
	return Array.from({ length: count }, (_, index) => (index < fitting ? cell(index) : 'see the note'));
}

describe('Where the name of a column says what it holds, more than half of its cells have to say the same', () => {
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

test('Names of products repeat: at most half of the cells are different ones', () => {
	const named = (count: number, different: number) =>
		Array.from({ length: count }, (_, index) => `Lock of kind ${'abcdefghij'[index % different]}`);
	expect(ProductName.readCells?.(named(10, 5), 'likely')).toBe('fitting');
	expect(ProductName.readCells?.(named(10, 6), 'likely')).toBe('unfit');
});
