import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnsOf, fieldSource, readsMember, readPath } from '../../nodes/TencentCloudIot/input/fieldSource';
import { anyCharacter } from '../support/anyCharacter.mts';
import { deepFreeze } from '../support/deepFreeze.mts';
import { path } from '../support/mappings.mts';

const text = (value: string) => ({ kind: 'constant', value });
const expression = (code: string) => ({ kind: 'expression', expression: code });

describe('A plain reference', () => {
	test.each<[raw: string, path: string[]]>([
		['={{ $json.a }}', ['a']],
		['={{$json.a}}', ['a']],
		['={{   $json.a\n}}', ['a']],
		['={{ $json.CustomerId }}', ['CustomerId']],
		['={{ $json._a$1 }}', ['_a$1']],
		['={{ $json.a.b.c }}', ['a', 'b', 'c']],
		['={{ $json["a b"] }}', ['a b']],
		["={{ $json['a b'] }}", ['a b']],
		['={{ $json["客户 编号"] }}', ['客户 编号']],
		["={{ $json['é'].x }}", ['é', 'x']],
		['={{ $json["a.b"] }}', ['a.b']],
		[`={{ $json["it's"] }}`, ["it's"]],
		[`={{ $json['say "a"'] }}`, ['say "a"']],
		['={{ $json["]"] }}', [']']],
		['={{ $json[""] }}', ['']],
		['={{ $json.a[0] }}', ['a', '0']],
		['={{ $json.a[1234] }}', ['a', '1234']],
		['={{ $json[12]["b"].c[\'d\'] }}', ['12', 'b', 'c', 'd']],
		['={{ $json.__proto__ }}', ['__proto__']],
	])('%s is read from the row itself', (raw, path) => {
		expect(fieldSource(raw)).toEqual({ kind: 'path', path });
	});
});

describe('A source that is not a plain reference', () => {
	test.each(
		[
			'={{ $json }}|={{ $json.a + 1 }}|={{ $json.a.trim() }}|={{ $json.a?.b }}|={{ $json.客户 }}',
			'={{ $json.a-b }}|={{ $json.1a }}|={{ $json[a] }}|={{ $json[-1] }}|={{ $json[1.5] }}',
			'={{ $json.a[01] }}|={{ $json.a[12345678901234567890123] }}|={{ $json["a\\"b"] }}',
			"={{ $json['a\\u0062'] }}|={{ $json[`a`] }}|={{ $json[\"a] }}|={{ $json[\"a'] }}",
			'={{ $json. a }}|=x\\{{ $json.a }}|={{ $json.客户 }} |={{ $json.a } }|={{ $jsonx.a }}',
			'={{ $input.item.json.a }}|={{ $("Node").item.json.a }}|={{ "$json.a" }}|={{ }}|=text|=',
		].flatMap((some) => some.split('|')),
	)('%s stays an expression of the engine', (raw) => {
		expect(fieldSource(raw)).toEqual({ kind: 'expression', expression: raw.slice(1) });
	});

	test.each<[raw: string, parts: unknown[]]>([
		['={{ $json.a }}{{ $json.b }}', [path('a'), path('b')]],
		['={{ $json.a }} - {{ $json["b c"] }}', [path('a'), text(' - '), path('b c')]],
		['={{ $json.a }} {{ $json.b }}', [path('a'), text(' '), path('b')]],
		['=x{{ $json.a }}', [text('x'), path('a')]],
		['=={{ $json.a.trim() }}}', [text('='), expression('{{ $json.a.trim() }}'), text('}')]],
	])('%s is a template with parts', (raw, parts) => {
		expect(fieldSource(raw)).toEqual({ kind: 'template', parts });
	});

	test.each<[raw: unknown]>([
		['text'],
		[''],
		[' ={{ $json.a }}'],
		['{{ $json.a }}'],
		[7],
		[0],
		[true],
		[null],
		[undefined],
		[['={{ $json.a }}']],
		[{ a: 1 }],
	])('%j is a constant', (raw) => {
		expect(fieldSource(raw)).toEqual({ kind: 'constant', value: raw });
	});
});

