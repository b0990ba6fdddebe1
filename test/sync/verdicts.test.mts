import { describe, expect, test } from '@jest/globals';
import type { Fate } from '../../nodes/TencentCloudIot/service/fate';
import {
	sendingOrder,
	standingOf,
	type Standing,
	type Verdict,
} from '../../nodes/TencentCloudIot/sync/verdicts';
import { answered } from '../support/fates.mts';
import { failureWith } from '../support/failures.mts';

const VERDICTS: readonly Verdict[] = ['unchanged', 'failed', 'due', 'changed', 'waiting', 'unjudged'];

describe('The order of sending', () => {
	const fromTheFirst = () => 0;

	test('is: what had to wait, what is new or changed, whose re-push is scheduled, what failed, and each in the order of the rows', () => {
		const twice = [...VERDICTS, ...VERDICTS];
		expect(sendingOrder(twice, false, fromTheFirst).map((index) => twice[index])).toEqual([
			...['waiting', 'waiting', 'changed', 'changed', 'due', 'due', 'failed', 'failed'],
			...['unjudged', 'unjudged'],
		]);
		expect(sendingOrder(twice, false, fromTheFirst)).toEqual([4, 10, 3, 9, 2, 8, 1, 7, 5, 11]);
	});

	test('leaves out nobody when every customer is to be sent, and has the unchanged ones after all that is needed', () => {
		expect(sendingOrder(VERDICTS, true)).toEqual([4, 3, 2, 1, 0, 5]);
	});

	test('begins with any of those that were left over, so that a run that ends early does not leave out the same ones for ever', () => {
		const verdicts = (['waiting', 'failed', 'changed'] as const).flatMap((verdict) => [
			verdict,
			verdict,
			verdict,
		]);
		const bounds: number[][] = [];
		const order = sendingOrder(verdicts, false, (...minAndMax) => {
			bounds.push(minAndMax);
			return bounds.length;
		});
		expect(bounds).toEqual([
			[0, 3],
			[0, 3],
		]);
		expect(order).toEqual([1, 2, 0, 6, 7, 8, 5, 3, 4]);
		const firsts = Array.from({ length: 200 }, () => sendingOrder(verdicts, false)[0]);
		expect(new Set(firsts)).toEqual(new Set([0, 1, 2]));
	});

	test('is empty when nothing has changed', () => {
		expect(sendingOrder(['unchanged', 'unchanged'], false)).toEqual([]);
	});
});

describe('What is kept of a customer', () => {
	const FATES: Array<Fate | undefined> = [
		answered({ outcome: 'OK', data: {}, requestId: 'r' }),
		answered(failureWith({ outcome: 'REFUSED' })),
		answered(failureWith({ outcome: 'UNKNOWN' })),
		answered(failureWith({ outcome: 'NOT_SENT' })),
		{ kind: 'notTried', why: failureWith({ outcome: 'NOT_SENT' }) },
		{ kind: 'postponed', why: failureWith({ outcome: 'NOT_SENT' }) },
		undefined,
	];

	test.each<[Verdict, Standing[]]>([
		['changed', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['waiting', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['due', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['failed', ['accepted', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed']],
		// It is sent although unchanged, where every customer is.
		['unchanged', ['accepted', 'failed', 'failed', 'accepted', 'accepted', 'waiting', 'waiting']],
		['unjudged', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
	])(
		'that was %s, when it is OK, REFUSED, UNKNOWN, NOT_SENT, not tried, postponed or lost, is %j',
		(verdict, standings) => {
			expect(FATES.map((fate) => standingOf(verdict, fate))).toEqual(standings);
		},
	);

	test('that was not sent because it is unchanged, is that it was accepted', () => {
		expect(standingOf('unchanged', { kind: 'unchanged' })).toBe('accepted');
	});

	test('counts what an earlier attempt of the run has settled', () => {
		const outcome = failureWith({ outcome: 'UNKNOWN' });
		expect(standingOf('changed', { kind: 'earlierAttempt', outcome })).toBe('failed');
	});
});
