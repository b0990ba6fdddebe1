import { describe, expect, test } from '@jest/globals';
import type { RequestFailure } from '../../../nodes/TencentCloudIot/service/outcome';
import { RetryPolicy } from '../../../nodes/TencentCloudIot/service/delivery/retryPolicy';
import { failureWith } from '../../support/failures.mts';

const policy = (options: Partial<ConstructorParameters<typeof RetryPolicy>[0]> = {}): RetryPolicy =>
	new RetryPolicy({ maxAttempts: 3, isIdempotent: true, random: () => 1, ...options });

const transient = failureWith({ outcome: 'NOT_SENT', retry: 'transient' });
const throttled = failureWith({ outcome: 'REFUSED', retry: 'throttled' });
const unknown = failureWith({ outcome: 'UNKNOWN', retry: 'transient' });
const final = failureWith({ outcome: 'REFUSED', retry: 'never' });

/** How many retries a policy allows until its budget is used up. */
function spend(retry: RetryPolicy, failure: RequestFailure): number {
	let repeats = 0;
	while (repeats < 1_000 && retry.takeRetry(failure, 1)) {
		repeats++;
	}
	return repeats;
}

describe('Whether a request is retried', () => {
	test.each<[what: string, failure: RequestFailure, isIdempotent: boolean, isTried: boolean]>([
		['a transient failure before sending', transient, true, true],
		['a transient failure before sending', transient, false, true],
		['throttling', throttled, true, true],
		['throttling', throttled, false, true],
		['a failure that may have been applied', unknown, true, true],
		['a failure that may have been applied', unknown, false, false],
		['a permanent failure', final, true, false],
		['a permanent failure', { ...unknown, retry: 'never' }, true, false],
	])('after %s (%j), idempotent: %j, is: %j', (_what, failure, isIdempotent, isTried) => {
		expect(policy({ isIdempotent }).takeRetry(failure, 1)).toBe(isTried);
	});

	test.each([
		[1, [false, false]],
		[2, [true, false, false]],
		[3, [true, true, false, false]],
		[10, [true, true, true, true, true, true, true, true, true, false, false]],
	])('ends after %d attempts', (maxAttempts, allowed) => {
		const retry = policy({ maxAttempts });
		const found = allowed.map((_, index) => retry.takeRetry(transient, index + 1));
		expect(found).toEqual(allowed);
	});
});

describe('The wait', () => {
	test.each<[what: string, failure: RequestFailure, attempts: number, leastMs: number, ceilingMs: number]>([
		['a fault', transient, 1, 0, 200],
		['a second fault', transient, 2, 0, 400],
		['a third fault', transient, 3, 0, 800],
		['a seventh fault', transient, 7, 0, 12_800],
		['an eighth fault', transient, 8, 0, 20_000],
		['a ninth fault', transient, 9, 0, 20_000],
		['throttling', throttled, 1, 1_000, 200],
		['a second throttling', throttled, 2, 1_000, 400],
		['a seventh throttling', throttled, 7, 1_000, 12_800],
		['an eighth throttling', throttled, 8, 1_000, 20_000],
	])(
		'after %s (%j, attempt %d) is %d ms and a random part of %d ms',
		(_what, failure, attempts, least, most) => {
			for (const part of [0, 0.25, 0.5, 1]) {
				const retry = policy({ random: () => part });
				expect(retry.waitAfter(failure, attempts)).toBe(least + part * most);
			}
		},
	);

	test.each([
		[0, 0.5, 1_100],
		[400, 0.5, 1_100],
		[1_100, 0.5, 1_100],
		[2_000, 0.5, 2_000],
		[60_000, 1, 60_000],
	])(
		'is at least the time that the server requests: %d ms with the random number %d',
		(retryAfterMs, part, waitMs) => {
			const retry = policy({ random: () => part });
			expect(retry.waitAfter({ ...throttled, retryAfterMs }, 1)).toBe(waitMs);
		},
	);
});

describe('The budget of a run', () => {
	test('allows 50 retries after network failures, or 100 after throttling, and then none', () => {
		expect(spend(policy(), transient)).toBe(50);
		expect(spend(policy(), throttled)).toBe(100);
	});

	test('is not used by failures that are not retried', () => {
		const retry = policy({ isIdempotent: false });
		for (let index = 0; index < 1_000; index++) {
			retry.takeRetry(final, 1);
			retry.takeRetry(unknown, 1);
			retry.takeRetry(transient, 3);
		}
		expect(spend(retry, transient)).toBe(50);
	});

	test('gets back the whole cost of the retries of a request that finally succeeds', () => {
		const retry = policy();
		expect(spend(retry, transient)).toBe(50);
		retry.noteSuccess([transient, throttled, transient]);
		expect(spend(retry, throttled)).toBe(5);
	});

	test('gets one token from any other success', () => {
		const retry = policy();
		expect(spend(retry, transient)).toBe(50);
		for (let successes = 1; successes < 10; successes++) {
			retry.noteSuccess([]);
			expect(retry.takeRetry(transient, 1)).toBe(false);
		}
		retry.noteSuccess([]);
		expect(spend(retry, transient)).toBe(1);
	});

	test('never exceeds its initial value', () => {
		const retry = policy();
		for (let successes = 0; successes < 1_000; successes++) {
			retry.noteSuccess([transient]);
		}
		expect(spend(retry, transient)).toBe(50);
	});
});