describe('A path', () => {
	const row = deepFreeze({
		a: { b: [{ c: 'deep' }] },
		'a b': 'space',
		nothing: null,
		zero: 0,
		text: 'xyz',
		list: ['first'],
		...(JSON.parse('{"__proto__":"own"}') as object),
	});

	test.each<[path: string[], value: unknown]>([
		[['a b'], 'space'],
		[['a', 'b', '0', 'c'], 'deep'],
		[['list', '0'], 'first'],
		[['list', 'length'], 1],
		[['zero'], 0],
		[['nothing'], null],
		[['nothing', 'x'], undefined],
		[['missing'], undefined],
		[['missing', 'x', 'y'], undefined],
		[['zero', 'toFixed'], undefined],
		[['list', '1'], undefined],
		[['list', 'map'], undefined],
		[['constructor'], undefined],
		[['a', 'hasOwnProperty'], undefined],
		[['__proto__'], 'own'],
	])('%j leads to %j', (path, value) => {
		expect(readPath(row, path)).toBe(value);
	});

	test.each([undefined, null, 7, 'text', true])('leads nowhere in a row that is %j', (notARow) => {
		expect(readPath(notARow, ['a'])).toBeUndefined();
	});

	test.each<[path: string[], value: unknown]>([
		[['text', 'length'], 3],
		[['text', '0'], 'x'],
		[['text', '3'], undefined],
		[['text', 'x'], undefined],
	])('into a string, %j, leads to the same value as in the engine', (path, value) => {
		expect(readPath(row, path)).toBe(value);
	});

	test.each([
		[['list', 'map']],
		[['zero', 'toFixed']],
		[['text', 'at']],
		[['a', 'hasOwnProperty', 'x']],
		[['toString']],
	])('to a built-in member, %j, is left to the engine', (path) => {
		expect(readPath(row, path, () => 'evaluated')).toBe('evaluated');
	});

	test.each([
		[['a', 'b', '0', 'c']],
		[['missing', 'x']],
		[['nothing', 'x']],
		[['list', '1']],
		[['__proto__']],
	])('to an own member or to nothing, %j, is not evaluated', (path) => {
		expect(readPath(row, path, () => 'evaluated')).not.toBe('evaluated');
	});

	test('is written as the equivalent expression', () => {
		const path = ['a b', '0', '客户', "it's", 'map'];
		const readRow = { 'a b': [{ 客户: { "it's": [] } }] };
		const expression = readPath(readRow, path, (ofPath) => ofPath);
		expect(expression).toBe(`{{ $json["a b"]["0"]["客户"]["it's"]["map"] }}`);
		expect(fieldSource(`=${String(expression)}`)).toEqual({ kind: 'path', path });
	});
});

test('A column of any name is found by the reference that dragging it creates, or left to the engine', () => {
	const names = fc.oneof(
		fc.string(),
		fc.string({ unit: anyCharacter }),
		fc.constantFrom('__proto__', 'a b', "'", '"'),
	);
	fc.assert(
		fc.property(names, fc.jsonValue(), (name, value) => {
			const source = fieldSource(`={{ $json[${JSON.stringify(name)}] }}`);
			if (source.kind === 'expression') {
				return expect(JSON.stringify(name)).toMatch(/\\/);
			}
			expect(source).toEqual({ kind: 'path', path: [name] });
			const row = Object.fromEntries([[name, value]]);
			expect(source.kind === 'path' && readPath(row, source.path)).toBe(value);
		}),
		{ numRuns: 300 },
	);
});

test('Any text is a source, and its expression keeps every character', () => {
	fc.assert(
		fc.property(fc.string(), (text) => {
			expect(fieldSource(`=x${text}`)).toEqual({ kind: 'expression', expression: `x${text}` });
		}),
	);
});

describe('The columns of a source', () => {
	test.each([
		['={{ $json.device }}', ['device']],
		['={{ $json.device.name }}', ['device']],
		['={{ $json.product }}/{{ $json["device no"] }}', ['product', 'device no']],
		["={{ $json['product'] + 1 }}", ['product']],
		['LOCK01/a', []],
	])('of %s are %j', (raw, columns) => {
		expect(columnsOf(fieldSource(raw))).toEqual(columns);
	});
});

test.each<[isMember: boolean, raw: string]>([
	[true, '={{ $json.Account.Id }}'],
	[true, '={{ $json.partner_id[0] }}'],
	[true, '={{ $json.Account?.Id }}'],
	[true, '={{ $json["账户"].Id ?? "" }}'],
	[true, '=C{{ $json.Account.Id }}'],
	[false, '={{ $json.id }}'],
	[false, '={{ $json.id.trim() }}'],
	[false, '={{ $json.id?.toString() }}'],
	[false, '={{ $json["a.b"] }}'],
	[false, 'Account.Id'],
])("Whether a field is a member of its column's value: %s of %s", (isMember, raw) => {
	expect(readsMember(fieldSource(raw))).toBe(isMember);
});
