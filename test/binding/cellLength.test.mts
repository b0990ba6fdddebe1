import { describe, expect, test } from '@jest/globals';
import { cutCell } from '../../nodes/TencentCloudIot/binding/cellLength';

const MOST_DEVICES = 10_000;

const LONGEST_MEMBERS = MOST_DEVICES * 100;

function texts(count: number, length: number): string[] {
	return Array.from({ length: count }, () => 'x'.repeat(length));
}

describe('A cell that is short enough is read whole', () => {
	test.each<[field: Parameters<typeof cutCell>[0], cell: unknown]>([
		['CustomerId', 'x'.repeat(256)],
		['CustomerId', 7],
		['CustomerId', null],
		['CustomerId', undefined],
		['CustomerId', ['user_1', { id: 7 }]],
		['CustomerDeviceNo', 'x'.repeat(32_767)],
		['DeviceId', 'x'.repeat(32_767)],
		['DeviceId', texts(10_000, 100)],
		['DeviceId', { DeviceId: 'x'.repeat(100_000) }],
		['DeviceId', [{ DeviceId: 'x'.repeat(2_000_000) }]],
	])('%s', (field, cell) => {
		expect(cutCell(field, cell)).toBeUndefined();
	});
});

test.each(['CustomerId', 'DeviceId', 'ProductName'] as const)(
	'Blanks around the cell of a %s do not count, and nobody reads them',
	(field) => {
		const blanks = '\n '.repeat(20_000);
		expect(cutCell(field, `${blanks}x`)).toEqual({ keptPart: 'x', why: undefined });
		expect(cutCell(field, blanks)).toEqual({ keptPart: '', why: undefined });
	},
);

describe('Of a longer cell', () => {
	test.each<[field: Parameters<typeof cutCell>[0], most: number]>([
		['CustomerId', 256],
		['CustomerDeviceNo', 32_767],
		['DeviceId', 32_767],
	])('%s the beginning is read, without the blanks before it', (field, most) => {
		const cut = cutCell(field, `  ${'a'.repeat(most)}b`);
		expect(cut).toEqual({ keptPart: 'a'.repeat(most), why: { code: 'tooLong', facts: { most } } });
	});

	test('with a device too many, as many are read as a row may have', () => {
		const cut = cutCell('DeviceId', texts(10_002, 1));
		expect(cut?.why).toEqual({ code: 'tooMany', facts: { most: 10_000 } });
		expect(cut?.keptPart).toHaveLength(10_000);
	});

	test('with a device too many, that is said of as many characters as are read', () => {
		const cut = cutCell('DeviceId', [...texts(10_000, 100), '']);
		expect(cut).toEqual({ keptPart: texts(10_000, 100), why: { code: 'tooMany', facts: { most: 10_000 } } });
	});

	test('with devices that are too long together, those before are read', () => {
		const cut = cutCell('DeviceId', ['x'.repeat(LONGEST_MEMBERS), '', 'y', 'z']);
		expect(cut?.why).toEqual({ code: 'tooLong', facts: { most: LONGEST_MEMBERS } });
		expect(cut?.keptPart).toEqual(['x'.repeat(LONGEST_MEMBERS), '']);
	});

	test('with both, the one that is met first is said', () => {
		const cut = cutCell('DeviceId', texts(10_001, 101));
		expect(cut?.why?.code).toBe('tooLong');
		expect(cut?.keptPart).toHaveLength(9900);
	});
});

describe('Of a list in place of an id', () => {
	test('the members are read as far as an id may reach, the last one cut', () => {
		const cut = cutCell('CustomerId', ['a'.repeat(200), { id: 'b'.repeat(100) }, 'c']);
		expect(cut?.why).toEqual({ code: 'tooLong', facts: { most: 256 } });
		// Each member, and the object around one, counts as a character more.
		expect(cut?.keptPart).toEqual(['a'.repeat(200), 'b'.repeat(53)]);
	});

	test('short members are kept as they are, and nothing is read behind the last one that fits', () => {
		const cut = cutCell('CustomerId', new Array(1_000_000).fill(7));
		expect(cut?.keptPart).toEqual(new Array(128).fill(7));
	});

	test('few members of a large record are read', () => {
		const record = {};
		let reads = 0;
		for (let nth = 0; nth < 1_000; nth++) {
			const get = () => {
				reads += 1;
				return 'x';
			};
			Object.defineProperty(record, `c${nth}`, { enumerable: true, get });
		}
		expect(cutCell('CustomerId', record)?.keptPart).toEqual(new Array(128).fill('x'));
		expect(reads).toBeLessThan(200);
	});

	test('nothing is read that is deeper than ids are searched for', () => {
		const deep = { a: { b: { c: { d: { e: { f: { g: { h: 'x'.repeat(1000) } } } } } } } };
		expect(cutCell('CustomerId', deep)).toBeUndefined();
	});
});
