import { describe, expect, test } from '@jest/globals';
import {
	dependsOnScheme,
	encodeParameters,
	signRequest,
	SIGNATURE_SCHEMES,
	textToSign,
	type SignatureScheme,
	type Parameters,
} from '../../nodes/TencentCloudIot/service/signing/signature';

const text = (parameters: Parameters, rule: SignatureScheme = 'json') =>
	textToSign(encodeParameters(parameters), rule);

/** The vector of the service's documentation (product 1465, page 59055). */
const published = {
	parameters: {
		Action: 'ServiceDescribeDeviceData',
		RequestId: '476c990a-f5b7-1575-987c-4ef70e474932',
		AppKey: 'ServiceAppKey',
		Signature: 'P206d+JzP37FLKBDkD689wqnl4k=',
		Timestamp: 1546315200,
		Nonce: 71087795,
		ProductId: 'ProductA',
		DeviceName: 'Device001',
	},
	text:
		'Action=ServiceDescribeDeviceData&AppKey=ServiceAppKey&DeviceName=Device001&Nonce=71087795' +
		'&ProductId=ProductA&RequestId=476c990a-f5b7-1575-987c-4ef70e474932&Timestamp=1546315200',
};

describe('Stage 1, the encoded parameters,', () => {
	test('omits the Signature and undefined values, and sorts by name', () => {
		expect(encodeParameters({ b: 1, Signature: 'x', a: 'é"', B: [null], u: undefined, n: null })).toEqual([
			{ name: 'B', value: [null], json: '[null]' },
			{ name: 'a', value: 'é"', json: '"é\\""' },
			{ name: 'b', value: 1, json: '1' },
			{ name: 'n', value: null, json: 'null' },
		]);
	});

	test('sorts capitals before the underscore and the underscore before small letters, as bytes do', () => {
		const names = encodeParameters({ a_b: 1, 'a.b': 1, ab: 1, aB: 1, a1: 1, 'a-b': 1, é: 1, 烟: 1 });
		expect(names.map(({ name }) => name)).toEqual(['a-b', 'a.b', 'a1', 'aB', 'a_b', 'ab', 'é', '烟']);
	});

	// Sorted by UTF-16 units, 😀 would be first, since it begins with U+D83D.
	test('sorts a name in U+E000 to U+FFFF before one above that range, as bytes do', () => {
		expect(encodeParameters({ '😀': 1, ａ: 1 }).map(({ name }) => name)).toEqual(['ａ', '😀']);
	});

	test('treats names of built-in members as ordinary names', () => {
		const parameters = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') as Parameters;
		expect(text(parameters)).toBe('..proto..=p&constructor=c&toString=t');
	});
});

describe('Stage 2, the text to sign,', () => {
	test('writes nested values by jsString as a template string does, whatever their members are called', () => {
		const lists = [[], [1, null, [true, ['x']], { a: 1 }], [undefined, 'y']];
		for (const list of lists) {
			expect(text({ a: list }, 'jsString')).toBe(`a=${String(list)}`);
		}
		const odd = { toString: 1, valueOf: null };
		expect(text({ a: odd, b: [odd, 1], c: { b: 1 } }, 'jsString')).toBe(
			'a=[object Object]&b=[object Object],1&c=[object Object]',
		);
	});

	test('is the documented one for the published vector, by every scheme', () => {
		for (const rule of SIGNATURE_SCHEMES) {
			expect(text(published.parameters, rule)).toBe(published.text);
		}
	});

	const nested = { Z: 1, A_a: { b_b: [true, null, ''], c: {} }, E: [], Q: [['x'], 'y'] };

	test.each<[rule: SignatureScheme, text: string]>([
		['json', 'A.a={"b_b":[true,null,""],"c":{}}&E=[]&Q=[["x"],"y"]&Z=1'],
		['goFmt', 'A.a=map[b_b:[true <nil> ] c:map[]]&E=[]&Q=[[x] y]&Z=1'],
		['flattened', 'A.a.b.b.0=true&Q.0.0=x&Q.1=y&Z=1'],
		['scalarsOnly', 'Z=1'],
		['jsString', 'A.a=[object Object]&E=&Q=x,y&Z=1'],
	])('by the scheme %s writes nested values in its way', (rule, expected) => {
		expect(text(nested, rule)).toBe(expected);
	});

	// Printed by Go: json.Unmarshal into map[string]interface{}, fmt.Sprintf("%v"), go1.24.4.
	test.each<[value: unknown, text: string]>([
		[[0, -1, 123456, 1_234_567, 1_599_468_019], '[0 -1 123456 1.234567e+06 1.599468019e+09]'],
		[[1e5, 1e6, 1e20, 1e21, 1e100], '[100000 1e+06 1e+20 1e+21 1e+100]'],
		[[220.5, 0.0001, 0.00001, 0.000012345, -1e-7, 5e-324], '[220.5 0.0001 1e-05 1.2345e-05 -1e-07 5e-324]'],
		[[1.2345678901234567e19, 999999.5], '[1.2345678901234567e+19 999999.5]'],
		[
			{ b: 1, a: { '😀': 1, ａ: 2, z: 'q r' }, '10': true, '2': null },
			'map[10:true 2:<nil> a:map[z:q r ａ:2 😀:1] b:1]',
		],
	])('by the scheme goFmt writes %j as Go prints it', (value, expected) => {
		expect(text({ a: value }, 'goFmt')).toBe(`a=${expected}`);
	});

	test('also omits members of nested values that are not in the body', () => {
		expect(text({ A: { b: undefined, c: 1 } }, 'flattened')).toBe('A.c=1');
		expect(text({ A: { b: undefined, c: 1 } }, 'json')).toBe('A={"c":1}');
		expect(text({ A: { b: undefined, c: [undefined, 1] } }, 'json')).toBe('A={"c":[null,1]}');
		expect(text({ A: { b: undefined, c: 1 } }, 'goFmt')).toBe('A=map[c:1]');
	});
});

test.each([
	[{}, false],
	[{ CustomerId: 'user_1024', Limit: 10, Offset: null }, false],
	[{ CustomerId: 'user_1024', DeviceInfos: [] }, true],
	[{ Payload: {} }, true],
])('The signature of %j depends on the scheme: %s', (parameters, isIt) => {
	expect(dependsOnScheme(encodeParameters(parameters))).toBe(isIt);
});

describe('Stage 3, the signature,', () => {
	test('is the documented one for the published vector', () => {
		const { AppKey, Signature, RequestId, Timestamp, Nonce, ...parameters } = published.parameters;
		const signer = { appKey: AppKey, appSecret: 'ServiceAppSecret', scheme: 'json' as const };
		const freshness = { RequestId, Timestamp, Nonce };
		expect(signRequest(encodeParameters(parameters), freshness, signer).signature).toBe(Signature);
	});
});
