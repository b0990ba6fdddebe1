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
	'Blanks around the cell of a %s do not count towards its length and are not read',
	(field) => {
		const blanks = '\n '.repeat(20_000);
		expect(cutCell(field, `${blanks}x`)).toEqual({ keptPart: 'x', why: undefined });
		expect(cutCell(field, blanks)).toEqual({ keptPart: '', why: undefined });
	},
);

describe('A longer cell', () => {
	test.each<[field: Parameters<typeof cutCell>[0], most: number]>([
		['CustomerId', 256],
		['CustomerDeviceNo', 32_767],
		['DeviceId', 32_767],
	])('%s the beginning is read, without the blanks before it', (field, most) => {
		const cut = cutCell(field, `  ${'a'.repeat(most)}b`);
		expect(cut).toEqual({ keptPart: 'a'.repeat(most), why: { code: 'tooLong', facts: { most } } });
	});

	test('with one device too many, only the allowed number is read', () => {
		const cut = cutCell('DeviceId', texts(10_002, 1));
		expect(cut?.why).toEqual({ code: 'tooMany', facts: { most: 10_000 } });
		expect(cut?.keptPart).toHaveLength(10_000);
	});

	test('with one device too many, the finding names the number of characters that were read', () => {
		const cut = cutCell('DeviceId', [...texts(10_000, 100), '']);
		expect(cut).toEqual({ keptPart: texts(10_000, 100), why: { code: 'tooMany', facts: { most: 10_000 } } });
	});

	test('with devices that are too long together, the devices before the limit are read', () => {
		const cut = cutCell('DeviceId', ['x'.repeat(LONGEST_MEMBERS), '', 'y', 'z']);
		expect(cut?.why).toEqual({ code: 'tooLong', facts: { most: LONGEST_MEMBERS } });
		expect(cut?.keptPart).toEqual(['x'.repeat(LONGEST_MEMBERS), '']);
	});

	test('with both faults, the first one is reported', () => {
		const cut = cutCell('DeviceId', texts(10_001, 101));
		expect(cut?.why?.code).toBe('tooLong');
		expect(cut?.keptPart).toHaveLength(9900);
	});
});

describe('In a list in place of an id', () => {
	test('members are read up to the longest possible id, and the last one is cut', () => {
		const cut = cutCell('CustomerId', ['a'.repeat(200), { id: 'b'.repeat(100) }, 'c']);
		expect(cut?.why).toEqual({ code: 'tooLong', facts: { most: 256 } });
		// Each member, and an object around a member, counts as one more character.
		expect(cut?.keptPart).toEqual(['a'.repeat(200), 'b'.repeat(53)]);
	});

	test('short members are kept unchanged, and nothing is read after the last one that fits', () => {
		const cut = cutCell('CustomerId', new Array(1_000_000).fill(7));
		expect(cut?.keptPart).toEqual(new Array(128).fill(7));
	});

	test('only a few members of a large record are read', () => {
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

	test('nothing is read at a depth at which ids are not searched for', () => {
		const deep = { a: { b: { c: { d: { e: { f: { g: { h: 'x'.repeat(1000) } } } } } } } };
		expect(cutCell('CustomerId', deep)).toBeUndefined();
	});
});
