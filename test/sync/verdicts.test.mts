import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fate } from '../../nodes/TencentCloudIot/service/fate';
import {
	sendOrderOf,
	endStatusOf,
	type EndStatus,
	type Verdict,
} from '../../nodes/TencentCloudIot/sync/verdicts';
import { answered } from '../support/fates.mts';
import { failureWith } from '../support/failures.mts';

const VERDICTS: readonly Verdict[] = ['unchanged', 'failed', 'due', 'changed', 'new', 'waiting'];

describe('The order of sending', () => {
	const fromTheFirst = () => 0;
	const noCustomer = (_: number) => false;
	const everyCustomer = () => true;
	const orderOf = (verdicts: readonly Verdict[], sendAll = false, isRetriedEarly = noCustomer) =>
		sendOrderOf(verdicts, sendAll, isRetriedEarly, fromTheFirst);

	test('is waiting, new and changed, due for a re-push, then failed, each in the order of the rows', () => {
		const twice = [...VERDICTS, ...VERDICTS];
		expect(orderOf(twice).map((index) => twice[index])).toEqual([
			'waiting',
			'waiting',
			'changed',
			'new',
			'changed',
			'new',
			'due',
			'due',
			'failed',
			'failed',
		]);
	});

	test('has every customer if all must be sent, failed ones after the unchanged ones', () => {
		expect(orderOf(VERDICTS, true).map((index) => VERDICTS[index])).toEqual([
			'waiting',
			'changed',
			'new',
			'due',
			'unchanged',
			'failed',
		]);
	});

	test('has an early retry after every two other customers, and all late retries at the end', () => {
		const verdicts: Verdict[] = [
			...new Array<Verdict>(5).fill('failed'),
			...new Array<Verdict>(5).fill('changed'),
		];
		expect(orderOf(verdicts, false, everyCustomer)).toEqual([5, 6, 0, 7, 8, 1, 9, 2, 3, 4]);
		expect(orderOf(verdicts, false, (index) => index % 2 === 1)).toEqual([5, 6, 1, 7, 8, 3, 9, 0, 2, 4]);
		expect(orderOf(['failed', 'changed'], false, everyCustomer)).toEqual([1, 0]);
		expect(orderOf(['failed', 'failed'], false, everyCustomer)).toEqual([0, 1]);
	});

	test('starts at a random place among waiting and failed customers, so runs that end early do not always leave out the same ones', () => {
		const verdicts = (['waiting', 'failed', 'changed'] as const).flatMap((verdict) => [
			verdict,
			verdict,
			verdict,
		]);
		const bounds: number[][] = [];
		const order = sendOrderOf(verdicts, false, noCustomer, (...minAndMax) => {
			bounds.push(minAndMax);
			return bounds.length;
		});
		expect(bounds).toEqual([
			[0, 3],
			[0, 3],
		]);
		expect(order).toEqual([1, 2, 0, 6, 7, 8, 5, 3, 4]);
		const firsts = Array.from({ length: 200 }, () => sendOrderOf(verdicts, false, noCustomer)[0]);
		expect(new Set(firsts)).toEqual(new Set([0, 1, 2]));
	});

	test('is empty when nothing has changed', () => {
		expect(orderOf(['unchanged', 'unchanged'])).toEqual([]);
	});

	test('sends every failed customer within three runs, even if the others change in each run and the time is short', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 60 }),
				fc.integer({ min: 0, max: 40 }),
				fc.integer({ min: 0, max: 10 }),
				(failing, changing, more) => {
					const turnOf = (index: number) => (index * 7) % 3;
					const verdicts: Verdict[] = [
						...new Array<Verdict>(failing).fill('failed'),
						...new Array<Verdict>(changing).fill('changed'),
					];
					// A run has time for all changed customers and a third of the failed ones.
					const capacity = changing + Math.ceil(failing / 3) + more;
					const tried = new Set<number>();
					for (let run = 0; run < 3; run++) {
						const order = sendOrderOf(verdicts, false, (index) => turnOf(index) === run);
						if (changing > 0) {
							expect(verdicts[order[0]!]).toBe('changed');
						}
						for (const index of order.slice(0, capacity)) {
							tried.add(index);
						}
					}
					expect(tried.size).toBe(verdicts.length);
				},
			),
		);
	});
});

describe('The end status of a customer', () => {
	const FATES: Array<Fate | undefined> = [
		answered({ outcome: 'OK', data: {}, requestId: 'r' }),
		answered(failureWith({ outcome: 'REFUSED' })),
		answered(failureWith({ outcome: 'UNKNOWN' })),
		answered(failureWith({ outcome: 'NOT_SENT' })),
		{ kind: 'notTried', why: failureWith({ outcome: 'NOT_SENT' }) },
		{ kind: 'postponed', why: failureWith({ outcome: 'NOT_SENT' }) },
		undefined,
	];

	test.each<[Verdict, EndStatus[]]>([
		['changed', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['waiting', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['due', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
		['failed', ['accepted', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed']],
		// An unchanged customer is sent only when every customer is.
		['unchanged', ['accepted', 'failed', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']],
	])(
		'that was %s and is now OK, REFUSED, UNKNOWN, NOT_SENT, not tried, postponed or lost is %j',
		(verdict, endStatuses) => {
			expect(FATES.map((fate) => endStatusOf(verdict, fate))).toEqual(endStatuses);
		},
	);

	test("that was not sent because it is unchanged is 'accepted'", () => {
		expect(endStatusOf('unchanged', { kind: 'unchanged' })).toBe('accepted');
	});

	test('includes what an earlier attempt of the execution has settled', () => {
		const outcome = failureWith({ outcome: 'UNKNOWN' });
		expect(endStatusOf('changed', { kind: 'earlierAttempt', outcome })).toBe('failed');
	});
});
