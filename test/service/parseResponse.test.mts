import { describe, expect, test } from '@jest/globals';
import {
	parseResponse,
	type ParsedResponse,
} from '../../nodes/TencentCloudIot/service/response/parseResponse';
import { toBytes } from '../support/httpResponse.mts';

const read = (body: unknown): ParsedResponse => parseResponse(toBytes(body));

describe('Each of the envelopes', () => {
	test.each<[name: string, body: unknown, data: object]>([
		['Response', { Response: { RequestId: 'r', Status: 'OK' } }, { RequestId: 'r', Status: 'OK' }],
		['code and data', { code: 0, msg: '', data: { RequestId: 'r', Total: 1 } }, { RequestId: 'r', Total: 1 }],
		['none', { RequestId: 'r', Devices: [], Total: 0 }, { RequestId: 'r', Devices: [], Total: 0 }],
		[
			'Response in data',
			{ code: 0, data: { Response: { RequestId: 'r', Total: 1 } } },
			{ RequestId: 'r', Total: 1 },
		],
		['data, and its RequestId', { code: 0, data: { Total: 1 }, RequestId: 'r' }, { Total: 1 }],
	])('(%s) yields the members of a success', (_name, body, data) => {
		expect(read(body)).toEqual({ kind: 'data', data, requestId: 'r' });
	});

	const error = { Code: 'InvalidParameterValue', Message: 'Signature 无效' };
	test.each<[name: string, body: unknown]>([
		['Response', { Response: { Error: error, RequestId: 'r' } }],
		['code and data', { code: 'InvalidParameterValue', msg: 'x', data: { Error: error, RequestId: 'r' } }],
		['a number as code', { code: 4000, msg: 'x', data: { Error: error, RequestId: 'r' } }],
		['none', { Error: error, RequestId: 'r' }],
		['Response in data', { code: -1000, msg: 'x', data: { Response: { Error: error, RequestId: 'r' } } }],
		['data, and its RequestId', { code: -1000, msg: 'x', data: { Error: error }, RequestId: 'r' }],
	])('(%s) yields code, message and RequestId of a refusal', (_name, body) => {
		expect(read(body)).toEqual({
			kind: 'error',
			code: 'InvalidParameterValue',
			message: 'Signature 无效',
			requestId: 'r',
		});
	});

	test.each<[body: object, code: string, message: string, requestId: string | undefined]>([
		[{ code: -1, msg: 'busy' }, '-1', 'busy', undefined],
		[{ code: 1, msg: 'busy', data: null }, '1', 'busy', undefined],
		[{ code: 'Busy', data: {} }, 'Busy', '', undefined],
		[{ code: 'Busy', msg: 7, data: [] }, 'Busy', '', undefined],
		[{ code: 1, msg: 'busy', RequestId: 'outer' }, '1', 'busy', 'outer'],
		[{ code: 1, msg: 'busy', data: { RequestId: 'inner' } }, '1', 'busy', 'inner'],
		[{ code: 1, msg: 'busy', data: { Error: null } }, '1', 'busy', undefined],
	])('with only code and msg yields what it has: %j', (body, code, message, requestId) => {
		expect(read(body)).toEqual({ kind: 'error', code, message, requestId });
	});
});

test.each([[{}], [{ RequestId: '' }], [{ RequestId: 7 }], [{ RequestId: null }]])(
	'A RequestId that is not a string is ignored: %j',
	(members) => {
		expect(read({ Response: members })).toEqual({ kind: 'data', data: members, requestId: undefined });
	},
);

test('A response with a byte order mark is read', () => {
	expect(read('\uFEFF{"Response":{"Status":"OK"}}')).toMatchObject({ kind: 'data' });
});

test('Inherited members are not an envelope: only own members count', () => {
	expect(read('{"__proto__":{"Response":{"Status":"OK"},"Status":"OK"}}')).toMatchObject({
		kind: 'data',
		requestId: undefined,
	});
	expect(read('{"constructor":1}')).toMatchObject({ kind: 'data', requestId: undefined });
});

describe('A response that says nothing', () => {
	const noCode = 'the response reported a refusal without a code';
	test.each<[body: string, reason: string]>([
		['', 'the response was empty'],
		[' ', 'the response was not JSON'],
		['<html>', 'the response was not JSON'],
		['{"Response":{"Status":"OK"}', 'the response was not JSON'],
		['{"Response":{"Status":"OK"}}}', 'the response was not JSON'],
		['null', 'the response was not a JSON object'],
		['[{"Status":"OK"}]', 'the response was not a JSON object'],
		['{"Response":null}', 'the response held no object'],
		['{"Response":"OK"}', 'the response held no object'],
		['{"Response":[{"Status":"OK"}]}', 'the response held no object'],
		['{"code":0}', 'the response had no data'],
		['{"code":0,"data":null}', 'the response had no data'],
		['{"code":0,"data":"OK"}', 'the response had no data'],
		['{"code":0,"Status":"OK"}', 'the response had no data'],
		['{"code":null}', 'the response had no valid code'],
		['{"code":" \\u0000","msg":"m"}', 'the response had no valid code'],
		['{"code":"\\u3164\\ufe0f","msg":"m"}', 'the response had no valid code'],
		['{"code":"\\u200b0 ","msg":"m"}', 'the response had no valid code'],
		['{"code":" ","data":{"Error":{"Code":" ","Message":"m"}}}', 'the response had no valid code'],
		['{"Response":{"Error":null}}', noCode],
		['{"Response":{"Error":"InternalError"}}', noCode],
		['{"Response":{"Error":{}}}', noCode],
		['{"Response":{"Error":{"Code":7,"Message":"m"}}}', noCode],
		['{"Response":{"Error":{"Code":" \\u0000\\u200b ","Message":"m"}}}', noCode],
		['{"Response":{"Error":{"Code":"\\u3164\\ufe0f","Message":"m"}}}', noCode],
	])('is unreadable: %s', (body, reason) => {
		expect(read(body)).toEqual({ kind: 'unreadable', reason });
	});
});

