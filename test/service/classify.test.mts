import { describe, expect, test } from '@jest/globals';
import { classifyResponse } from '../../nodes/TencentCloudIot/service/response/classify';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { failureOf } from '../support/failures.mts';
import { asked, httpAnswer, pushed, refusal, REQUEST_ID } from '../support/httpResponse.mts';
import { expectReadable } from '../support/wording.mts';
import { shows, englishOf } from '../support/texts.mts';

const classify = (...answer: Parameters<typeof httpAnswer>): RequestFailure =>
	failureOf(classifyResponse(httpAnswer(...answer), pushed));

const CREDENTIAL = shows(/^Check App Key and App Secret/);
const ENDPOINT = shows(/^Check the endpoint in the credential/);
const AGAIN = shows(/^Try again/);

const final: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'never', scope: 'call' };
const ofRun: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'never', scope: 'run' };
const APPLICATION = shows(/^Link the application to the product/);
const quota = shows(/^Ask Tencent to raise the limit/);
const throttled: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'throttled', scope: 'call' };
const fault: Partial<RequestFailure> = { outcome: 'UNKNOWN', retry: 'transient', scope: 'call' };

describe("The service's own refusal", () => {
	test.each<[code: string, message: string, meaning: Partial<RequestFailure>, advice: unknown]>([
		['InvalidParameterValue', 'Signature 无效', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		['InvalidParameterValue', '签名错误', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		['InvalidParameterValue', 'invalid signature', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		['AuthFailure.SignatureFailure', 'x', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		['AuthFailure.SecretIdNotFound', '', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		[
			'InvalidParameterValue',
			'Timestamp 无效',
			{ ...ofRun, authFailure: 'timestamp' },
			"Check this server's clock",
		],
		[
			'InvalidParameterValue',
			'请求已过期',
			{ ...ofRun, authFailure: 'timestamp' },
			"Check this server's clock",
		],
		[
			'RequestExpired',
			'request expired',
			{ ...ofRun, authFailure: 'timestamp' },
			"Check this server's clock",
		],
		['InvalidParameterValue', 'AppKey 无效', { ...ofRun, authFailure: 'appKey' }, CREDENTIAL],
		['InvalidParameterValue', 'invalid ServiceAppKey', { ...ofRun, authFailure: 'appKey' }, CREDENTIAL],
		['InvalidAction', 'Action 非法', ofRun, ENDPOINT],
		['InvalidParameterValue', 'invalid CustomerId or invalid ServiceAppKey', final, expect.any(Object)],
		['InvalidParameterValue', 'invalid CustomerId', final, 'Correct what Tencent names'],
		['InvalidParameterValue', 'the Signature is wrong.', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		['InvalidSignature', 'x', { ...ofRun, authFailure: 'signature' }, CREDENTIAL],
		[
			'InvalidParameterValue',
			'Signature 无效: Action=A&CustomerId=c&DeviceId=P/D',
			{ ...ofRun, authFailure: 'signature' },
			CREDENTIAL,
		],
		['RequestExpired', 'x', { ...ofRun, authFailure: 'timestamp' }, "Check this server's clock"],
		['InvalidParameterValue', 'DeviceId P/signature-lamp 无效', final, expect.any(Object)],
		['InvalidParameterValue', 'P/Signature not found', final, expect.any(Object)],
		['InvalidParameterValue', 'signature_7 无效', final, expect.any(Object)],
		['InvalidParameterValue', 'signature-lamp', final, expect.any(Object)],
		['InvalidParameterValue', "ProductName 'Signature Lamp' 无效", final, expect.any(Object)],
		['InvalidParameterValue', '产品 签名灯 不存在', final, expect.any(Object)],
		['InvalidParameterValue', 'DeviceInfos.0.DeviceId: Timestamp', final, expect.any(Object)],
		['InvalidParameterValue', 'DeviceId appkey/nonce', final, expect.any(Object)],
		['InvalidParameterValue.InvalidJSON', 'x', final, expect.any(Object)],
		['ErrorRequiredParamNotFound', '必选参数缺失: CustomerId', final, expect.any(Object)],
		['ErrorRequiredParamNotFound.DeviceInfos', 'x', final, expect.any(Object)],
		['invalid CustomerId', '', final, expect.any(Object)],
		['invalid CustomerId or invalid ServiceAppKey', '', final, expect.any(Object)],
		['invalid ServiceAppKey', '', { ...ofRun, authFailure: 'appKey' }, CREDENTIAL],
		['UnauthorizedOperation.APPNoPermissionToStudioProduct', 'x', final, expect.any(Object)],
		['MissingParameter', 'x', final, expect.any(Object)],
		['UnsupportedOperation', 'x', final, expect.any(Object)],
		['ResourceNotFound.DeviceNotExist', 'x', final, expect.any(Object)],
		['InvalidParameterValue', 'Nonce 重复', { ...final, retry: 'transient' }, AGAIN],
		['RequestLimitExceeded', '', throttled, AGAIN],
		['LimitExceeded', '请求频率超限', throttled, AGAIN],
		['LimitExceeded', 'too many requests', throttled, AGAIN],
		['LimitExceeded', 'frequently called', throttled, AGAIN],
		['LimitExceeded', 'infrequent', final, quota],
		['LimitExceeded', '超过配额限制', final, quota],
		['LimitExceeded.DeviceExceedLimit', '设备数量超过限制', final, quota],
		['LimitExceeded.BindProductsExceedLimit', 'operation generates too much', final, quota],
		['LimitExceeded.StudioLoRaFreqExceedLimit', 'x', final, quota],
		['RequestSizeLimitExceeded', '请求包大小超过限制', final, quota],
		['RequestLimitExceeded.UinLimitExceeded', 'x', throttled, AGAIN],
		['TooManyRequests', 'x', throttled, AGAIN],
		['Throttling.User', 'x', throttled, AGAIN],
		['InternalError', '内部错误', fault, AGAIN],
		['FailedOperation', 'the plan has expired', fault, AGAIN],
		['FailedOperation.Timeout', '超过时间', fault, AGAIN],
		['FailedOperation.Timeout', 'Signature 无效', fault, AGAIN],
		['SomethingNew', 'x', fault, AGAIN],
		['InvalidParameterValueOfTheDay', 'x', fault, AGAIN],
	])('%s "%s" means the same at any success status', (code, message, meaning, advice) => {
		for (const status of [200, 202]) {
			const failure = classify(refusal(code, message), { status });
			expect(failure).toMatchObject({ ...meaning, advice, code, status });
			expect(failure).toMatchObject({ isFromService: true, requestId: 'request-1' });
			expect(failure.authFailure).toBe(meaning.authFailure);
			expectReadable(failure);
		}
	});

	test.each<[message: string, code: string, meaning: Partial<RequestFailure>, text: string]>([
		[
			'InvalidParameterValue.UserLoginFailed|用户登录失败',
			'InvalidParameterValue.UserLoginFailed',
			final,
			'用户登录失败 (the user could not be logged in)',
		],
		[
			'InvalidParameterValue|Signature 无效',
			'InvalidParameterValue',
			{ ...ofRun, authFailure: 'signature' },
			'Signature 无效 (Signature is not valid)',
		],
		['RequestLimitExceeded|x', 'RequestLimitExceeded', throttled, 'x'],
		['LimitExceeded.DeviceExceedLimit|x', 'LimitExceeded.DeviceExceedLimit', final, 'x'],
		['FailedOperation.Timeout|slow', 'FailedOperation.Timeout', fault, 'slow'],
		['InternalError|MissingParameter|a|b', 'MissingParameter', final, 'a|b'],
		['InternalError|x', 'InternalError', fault, 'x'],
		['db|down', 'InternalError', fault, 'db|down'],
		['see InvalidParameter|x', 'InternalError', fault, 'see InvalidParameter|x'],
		['A sentence|x', 'InternalError', fault, 'A sentence|x'],
	])('InternalError "%s" is %s', (message, code, meaning, text) => {
		const failure = classify(refusal('InternalError', message));
		const refusedPart = meaning.authFailure === 'signature' ? 'did not accept the signature and ' : '';
		const reason = `Tencent ${refusedPart}responded with ${code}: ${text}.`;
		expect(failure).toMatchObject({ ...meaning, code, reason });
	});

	test('of another code keeps the beginning of its message', () => {
		expect(classify(refusal('FailedOperation', 'InvalidParameterValue|x'))).toMatchObject(fault);
	});

	test.each<[body: object, meaning: Partial<RequestFailure>]>([
		[{ code: 500, msg: 'x' }, fault],
		[{ code: 504, msg: 'x', data: null }, fault],
		[{ code: -1, msg: 'busy' }, fault],
		[{ code: -1000, msg: '系统繁忙', data: {} }, fault],
		[{ code: '-1000', msg: '' }, fault],
		[{ code: 404, msg: 'CustomerId 不存在' }, fault],
		[
			{ code: -1000, msg: 'Signature 无效' },
			{ ...ofRun, authFailure: 'signature' },
		],
		[
			{ code: -1000, msg: 'AppKey 无效' },
			{ ...ofRun, authFailure: 'appKey' },
		],
		[{ code: -1000, msg: 'x', data: { Error: { Code: 'InvalidParameterValue', Message: 'y' } } }, final],
		[{ code: -1000, msg: 'x', data: { Error: { Code: 'FailedOperation.Timeout', Message: 'y' } } }, fault],
		[{ code: 'MissingParameter', msg: 'x' }, final],
	])(
		'in the outer envelope is classified by its code, or for a number by its message: %j',
		(body, meaning) => {
			expect(classify(body)).toMatchObject(meaning);
		},
	);

	test.each([404, 400])('that only repeats the status %d counts as that status', (status) => {
		const failure = classify({ code: status, msg: 'Not Found' }, { status });
		expect(failure).toMatchObject({ outcome: 'REFUSED', code: `HTTP_${status}`, advice: ENDPOINT });
	});

	test('after authentication shows that the key is right; one of a proxy does not', () => {
		expect(classify(refusal('FailedOperation.DeviceOffline'))).toMatchObject({ isAuthenticated: true });
		expect(classify(refusal('InternalError'))).not.toHaveProperty('isAuthenticated');
	});

	test.each<[code: string, meaning: object]>([
		['FailedOperation', { ...fault, isAuthenticated: true }],
		['FailedOperations', fault],
		['Gateway.FailedOperation', fault],
		['Gateway.InvalidAction', fault],
		['FailedOperation.TooManyRequests', { ...fault, isAuthenticated: true }],
		['UnauthorizedOperation', { ...final, advice: APPLICATION }],
		['IpInBlacklist.Device', { ...final, advice: APPLICATION }],
		[
			'InvalidParameter.IpInBlacklist',
			{ ...final, advice: 'Correct what Tencent names', isInvalidValue: true },
		],
		['InvalidParameter.AuthFailure', final],
	])('%s is recognized by the beginning of its code', (code, meaning) => {
		const nothing = { authFailure: undefined, isAuthenticated: undefined };
		expect({ ...nothing, ...classify(refusal(code, 'x')) }).toMatchObject({ ...nothing, ...meaning });
	});

	test.each<[code: string, meaning: Partial<RequestFailure>]>([
		['4000', { ...ofRun, authFailure: 'signature' }],
		['E-4000', fault],
		['-4000E', fault],
	])('of the numeric code %s is classified by its message', (code, meaning) => {
		expect(classify({ code, msg: 'Signature 无效' })).toMatchObject(meaning);
	});

	test('is reported with its code and message, or with its code alone', () => {
		expect(englishOf(classify(refusal('Code', 'What it says')).reason)).toBe(
			'Tencent responded with Code: What it says.',
		);
		expect(englishOf(classify(refusal('Code', '')).reason)).toBe('Tencent responded with Code.');
	});

	test.each([400, 401, 403, 404, 409])('is read with the HTTP status %d too', (status) => {
		const failure = classify(refusal('InvalidParameterValue', 'Signature 无效'), { status });
		expect(failure).toMatchObject({ ...ofRun, authFailure: 'signature', status });
	});

	test('with HTTP status 429 is throttling, whatever its code', () => {
		const failure = classify(refusal('Busy', 'x'), { status: 429, retryAfter: '2' });
		expect(failure).toMatchObject({ ...throttled, code: 'Busy', status: 429, retryAfterMs: 2_000 });
	});

	test('without a RequestId has none', () => {
		expect(classify({ code: 7, msg: 'x' })).not.toHaveProperty('requestId');
	});

	// A proxy's error page in JSON looks like the outer envelope, and the service behind it may have carried out the request.
	test.each([
		[502, { code: 502, msg: 'Bad Gateway' }],
		[504, { code: 504, msg: 'upstream timed out' }],
		[500, { code: -1, msg: 'busy' }],
		[502, { code: 'MissingParameter', msg: 'x' }],
	])('with HTTP status %d does not prove that nothing was changed: %j', (status, body) => {
		expect(classify(body, { status })).toMatchObject({ outcome: 'UNKNOWN' });
	});

	test.each<[code: string, message: string, meaning: Partial<RequestFailure>]>([
		['RequestLimitExceeded', 'x', throttled],
		['AuthFailure', 'x', { ...ofRun, authFailure: 'signature' }],
		['InvalidParameterValue', 'Timestamp 无效', { ...ofRun, authFailure: 'timestamp' }],
	])('%s "%s" proves that nothing was changed, even with a 5xx status', (code, message, meaning) => {
		expect(classify(refusal(code, message), { status: 503 })).toMatchObject(meaning);
	});
});

test('The operation defines the proof of success', () => {
	const listed = httpAnswer({ Response: { Total: 0, RequestId: REQUEST_ID } });
	expect(
		classifyResponse(
			listed,
			asked(({ Total }) => Total === 0),
		),
	).toEqual({
		outcome: 'OK',
		data: { RequestId: REQUEST_ID },
		requestId: REQUEST_ID,
	});
	expect(classifyResponse(listed, pushed).outcome).toBe('UNKNOWN');
});

describe('A response that names another request', () => {
	const unclear = {
		...fault,
		code: 'UNCLEAR_RESPONSE',
		reason: shows(/to another request\.$/),
	};
	test.each<[what: string, body: object]>([
		['a success', { Response: { Status: 'OK', RequestId: 'request-2' } }],
		[
			'a success with the other RequestId outside',
			{ code: 0, msg: '', data: { Status: 'OK' }, RequestId: 'r' },
		],
		['a refusal', { Response: { Error: { Code: 'InvalidParameterValue', Message: 'x' }, RequestId: 'r' } }],
		[
			'a refused signature',
			{ Error: { Code: 'InvalidParameterValue', Message: 'Signature 无效' }, RequestId: 'r' },
		],
		['nothing clear', { Response: { RequestId: REQUEST_ID.toUpperCase() } }],
	])('proves nothing about this request: %s', (_what, body) => {
		for (const status of [200, 400, 404, 500, 503]) {
			expect(classify(body, { status })).toMatchObject(unclear);
		}
		expect(classify(body)).not.toHaveProperty('requestId');
	});

	test.each<[what: string, body: object]>([
		['in the members', { Response: { Status: 'OK', RequestId: REQUEST_ID } }],
		['in the data', { code: 0, msg: '', data: { Status: 'OK', RequestId: REQUEST_ID } }],
		[
			'in the Response in the data',
			{ code: 0, msg: 'ok', data: { Response: { Status: 'OK', RequestId: REQUEST_ID } } },
		],
		['beside the data', { code: 0, data: { Status: 'OK' }, RequestId: REQUEST_ID }],
		['without an envelope', { Status: 'OK', RequestId: REQUEST_ID }],
	])('is distinguished from one that names its own request, %s', (_what, body) => {
		expect(classifyResponse(httpAnswer(body), pushed)).toMatchObject({
			outcome: 'OK',
			requestId: REQUEST_ID,
		});
	});

	test.each([
		[{}],
		[{ RequestId: '' }],
		[{ RequestId: 7 }],
		[{ RequestId: null }],
		[{ RequestId: [REQUEST_ID] }],
	])('is not needed for doubt: a success that names no request is unclear, %j', (id) => {
		expect(classify({ Response: { Status: 'OK', ...id } })).toMatchObject({
			...fault,
			reason: 'Tencent responded, but the response did not name its request.',
		});
	});

	test('may be missing in a refusal, which can be sent before the request is read', () => {
		const body = {
			Response: { Error: { Code: 'InvalidParameterValue.InvalidJSON', Message: 'x' }, RequestId: '' },
		};
		expect(classify(body)).toMatchObject(final);
	});
});

describe('A response that contradicts itself', () => {
	const OK = `"Status":"OK","RequestId":"${REQUEST_ID}"`;
	test.each([300, 301, 302, 303, 307, 400, 401, 403, 404, 408, 413, 429, 500, 502])(
		'reports success with HTTP status %d',
		(status) => {
			expect(classify(`{"Response":{${OK}}}`, { status })).toMatchObject({
				...fault,
				reason: `Tencent responded, but the response reported success with HTTP status ${status}.`,
			});
			const both = `{"Response":{${OK},"Error":{"Code":"MissingParameter","Message":"x"}}}`;
			expect(classify(both, { status })).toMatchObject(fault);
		},
	);

	test.each(['', 'ok', 'OK', ' success ', 'succeeded', '成功'])(
		'is not a success whose msg also reports success: "%s"',
		(msg) => {
			const body = { code: 0, msg, data: { Status: 'OK', RequestId: REQUEST_ID } };
			expect(classifyResponse(httpAnswer(body), pushed).outcome).toBe('OK');
		},
	);
});
