import { expect, test } from '@jest/globals';
import {
	failureOrRethrow,
	describe,
	NotSendable,
	notSent,
} from '../../nodes/TencentCloudIot/service/outcome';
import { failureWith } from '../support/failures.mts';
import { shows } from '../support/texts.mts';

test.each([
	['REFUSED', 'It rained. Tencent refused it; nothing was changed.'],
	['NOT_SENT', 'It rained. Nothing was sent.'],
	['UNKNOWN', 'It rained. Tencent may or may not have applied it.'],
] as const)(
	'A failure with the outcome %s says what happened and whether anything was applied',
	(outcome, sentence) => {
		expect(describe(failureWith({ outcome, reason: 'It rained.' }), 'everything')).toBe(sentence);
	},
);

test.each([
	['REFUSED', 'It rained. Tencent refused it; nothing was changed.'],
	['NOT_SENT', 'It rained. Nothing was sent.'],
	['UNKNOWN', 'It rained. It only reads; nothing was changed.'],
] as const)('A failure of a read-only Action says that nothing was changed: %s', (outcome, sentence) => {
	expect(describe(failureWith({ outcome, reason: 'It rained.', onlyReads: true }), 'everything')).toBe(
		sentence,
	);
});

test('A failure before anything is sent concerns every request, and no retry helps', () => {
	expect(notSent('NO_RESPONSE', { requests: 3 })).toEqual({
		outcome: 'NOT_SENT',
		code: 'NO_RESPONSE',
		reason: shows('None of the first 3 requests got a clear response.', '最初的 3 个请求均未得到明确的响应'),
		advice: shows('Read why the first requests failed, then try again', '查看最初几个请求失败的原因，再重试'),
		scope: 'run',
	});
});

test('NotSendable has the facts, a message from them, and its cause', () => {
	const failure = notSent('RUNS_ALONE');
	const cause = new Error('cause');
	const thrown = new NotSendable(failure, { cause });
	expect(thrown).toBeInstanceOf(Error);
	const message =
		'No node is connected before this one, and without one it runs only operations that read. Nothing was sent.';
	expect(thrown).toMatchObject({ name: 'NotSendable', message, failure, cause });
});

test('NotSendable becomes the failure of a run; any other error is a bug and is rethrown', () => {
	const failure = notSent('RUNS_ALONE');
	expect(failureOrRethrow(new NotSendable(failure))).toBe(failure);
	const fault = new TypeError('undefined is not a function');
	expect(() => failureOrRethrow(fault)).toThrow(fault);
});