describe('A response that contradicts itself', () => {
	const both = 'the response reported both success and a refusal';
	const twice = 'the response had a member twice';
	const itself = 'the response contradicts itself';
	test.each<[body: string, reason: string]>([
		['{"Response":{"Status":"OK"},"code":1}', 'the response had two envelopes'],
		['{"Response":{"Status":"OK"},"code":0,"data":{"Status":"OK"}}', 'the response had two envelopes'],
		['{"Response":{"Response":{"Status":"OK"}}}', 'the response had two envelopes'],
		['{"Response":{"Status":"OK","Error":{"Code":"E","Message":"m"}}}', both],
		['{"Response":{"Status":"OK","Error":null}}', both],
		['{"Status":"OK","Error":{"Code":"E","Message":"m"}}', both],
		['{"code":0,"data":{"Error":{"Code":"E","Message":"m"}}}', both],
		['{"code":1,"msg":"m","data":{"Status":"OK"}}', both],
		['{"Response":{"Status":"OK"},"Status":"FAIL"}', itself],
		['{"Response":{"Error":{"Code":"E","Message":"m"}},"Status":"OK"}', itself],
		['{"code":0,"data":{"Status":"OK","Response":{"Error":{"Code":"E","Message":"m"}}}}', itself],
		['{"code":1,"RequestId":"outer","data":{"RequestId":"inner"}}', itself],
		['{"Status":"FAIL","Status":"OK"}', twice],
		['{"Status":"OK","status":"FAIL"}', twice],
		['{"Response":{"Status":"OK","Devices":[{"Status":1,"Stat\\u0075s":0}]}}', twice],
		['{"Response":1,"Response" \n:{"Status":"OK"}}', twice],
	])('counts as neither: %s', (body, reason) => {
		expect(read(body)).toEqual({ kind: 'contradiction', reason });
	});

	test.each<[body: string, against: string]>([
		['{"Response":{"Status":"OK","error":"x"}}', both],
		['{"Response":{"Status":"OK","Code":0}}', both],
		['{"Response":{"Status":"OK"},"Error":{"Code":"E","Message":"m"}}', both],
		['{"code":0,"data":{"Status":"OK"},"Error":{"Code":"E","Message":"m"}}', both],
		['{"code":0,"msg":"failed","data":{"Status":"OK"}}', both],
		['{"code":null,"data":{"Status":"OK"}}', 'the response had no valid code'],
		['{"code":"","data":{"Status":"OK"}}', 'the response had no valid code'],
		['{"code":"0","data":{"Status":"OK"}}', 'the response had no valid code'],
		['{"code":false,"data":{"Status":"OK"}}', 'the response had no valid code'],
		['{"code":[0],"data":{"Status":"OK"}}', 'the response had no valid code'],
		['{"code":{},"data":{"Status":"OK"}}', 'the response had no valid code'],
	])('is reported with what contradicts its success: %s', (body, against) => {
		expect(read(body)).toMatchObject({ kind: 'data', contradiction: against });
	});
});

test.each([
	'{"a":"\\"b\\":","c":{"a":1},"d":[{"a":2},{"a":3}],"e":{}}',
	'{"a":"{\\"b\\":1,\\"b\\":2}","b":"\\\\","c":"\\\\\\"b\\":"}',
	'{"__proto__":{"a":1},"constructor":2," ":[[],[[]]]}',
])('The same name in different objects or in a string is not a repetition: %s', (body) => {
	expect(read(body)).toMatchObject({ kind: 'data' });
});

test.each([
	['escapes', '"'.repeat(4_000_000)],
	['backslashes', '\\'.repeat(4_000_000)],
	['blanks', ' '.repeat(8_000_000)],
	['text that looks like names', '":'.repeat(2_000_000)],
])('A string of 8 MB of %s is read, and contains no names', (_what, Note) => {
	expect(read({ Note })).toMatchObject({ kind: 'data' });
});

test.each([
	['blanks and more', `${' '.repeat(2_000_000)}x`, 'against'],
	['blanks', ' '.repeat(2_000_000), undefined],
])('An envelope msg of 2 MB of %s is cut before it is checked.', (_what, msg, against) => {
	const answer = read({ code: 0, msg, data: { Status: 'OK' } });
	expect(answer).toMatchObject({ kind: 'data' });
	expect('contradiction' in answer).toBe(against !== undefined);
});

test.each<[what: string, bytes: number[]]>([
	['a lone continuation byte', [0x80]],
	['a cut character', [0xe7, 0x83]],
	['an overlong slash', [0xc0, 0xaf]],
	['a surrogate', [0xed, 0xa0, 0x80]],
])('Invalid UTF-8 is unreadable at any position: %s', (_what, bytes) => {
	const before = Buffer.from('{"Response":{"Status":"OK","Note":"');
	const after = Buffer.from('"}}');
	const body = Buffer.concat([before, Buffer.from(bytes), after]);
	expect(parseResponse(body)).toEqual({ kind: 'unreadable', reason: 'the response was not JSON' });
});
