import { describe, expect, test } from '@jest/globals';
import { readAnswer, type Answer } from '../../nodes/TencentCloudIot/service/answer';
import { toBytes } from '../support/httpAnswer.mts';

const read = (body: unknown): Answer => readAnswer(toBytes(body));

describe('Each of the three envelopes', () => {
	test.each<[name: string, body: unknown, data: object]>([
		['Response', { Response: { RequestId: 'r', Status: 'OK' } }, { RequestId: 'r', Status: 'OK' }],
		['code and data', { code: 0, msg: '', data: { RequestId: 'r', Total: 1 } }, { RequestId: 'r', Total: 1 }],
		['none', { RequestId: 'r', Devices: [], Total: 0 }, { RequestId: 'r', Devices: [], Total: 0 }],
	])('(%s) gives the members of a success', (_name, body, data) => {
		expect(read(body)).toEqual({ kind: 'data', data, requestId: 'r' });
	});

	const error = { Code: 'InvalidParameterValue', Message: 'Signature 无效' };
	test.each<[name: string, body: unknown]>([
		['Response', { Response: { Error: error, RequestId: 'r' } }],
		['code and data', { code: 'InvalidParameterValue', msg: 'x', data: { Error: error, RequestId: 'r' } }],
		['a number as code', { code: 4000, msg: 'x', data: { Error: error, RequestId: 'r' } }],
		['none', { Error: error, RequestId: 'r' }],
	])('(%s) gives code, message and RequestId of a refusal', (_name, body) => {
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
		[{ code: 1, msg: 'busy', RequestId: 'outer', data: { RequestId: 'inner' } }, '1', 'busy', 'inner'],
		[{ code: 1, msg: 'busy', data: { Error: null } }, '1', 'busy', undefined],
	])('of code and msg alone tells what it has: %j', (body, code, message, requestId) => {
		expect(read(body)).toEqual({ kind: 'error', code, message, requestId });
	});
});

test.each([[{}], [{ RequestId: '' }], [{ RequestId: 7 }], [{ RequestId: null }]])(
	'A RequestId that is no text is none: %j',
	(members) => {
		expect(read({ Response: members })).toEqual({ kind: 'data', data: members, requestId: undefined });
	},
);

test('An answer with a byte order mark is read', () => {
	expect(read('\uFEFF{"Response":{"Status":"OK"}}')).toMatchObject({ kind: 'data' });
});

test('Members of every object are no envelope: only own members count', () => {
	expect(read('{"__proto__":{"Response":{"Status":"OK"},"Status":"OK"}}')).toMatchObject({
		kind: 'data',
		requestId: undefined,
	});
	expect(read('{"constructor":1}')).toMatchObject({ kind: 'data', requestId: undefined });
});

describe('An answer that contradicts itself or says nothing', () => {
	const both = 'the answer reported both success and a refusal';
	const noCode = 'the answer reported a refusal without a code';
	test.each<[body: string, reason: string]>([
		['', 'the answer was empty'],
		[' ', 'the answer was not JSON'],
		['<html>', 'the answer was not JSON'],
		['{"Response":{"Status":"OK"}', 'the answer was not JSON'],
		['{"Response":{"Status":"OK"}}}', 'the answer was not JSON'],
		['null', 'the answer was not a JSON object'],
		['[{"Status":"OK"}]', 'the answer was not a JSON object'],
		['{"Response":null}', 'the answer held no object'],
		['{"Response":"OK"}', 'the answer held no object'],
		['{"Response":[{"Status":"OK"}]}', 'the answer held no object'],
		['{"Response":{"Status":"OK"},"code":1}', 'the answer had two envelopes'],
		['{"Response":{"Status":"OK"},"code":0,"data":{"Status":"OK"}}', 'the answer had two envelopes'],
		['{"Response":{"Status":"OK","Error":{"Code":"E","Message":"m"}}}', both],
		['{"Response":{"Status":"OK","Error":null}}', both],
		['{"Status":"OK","Error":{"Code":"E","Message":"m"}}', both],
		['{"code":0,"data":{"Error":{"Code":"E","Message":"m"}}}', both],
		['{"code":1,"msg":"m","data":{"Status":"OK"}}', both],
		['{"code":0}', 'the answer had no data'],
		['{"code":0,"data":null}', 'the answer had no data'],
		['{"code":0,"data":"OK"}', 'the answer had no data'],
		['{"code":0,"Status":"OK"}', 'the answer had no data'],
		['{"code":null,"data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"code":"","data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"code":"0","data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"code":false,"data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"code":[0],"data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"code":{},"data":{"Status":"OK"}}', 'the answer had no valid code'],
		['{"Response":{"Error":null}}', noCode],
		['{"Response":{"Error":"InternalError"}}', noCode],
		['{"Response":{"Error":{}}}', noCode],
		['{"Response":{"Error":{"Code":7,"Message":"m"}}}', noCode],
		['{"Response":{"Error":{"Code":" \\u0000\\u200b ","Message":"m"}}}', noCode],
	])('is unreadable: %s', (body, reason) => {
		expect(read(body)).toEqual({ kind: 'unreadable', reason });
	});

	// Each is taken for data that says Status OK.
	test.each([
		['{"Response":{"Status":"OK"},"Error":{"Code":"E","Message":"m"}}'],
		['{"code":0,"data":{"Status":"OK"},"Error":{"Code":"E","Message":"m"}}'],
		['{"code":0,"data":{"Status":"OK","Response":{"Error":{"Code":"E","Message":"m"}}}}'],
		['{"Response":{"Status":"OK"},"Status":"FAIL"}'],
	])('is unreadable also when the two sides are of different envelopes: %s', (body) => {
		expect(read(body)).toMatchObject({ kind: 'unreadable' });
	});

	test.each([
		['{"code":" \\u0000","msg":"m"}', 'the answer had no valid code'],
		['{"code":"\\u3164\\ufe0f","msg":"m"}', 'the answer had no valid code'],
		['{"code":"\\u200b0 ","msg":"m"}', 'the answer had no valid code'],
		['{"code":" ","data":{"Error":{"Code":" ","Message":"m"}}}', 'the answer had no valid code'],
		['{"Response":{"Error":{"Code":"\\u3164\\ufe0f","Message":"m"}}}', noCode],
	])('is unreadable when its code has only characters that are not shown: %s', (body, reason) => {
		expect(read(body)).toEqual({ kind: 'unreadable', reason });
	});
});

test.each<[what: string, bytes: number[]]>([
	['a lone continuation byte', [0x80]],
	['a cut character', [0xe7, 0x83]],
	['an overlong slash', [0xc0, 0xaf]],
	['a surrogate', [0xed, 0xa0, 0x80]],
])('Invalid UTF-8 is unreadable wherever it stands: %s', (_what, bytes) => {
	const [before = '', after = ''] = '{"Response":{"Status":"OK","Note":"|"}}'.split('|');
	const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
	expect(readAnswer(body)).toEqual({ kind: 'unreadable', reason: 'the answer was not JSON' });
});
