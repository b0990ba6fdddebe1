import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Bearers } from '../../nodes/TencentCloudIot/binding/bearers';
import { meaningsOf } from '../../nodes/TencentCloudIot/binding/meaning';
import { group } from '../support/rows.mts';

/** Which of the ids a cell may mean. */
const meant = (cell: unknown, ...ids: string[]) =>
	[...new Bearers(new Map(ids.map((id) => [id, id]))).find(meaningsOf(cell))].sort();

describe('A broken character stands for one that was lost, or for none:', () => {
	test.each<[cell: string, ids: string[], expected: string[]]>([
		['user_\uFFFD', ['user_', 'user_1', 'user_12', 'user'], ['user_', 'user_1']],
		['\uFFFD\uFFFDer_1', ['user_1', 'er_1', 'xer_1', 'super_1', 'er_12'], ['er_1', 'user_1', 'xer_1']],
		['u\uFFFD\uFFFDr_1', ['user_1', 'ur_1', 'usser_1', 'user_2'], ['ur_1', 'user_1']],
		[
			'\ud83duser_1\udc4d',
			['user_1', 'xuser_1', 'user_10', 'xuser_10', 'user_100'],
			['user_1', 'user_10', 'xuser_1', 'xuser_10'],
		],
		['a\uFFFDb\uFFFDc', ['abc', 'axbxc', 'axyzc', 'axyyzc', 'ab'], ['abc', 'axbxc', 'axyzc']],
		['\uFFFD_\uFFFD', ['a_b', '_'], []],
		['张\uFFFD\uFFFD', ['张', '张伟', '张三丰', '李伟'], ['张', '张三丰', '张伟']],
	])('%j', (cell, ids, expected) => {
		expect(meant(cell, ...ids)).toEqual(expected.toSorted());
	});
});

test('A number too large to be exact means each id that is written like it', () => {
	const ids = [
		'9007199254740992',
		'9007199254740993',
		'9007199254740994',
		'09007199254740993',
		'x9007199254740993',
	];
	expect(meant(Number('9007199254740993'), ...ids)).toEqual([
		'09007199254740993',
		'9007199254740992',
		'9007199254740993',
	]);
	expect(meant(1e300, ...ids)).toEqual([]);
	expect(meant(-(2 ** 60), '1152921504606846976')).toEqual([]);
});

test.each<[cell: string, ids: string[], expected: string[]]>([
	['1.2E+3', ['1200', '1249', '1250', '1149', '1150', '120', '12000'], ['1150', '1200', '1249']],
	['1E+3', ['1000', '1499', '950', '1500', '100'], ['1000', '1499', '950']],
	['1,25E+3', ['1250', '1254', '1255'], ['1250', '1254']],
	['A1.25e+3', ['A1250', '1250', 'B1250', 'A125'], ['A1250']],
	['A_12E+3', ['A_12000', 'A_1', '2000', 'A_12'], []],
])('%s means each number that is rounded to it', (cell, ids, expected) => {
	expect(meant(cell, ...ids)).toEqual(expected.toSorted());
});

test('Control characters separate parts of an id, or the id and something else', () => {
	expect(meant('user_1\tVIP', 'user_1', 'user_1VIP', 'VIP', 'user')).toEqual(['VIP', 'user_1', 'user_1VIP']);
});

test('Quotation marks and an equals sign are taken from ids of any characters', () => {
	for (const cell of ['"$(x)"', "'$(x)", '="$(x)"', '“$(x)”']) expect(meant(cell, '$(x)')).toEqual(['$(x)']);
});

const ids = fc.string({ unit: fc.constantFrom('a', 'b', '1', '_', '张'), minLength: 1, maxLength: 8 });
const readableIds = ids.filter((id) => /[ab1张]/.test(id));

/** A text with some characters more than it had, or in the place of some. */
const damage = (damaging: fc.Arbitrary<string>, isReplacing: boolean) =>
	fc.tuple(readableIds, fc.nat(), damaging).map(([id, at, by]) => {
		const place = at % (id.length + 1);
		return { id, cell: id.slice(0, place) + by + id.slice(place + (isReplacing ? by.length : 0)) };
	});
const broken = fc.string({ unit: fc.constantFrom('\uFFFD', '\udfff'), minLength: 1, maxLength: 3 });
const unseen = fc.string({
	unit: fc.constantFrom('\u200b', '\u0007', '\n', '\u2028', '\ufe0f'),
	minLength: 1,
	maxLength: 3,
});

test('Whatever characters are put into an id or in the place of some, as long as something is left, it is meant', () => {
	const damaged = fc.oneof(damage(broken, false), damage(broken, true), damage(unseen, false));
	fc.assert(
		fc.property(damaged, fc.array(ids), ({ id, cell }, others) => {
			fc.pre(/[ab1张]/.test(cell));
			expect(meant(cell, ...others, id)).toContain(id);
		}),
		{ numRuns: 2_000 },
	);
});

test('No customer without a finding lacks a device of a row that means it, however the rows stand', () => {
	const damaged = fc.oneof(damage(broken, false), damage(broken, true), damage(unseen, false));
	const whole = readableIds.map((id) => ({ id, cell: id }));
	fc.assert(
		fc.property(fc.array(fc.oneof(whole, whole, damaged), { maxLength: 12 }), (cells) => {
			const seen = cells.filter(({ cell }) => /[ab1张]/.test(cell));
			const { customers } = group(seen.map(({ cell }, index) => [cell, `P/${index}`] as const));
			for (const { customerId, devices, findings } of customers) {
				if (findings.length > 0) continue;
				const named = seen.flatMap(({ id }, index) => (id === customerId ? [`P/${index}`] : []));
				expect(devices.map(({ info }) => info.DeviceId)).toEqual(named);
			}
		}),
		{ numRuns: 1_000 },
	);
});

test('A garbled column that may mean many customers in every row holds all of them back, and tells each of some rows.', () => {
	const customers = Array.from(
		{ length: 5_000 },
		(_, index) => [`u${10_000 + index}`, `P/${index}`] as const,
	);
	const garbled = Array.from(
		{ length: 5_000 },
		(_, index) => ['u1\uFFFD\uFFFD\uFFFD\uFFFD', `Q/${index}`] as const,
	);
	const { customers: grouped, ownerless } = group([...customers, ...garbled]);
	expect(ownerless).toEqual([]);
	expect(grouped.map(({ findings }) => findings.length)).toEqual([5_000, ...Array(4_999).fill(20)]);
	expect(grouped.map(({ badItemIndexes }) => badItemIndexes.length)).toEqual([
		5_000,
		...Array(4_999).fill(0),
	]);
});
