import { describe, expect, test } from '@jest/globals';
import { classifyAnswer } from '../../nodes/TencentCloudIot/service/classify';
import type { Failure } from '../../nodes/TencentCloudIot/service/outcome';
import { failureOf } from '../support/failures.mts';
import { httpAnswer, refusal } from '../support/httpAnswer.mts';
import { expectReadable } from '../support/wording.mts';

const isPushed = ({ Status }: Readonly<Record<string, unknown>>) => Status === 'OK';
const classify = (...answer: Parameters<typeof httpAnswer>): Failure =>
	failureOf(classifyAnswer(httpAnswer(...answer), isPushed));

const CREDENTIAL = expect.stringMatching(/App Key, App Secret and Nested Value Signing/);
const ENDPOINT = expect.stringMatching(/^Check the endpoint in the credential/);
const AGAIN = expect.stringMatching(/^Run the workflow again/);

const final: Partial<Failure> = { outcome: 'REFUSED', retry: 'never', scope: 'call' };
const ofRun: Partial<Failure> = { outcome: 'REFUSED', retry: 'never', scope: 'run' };
const throttled: Partial<Failure> = { outcome: 'REFUSED', retry: 'throttled', scope: 'call' };
const fault: Partial<Failure> = { outcome: 'UNKNOWN', retry: 'transient', scope: 'call' };

describe("The service's own refusal", () => {
	test.each<[code: string, message: string, meaning: Partial<Failure>, advice: unknown]>([
		['InvalidParameterValue', 'Signature 无效', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		['InvalidParameterValue', '签名错误', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		['AuthFailure.SignatureFailure', 'x', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		['AuthFailure.SecretIdNotFound', '', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		[
			'InvalidParameterValue',
			'Timestamp 无效',
			{ ...ofRun, refused: 'timestamp' },
			"Check this server's clock",
		],
		['InvalidParameterValue', '请求已过期', { ...ofRun, refused: 'timestamp' }, "Check this server's clock"],
		['RequestExpired', 'request expired', { ...ofRun, refused: 'timestamp' }, "Check this server's clock"],
		['InvalidParameterValue', 'AppKey 无效', { ...ofRun, refused: 'appKey' }, CREDENTIAL],
		['InvalidParameterValue', 'invalid ServiceAppKey', { ...ofRun, refused: 'appKey' }, CREDENTIAL],
		['InvalidAction', 'Action 非法', ofRun, ENDPOINT],
		['InvalidParameterValue', 'invalid CustomerId or invalid ServiceAppKey', final, expect.any(String)],
		['InvalidParameterValue', 'invalid CustomerId', final, 'Correct the rows and run the workflow again'],
		['InvalidParameterValue', 'the Signature is wrong.', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		['InvalidSignature', 'x', { ...ofRun, refused: 'signature' }, CREDENTIAL],
		[
			'InvalidParameterValue',
			'Signature 无效: Action=A&CustomerId=c&DeviceId=P/D',
			{ ...ofRun, refused: 'signature' },
			CREDENTIAL,
		],
		['RequestExpired', 'x', { ...ofRun, refused: 'timestamp' }, "Check this server's clock"],
		['InvalidParameterValue', 'DeviceId P/signature-lamp 无效', final, expect.any(String)],
		['InvalidParameterValue', 'P/Signature not found', final, expect.any(String)],
		['InvalidParameterValue', 'signature_7 无效', final, expect.any(String)],
		['InvalidParameterValue', 'signature-lamp', final, expect.any(String)],
		['InvalidParameterValue', "ProductName 'Signature Lamp' 无效", final, expect.any(String)],
		['InvalidParameterValue', '产品 签名灯 不存在', final, expect.any(String)],
		['InvalidParameterValue', 'DeviceInfos.0.DeviceId: Timestamp', final, expect.any(String)],
		['FailedOperation', 'the plan has expired', final, expect.any(String)],
		['InvalidParameterValue', 'DeviceId appkey/nonce', final, expect.any(String)],
		['InvalidParameterValue.InvalidJSON', 'x', final, expect.any(String)],
		['ErrorRequiredParamNotFound', '必选参数缺失: CustomerId', final, expect.any(String)],
		['SomethingNew', 'x', final, expect.any(String)],
		['InvalidParameterValue', 'Nonce 重复', { ...final, retry: 'transient' }, AGAIN],
		['RequestLimitExceeded', '', throttled, AGAIN],
		['LimitExceeded', 'x', throttled, AGAIN],
		['RequestLimitExceeded.UinLimitExceeded', 'x', throttled, AGAIN],
		['TooManyRequests', 'x', throttled, AGAIN],
		['Throttling.User', 'x', throttled, AGAIN],
		['InternalError', '内部错误', fault, AGAIN],
		['InternalError.Db', 'x', fault, AGAIN],
	])('%s "%s" means the same at any success status', (code, message, meaning, advice) => {
		for (const status of [200, 202]) {
			const failure = classify(refusal(code, message), { status });
			expect(failure).toMatchObject({ ...meaning, advice, code, status });
			expect(failure).toMatchObject({ answered: true, requestId: 'request-1' });
			expect(failure.refused).toBe(meaning.refused);
			expectReadable(failure);
		}
	});

	test('is told with its code and message, or with its code alone', () => {
		expect(classify(refusal('Code', 'What it says')).reason).toBe('Tencent answered Code: What it says.');
		expect(classify(refusal('Code', '')).reason).toBe('Tencent answered Code.');
	});

	test.each([400, 401, 403, 404, 409])('is read with the HTTP status %d too', (status) => {
		const failure = classify(refusal('InvalidParameterValue', 'Signature 无效'), { status });
		expect(failure).toMatchObject({ ...ofRun, refused: 'signature', status });
	});

	test('with HTTP status 429 is throttling, whatever its code', () => {
		const failure = classify(refusal('Busy', 'x'), { status: 429, retryAfter: '2' });
		expect(failure).toMatchObject({ ...throttled, code: 'Busy', status: 429, retryAfterMs: 2_000 });
	});

	test('without a RequestId has none', () => {
		expect(classify({ code: 7, msg: 'x' })).not.toHaveProperty('requestId');
	});

	// A proxy's own error page in JSON reads like the outer envelope, and what stood behind it may have been done.
	test.each([
		[502, { code: 502, msg: 'Bad Gateway' }],
		[504, { code: 504, msg: 'upstream timed out' }],
		[500, { code: -1, msg: 'busy' }],
	])('with HTTP status %d is no proof that nothing was changed: %j', (status, body) => {
		expect(classify(body, { status })).toMatchObject({ outcome: 'UNKNOWN' });
	});

	test.each<[code: string, message: string, meaning: Partial<Failure>]>([
		['RequestLimitExceeded', 'x', throttled],
		['AuthFailure', 'x', { ...ofRun, refused: 'signature' }],
		['InvalidParameterValue', 'Timestamp 无效', { ...ofRun, refused: 'timestamp' }],
	])('%s "%s" proves with a 5xx status, too, that nothing was changed', (code, message, meaning) => {
		expect(classify(refusal(code, message), { status: 503 })).toMatchObject(meaning);
	});
});

test('What proves success is for the operation to say', () => {
	const listed = httpAnswer({ Response: { Total: 0, RequestId: 'r' } });
	expect(classifyAnswer(listed, ({ Total }) => Total === 0)).toEqual({
		outcome: 'OK',
		data: { Total: 0, RequestId: 'r' },
		requestId: 'r',
	});
	expect(classifyAnswer(listed, isPushed).outcome).toBe('UNKNOWN');
});
