import { describe, expect, test } from '@jest/globals';
import { readRetryAfter, readServerTime } from '../../nodes/TencentCloudIot/service/response/httpResponse';
import { classifyResponse } from '../../nodes/TencentCloudIot/service/response/classify';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { failureOf } from '../support/failures.mts';
import { asked, httpAnswer, RECEIVED_AT_MS, refusal } from '../support/httpResponse.mts';

const NOT_DONE = asked(() => false);

/** The time at which the responses of these tests are received (RECEIVED_AT_MS). */
const AT_NOON = 'Thu, 29 Feb 2024 12:00:00 GMT';

describe('Retry-After', () => {
	test.each<[header: string, waitMs: number | undefined]>([
		['', undefined],
		['0', 0],
		['2', 2_000],
		['0060', 60_000],
		['1000000000', 999_999_999_000],
		['9'.repeat(400), 999_999_999_000],
		['Thu, 29 Feb 2024 12:00:02 GMT', 2_000],
		[AT_NOON, 0],
		['Thu, 29 Feb 2024 11:59:00 GMT', 0],
		['-1', undefined],
		['1.5', undefined],
		[' 2', undefined],
		['2, 3', undefined],
		['0x10', undefined],
		['1e3', undefined],
		['soon', undefined],
		['٣', undefined],
		['2024-02-29T12:00:02Z', undefined],
		['Thu, 29 Feb 2024 12:00:02', undefined],
		['x Thu, 29 Feb 2024 12:00:02 GMT', undefined],
		['Thursday, 29-Feb-24 12:00:02 GMT', undefined],
		['thu, 29 feb 2024 12:00:02 gmt', undefined],
		['Thu, 99 Feb 2024 12:00:02 GMT', undefined],
		['Thu, 29 Feb 2024 99:00:02 GMT', undefined],
	])('%j asks for a wait of %j ms', (retryAfter, waitMs) => {
		expect(readRetryAfter(httpAnswer('', { retryAfter }))).toBe(waitMs);
	});

	test.each([
		['behind', 'Thu, 29 Feb 2024 12:10:00 GMT', 'Thu, 29 Feb 2024 12:10:02 GMT'],
		['ahead', 'Thu, 29 Feb 2024 11:50:00 GMT', 'Thu, 29 Feb 2024 11:50:02 GMT'],
	])("as a date is counted from the server's time, if this server's clock is %s", (_, date, retryAfter) => {
		expect(readRetryAfter(httpAnswer('', { date, retryAfter }))).toBe(2_000);
	});

	const throttled = (retryAfter: string): RequestFailure =>
		failureOf(classifyResponse(httpAnswer('', { status: 429, retryAfter }), NOT_DONE));

	test('of a throttled request is its minimum wait, and it is retried', () => {
		expect(throttled('60')).toMatchObject({ retry: 'throttled', scope: 'call', retryAfterMs: 60_000 });
		expect(throttled('soon').retryAfterMs).toBeUndefined();
	});

	test.each([
		['61', '2024-02-29T12:01:01.000Z'],
		['9999999', '2024-06-24T05:46:39.000Z'],
		['99999999999999999999', '2055-11-07T13:46:39.000Z'],
		['Thu, 29 Feb 2024 13:00:00 GMT', '2024-02-29T13:00:00.000Z'],
		['Sat, 01 Jan 9999 00:00:00 GMT', '9999-01-01T00:00:00.000Z'],
	])('%j is longer than a minute: the run ends and says when to try again', (header, tryAgainAt) => {
		expect(throttled(header)).toMatchObject({
			retry: 'never',
			scope: 'run',
			advice: `Try again after ${tryAgainAt}`,
		});
	});

	test('of a request that is not retried is ignored', () => {
		const answer = httpAnswer(refusal('InvalidParameterValue'), { retryAfter: '3600' });
		const failure = failureOf(classifyResponse(answer, NOT_DONE));
		expect(failure).toMatchObject({ retry: 'never', scope: 'call' });
		expect(failure.retryAfterMs).toBeUndefined();
	});

	test('of a server error is respected, too', () => {
		const answer = httpAnswer('', { status: 503, retryAfter: '3' });
		expect(classifyResponse(answer, NOT_DONE)).toMatchObject({ retry: 'transient', retryAfterMs: 3_000 });
	});
});

describe("The server's clock", () => {
	test.each<[date: string, age: string, timeMs: number | undefined]>([
		[AT_NOON, '', RECEIVED_AT_MS],
		['Thu, 29 Feb 2024 12:10:00 GMT', '', RECEIVED_AT_MS + 600_000],
		[AT_NOON, '0', undefined],
		[AT_NOON, '60', undefined],
		['', '', undefined],
		['yesterday', '', undefined],
		['2024-02-29T12:00:00Z', '', undefined],
	])('is read from Date %j and Age %j as %j', (date, age, timeMs) => {
		expect(readServerTime(httpAnswer('', { date, age }))).toBe(timeMs);
	});

	test.each([
		['Signature 无效', RECEIVED_AT_MS],
		['Timestamp 无效', RECEIVED_AT_MS],
		['AppKey 无效', RECEIVED_AT_MS],
		['CustomerId 无效', undefined],
	])('is reported with the refusal "%s": %j', (message, serverTimeMs) => {
		const answer = httpAnswer(refusal('InvalidParameterValue', message), { date: AT_NOON });
		expect(failureOf(classifyResponse(answer, NOT_DONE)).serverTimeMs).toBe(serverTimeMs);
	});

	test('is not reported when a cache responded', () => {
		const answer = httpAnswer(refusal('InvalidParameterValue', 'Signature 无效'), {
			date: AT_NOON,
			age: '1',
		});
		expect(classifyResponse(answer, NOT_DONE)).not.toHaveProperty('serverTimeMs');
	});
});
