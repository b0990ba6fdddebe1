import { describe, expect, test } from '@jest/globals';
import { classifyResponse } from '../../nodes/TencentCloudIot/service/response/classify';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { failureOf } from '../support/failures.mts';
import { httpAnswer, pushed, refusal } from '../support/httpResponse.mts';
import { expectReadable } from '../support/wording.mts';
import { shows } from '../support/texts.mts';

const classify = (...answer: Parameters<typeof httpAnswer>): RequestFailure =>
	failureOf(classifyResponse(httpAnswer(...answer), pushed));

const ENDPOINT = shows(/^Check the endpoint in the credential/);
const AGAIN = shows(/^Try again/);

const final: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'never', scope: 'call' };
const ofRun: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'never', scope: 'run' };
const unclearOfRun: Partial<RequestFailure> = { ...ofRun, outcome: 'UNKNOWN' };
const throttled: Partial<RequestFailure> = { outcome: 'REFUSED', retry: 'throttled', scope: 'call' };
const fault: Partial<RequestFailure> = { outcome: 'UNKNOWN', retry: 'transient', scope: 'call' };

describe('An HTTP status without a response of the service', () => {
	const HTML = '<html><h1>Status</h1></html>';
	test.each<[status: number, code: string, meaning: Partial<RequestFailure>, advice: unknown]>([
		[300, 'REDIRECT', unclearOfRun, ENDPOINT],
		[301, 'REDIRECT', ofRun, ENDPOINT],
		[302, 'REDIRECT', ofRun, ENDPOINT],
		[303, 'REDIRECT', unclearOfRun, ENDPOINT],
		[304, 'REDIRECT', unclearOfRun, ENDPOINT],
		[307, 'REDIRECT', ofRun, ENDPOINT],
		[308, 'REDIRECT', ofRun, ENDPOINT],
		[400, 'HTTP_400', final, ENDPOINT],
		[401, 'HTTP_401', ofRun, ENDPOINT],
		[403, 'HTTP_403', final, ENDPOINT],
		[404, 'HTTP_404', final, ENDPOINT],
		[405, 'HTTP_405', final, ENDPOINT],
		[407, 'HTTP_407', ofRun, ENDPOINT],
		[408, 'HTTP_408', fault, AGAIN],
		[
			413,
			'HTTP_413',
			final,
			'The request was too large: send fewer devices or shorter texts in it, or have the limit of the endpoint raised',
		],
		[418, 'HTTP_418', final, ENDPOINT],
		[429, 'HTTP_429', throttled, AGAIN],
		[451, 'HTTP_451', final, ENDPOINT],
		[460, 'HTTP_460', fault, AGAIN],
		[499, 'HTTP_499', fault, AGAIN],
		[500, 'HTTP_500', fault, AGAIN],
		[502, 'HTTP_502', fault, AGAIN],
		[503, 'HTTP_503', fault, AGAIN],
		[504, 'HTTP_504', fault, AGAIN],
		[599, 'HTTP_599', fault, AGAIN],
		[101, 'HTTP_101', fault, AGAIN],
	])('%d is %s', (status, code, meaning, advice) => {
		for (const body of ['', HTML, '{}', '{"error":"Not Found"}', '\u0000']) {
			const failure = classify(body, { status, contentType: 'text/html' });
			expect(failure).toMatchObject({ ...meaning, code, advice, status });
			expect(failure.isFromService).toBeUndefined();
			expectReadable(failure);
		}
	});

	test("of a redirect hides a response: it is not the endpoint's", () => {
		expect(classify(refusal('InternalError'), { status: 302 })).toMatchObject({ ...ofRun, code: 'REDIRECT' });
	});

	test('204 is unclear', () => {
		const failure = classify('', { status: 204, contentType: '' });
		expect(failure).toMatchObject({ ...fault, code: 'UNCLEAR_RESPONSE', status: 204, advice: AGAIN });
	});
});

describe('An unclear response', () => {
	test('with members came from the service, and one that cannot be read did not', () => {
		expect(classify({ Response: {} })).toMatchObject({ code: 'UNCLEAR_RESPONSE', isFromService: true });
		expect(classify('garbage')).toMatchObject({ code: 'UNCLEAR_RESPONSE', isFromService: false });
	});
});
