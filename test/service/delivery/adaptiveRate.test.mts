import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AdaptiveRate } from '../../../nodes/TencentCloudIot/service/delivery/rate/adaptiveRate';

/** A rate that saw this many successes in the last second before it was throttled, at 10 s. */
function throttledAt10s(successes: number, most = Infinity): AdaptiveRate {
	const rate = Object.assign(new AdaptiveRate(), { mostPerSecond: most });
	for (let index = 0; index < successes; index++) {
		rate.noteSuccess(9_001 + (index * 999) / successes);
	}
	rate.noteThrottling(10_000, 0);
	return rate;
}

describe('The rate', () => {
	test('is the maximum until it is throttled', () => {
		const rate = Object.assign(new AdaptiveRate(), { mostPerSecond: 20 });
		for (let nowMs = 0; nowMs < 5_000; nowMs += 10) {
			rate.noteSuccess(nowMs);
		}
		expect(rate.perSecond(5_000)).toBe(20);
		expect(new AdaptiveRate().perSecond(0)).toBe(Infinity);
	});

	test('falls to just below one per second if nothing was accepted', () => {
		expect(throttledAt10s(0).perSecond(10_000)).toBeCloseTo(0.97);
		const active = new AdaptiveRate();
		active.noteThrottling(10_000, 9_000);
		expect(active.perSecond(10_000)).toBeCloseTo(0.97);
	});

	test('is estimated after less than a second of activity: ten a second at first, then half of the last rate', () => {
		const rate = new AdaptiveRate();
		rate.noteThrottling(10_000, 9_500);
		expect(rate.perSecond(10_000)).toBeCloseTo(9.7);
		rate.noteThrottling(10_100, 10_050);
		expect(rate.perSecond(10_100)).toBeCloseTo(0.97 * 4.85);
	});

	test('is the accepted rate if that is higher than the estimate', () => {
		const rate = new AdaptiveRate();
		for (let index = 0; index < 40; index++) {
			rate.noteSuccess(10_000 + index);
		}
		rate.noteThrottling(10_050, 10_000);
		expect(rate.perSecond(10_050)).toBeCloseTo(38.8);
	});

	test('recovers on a cubic curve: the throttled rate after 30 seconds, and quickly from then on', () => {
		const rate = throttledAt10s(100);
		const after = (seconds: number) => rate.perSecond(10_000 + seconds * 1_000);
		const found = [0, 15, 30, 60, 120].map((seconds) => Number(after(seconds).toFixed(6)));
		expect(found).toEqual([97, 97.375, 100, 121, 289]);
	});

	test('recovers to the maximum and no further', () => {
		expect(throttledAt10s(100, 100).perSecond(10_000 + 60_000)).toBe(100);
	});

	test('is measured again each time it is throttled', () => {
		const rate = throttledAt10s(100);
		for (let index = 0; index < 50; index++) {
			rate.noteSuccess(20_000 + index);
		}
		rate.noteThrottling(20_100, 0);
		expect(rate.perSecond(20_100)).toBeCloseTo(48.5);
	});

	test('falls from its own value, not from the count, if it only just reached the limit', () => {
		const rate = throttledAt10s(100);
		for (let index = 0; index < 80; index++) {
			rate.noteSuccess(39_500 + index);
		}
		rate.noteThrottling(40_000, 0);
		expect(rate.perSecond(40_000)).toBeCloseTo(97);
	});

	test('is never above the maximum, never zero, and never falls without throttling', () => {
		const mosts = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 1_000 }));
		const events = fc.array(fc.tuple(fc.nat(3_000), fc.boolean()), { maxLength: 200 });
		fc.assert(
			fc.property(mosts, events, (most, list) => {
				const rate = Object.assign(new AdaptiveRate(), { mostPerSecond: most });
				let nowMs = 0;
				let before = most;
				for (const [waitMs, isThrottled] of list) {
					nowMs += waitMs;
					if (isThrottled) {
						rate.noteThrottling(nowMs, -Infinity);
					} else {
						rate.noteSuccess(nowMs);
					}
					const perSecond = rate.perSecond(nowMs);
					expect(perSecond).toBeGreaterThan(0);
					expect(perSecond).toBeLessThanOrEqual(most);
					if (!isThrottled) {
						expect(perSecond).toBeGreaterThanOrEqual(before);
					}
					before = perSecond;
				}
			}),
		);
	});
});
