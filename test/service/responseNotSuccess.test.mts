import { describe, expect, test } from '@jest/globals';
import { classifyResponse } from '../../nodes/TencentCloudIot/service/response/classify';
import { httpAnswer, pushed, REQUEST_ID } from '../support/httpResponse.mts';

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const ID = `"RequestId":"${REQUEST_ID}"`;
const UNCLEAR = { outcome: 'UNKNOWN', code: 'UNCLEAR_RESPONSE', retry: 'transient', scope: 'call' };

/** parseResponse.test.mts tests how bodies are read; here is what that means for the request. */
describe('HTTP 200 is not a success', () => {
	test.each<[what: string, body: string]>([
		['empty', ''],
		['Error and Status OK together', '{"Response":{"Status":"OK","Error":{"Code":"E","Message":"m"}}}'],
		['Status ok', '{"Response":{"Status":"ok"}}'],
		['Status OK without a RequestId', '{"Response":{"Status":"OK"}}'],
		['Status OK with a space', '{"Response":{"Status":"OK "}}'],
		['Status FAIL', '{"Response":{"Status":"FAIL"}}'],
		['Status true', '{"Response":{"Status":true}}'],
		['Status 0', '{"Response":{"Status":0}}'],
		['Status null', '{"Response":{"Status":null}}'],
		['Status a list of OK', '{"Response":{"Status":["OK"]}}'],
		['Status missing', '{"Response":{"RequestId":"r"}}'],
		['status in small letters', '{"Response":{"status":"OK"}}'],
		['Status inherited', '{"Response":{"__proto__":{"Status":"OK"}}}'],
		['code 0 with an empty data', '{"code":0,"msg":"","data":{}}'],
		['Status OK without success', `{"Response":{"Status":"OK","Success":false,${ID}}}`],
		['code 0 without success', `{"code":0,"success":false,"data":{"Status":"OK",${ID}}}`],
		['code 0 with a failure as msg', `{"code":0,"msg":"busy","data":{"Status":"OK",${ID}}}`],
	])('when the body is %s', (_what, body) => {
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject(UNCLEAR);
	});

	test.each([
		['depth 100,000', DEEP],
		[
			'a success with depth 1,001',
			`{"Response":{"Status":"OK",${ID},"More":${'['.repeat(999)}${']'.repeat(999)}}}`,
		],
		[
			'an error with depth 1,001',
			`{"Response":{"Error":{"Code":"E","Message":${'['.repeat(998)}${']'.repeat(998)}}}}`,
		],
	])('when the body is %s: it is not even read', (_what, body) => {
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'RESPONSE_TOO_LARGE',
			retry: 'never',
			scope: 'call',
			reason: 'The response had more values or levels than this service ever sends.',
		});
		const status = classifyResponse(httpAnswer(body, { status: 500 }), pushed);
		expect(status).toMatchObject({ outcome: 'UNKNOWN', code: 'HTTP_500' });
	});

	test.each([
		['lists', '[],'],
		['objects', '{},'],
		['members', '"a":1,'],
		['elements', '"",'],
	])('when the body has more than 50,000 %s: it is not even read', (_what, part) => {
		const more = part.startsWith('"a"')
			? `"More":{${part.repeat(50_000)}"b":1}`
			: `"More":[${part.repeat(50_000)}0]`;
		const body = `{"Response":{"Status":"OK",${ID},${more}}}`;
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'RESPONSE_TOO_LARGE',
			retry: 'never',
			reason: 'The response had more values or levels than this service ever sends.',
		});
	});

	test.each([
		['a list of failed devices', '{"Fail":[{"DeviceId":"P/2"}]}'],
		['a number of failed devices', '{"SuccessCount":1,"FailCount":1}'],
		['a code for each device', '[{"DeviceId":"P/1","Code":0},{"DeviceId":"P/2","Code":"ResourceNotFound"}]'],
		['a status of each device', '[{"DeviceId":"P/1","Status":"OK"},{"DeviceId":"P/2","Status":"FAIL"}]'],
		['a deeply nested error', '{"a":[{"b":{"ErrorMessage":"no"}}]}'],
		['a success of each device', '[{"DeviceId":"P/1","Success":true},{"DeviceId":"P/2","success":false}]'],
	])('when Status OK comes with %s in a member that the operation does not read', (_what, more) => {
		const body = httpAnswer(`{"Response":{"Status":"OK",${ID},"More":${more}}}`);
		expect(classifyResponse(body, pushed)).toMatchObject({
			...UNCLEAR,
			reason: 'Tencent responded, but the response reported that a part failed.',
		});
		// The operation judges the members that it reads.
		expect(classifyResponse(body, { ...pushed, reads: ['More'] }).outcome).toBe('OK');
	});

	test.each([
		'{"Fail":[],"FailCount":0,"ErrMsg":""}',
		'{"Success":true,"IsSuccess":1}',
		'[{"DeviceId":"P/1","Code":0,"Status":"OK"},{"DeviceId":"P/2","Code":null,"Error":{},"Status":"Success"}]',
		'{"Device":{"Status":3}}',
	])('but with a member that reports no failure it is: %s', (more) => {
		const body = `{"Response":{"Status":"OK",${ID},"More":${more}}}`;
		expect(classifyResponse(httpAnswer(body), pushed).outcome).toBe('OK');
	});

	test('but a body with the maximum depth may be one', () => {
		const body = `{"Response":{"Status":"OK",${ID},"More":${'['.repeat(998)}${']'.repeat(998)}}}`;
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject({ outcome: 'OK' });
	});

	test.each<[what: string, body: string, contentType: string]>([
		['a page', '<!DOCTYPE html><title>Login</title>', 'text/html; charset=utf-8'],
		['a page without a type', '<html>OK</html>', ''],
		['text with the type of a page', 'OK', 'text/html'],
		['empty with the type of a page', '', 'text/html'],
	])('when it is %s: a person has to check it, so it is not retried', (_what, body, contentType) => {
		const outcome = classifyResponse(httpAnswer(body, { contentType }), pushed);
		expect(outcome).toMatchObject({ outcome: 'UNKNOWN', code: 'WEB_PAGE', retry: 'never', scope: 'call' });
	});

	test.each<[what: string, body: string, code: string]>([
		['a code that is a word', '{"code":"MissingParameter","msg":"m"}', 'MissingParameter'],
		['an Error', '{"Response":{"Error":{"Code":"MissingParameter","Message":"m"}}}', 'MissingParameter'],
	])('but a refusal when the body has %s', (_what, body, code) => {
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject({ outcome: 'REFUSED', code });
	});
});
