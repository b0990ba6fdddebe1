import { expect, test } from '@jest/globals';
import { describe, NotSendable, notSent } from '../../nodes/TencentCloudIot/service/outcome';
import { failureWith } from '../support/failures.mts';

test.each([
	['REFUSED', 'It rained. Tencent refused it; nothing was changed.'],
	['NOT_SENT', 'It rained. Nothing was sent.'],
	['UNKNOWN', 'It rained. Tencent may or may not have applied it.'],
] as const)(
	'A failure that is %s says what happened and whether anything was stored',
	(outcome, sentence) => {
		expect(describe(failureWith({ outcome, reason: 'It rained.' }))).toBe(sentence);
	},
);

test.each([
	['REFUSED', 'It rained. Tencent refused it; nothing was changed.'],
	['NOT_SENT', 'It rained. Nothing was sent.'],
	['UNKNOWN', 'It rained. It only reads; nothing was changed.'],
] as const)('A failure of an Action that only reads leaves nothing unclear: %s', (outcome, sentence) => {
	expect(describe(failureWith({ outcome, reason: 'It rained.', onlyReads: true }))).toBe(sentence);
});

test('What is known before anything is sent would meet every request, and no retry helps', () => {
	expect(notSent('NO_RESPONSE', 'Reason.', 'Advice')).toEqual({
		outcome: 'NOT_SENT',
		code: 'NO_RESPONSE',
		reason: 'Reason.',
		advice: 'Advice',
		retry: 'never',
		scope: 'run',
	});
});

test('NotSendable carries the facts, says them as its message and keeps its cause', () => {
	const failure = notSent('NO_RESPONSE', 'Reason.', 'Advice');
	const cause = new Error('cause');
	const thrown = new NotSendable(failure, { cause });
	expect(thrown).toBeInstanceOf(Error);
	expect(thrown).toMatchObject({ name: 'NotSendable', message: 'Reason. Nothing was sent.', failure, cause });
});
