import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowChanges } from '../../nodes/TencentCloudIot/sync/changes';

type Standstill = NonNullable<ReturnType<RowChanges['standstillAt']>>;

/** The changes as the cell stores them. */
type Changes = Pick<RowChanges, 'minutes' | 'gaps'>;

const DAY = 1440;
const NONE: Changes = { minutes: [], gaps: [] };

/** `count` changes, `apart` minutes from each other, the last one at `last`. */
function everyMinutes(apart: number, count: number, last: number): Changes {
	return {
		minutes: Array.from({ length: count }, (_, index) => last - apart * (count - 1 - index)),
		gaps: [],
	};
}

describe('A change is noted', () => {
	test.each<[what: string, before: Changes, minute: number, after: Changes]>([
		['the first one', NONE, 100, { minutes: [100], gaps: [] }],
		['after the others', { minutes: [10, 20], gaps: [] }, 100, { minutes: [10, 20, 100], gaps: [] }],
		[
			'without those in the future, which a wrong clock noted',
			{ minutes: [10, 100_000], gaps: [[100_000, DAY]] },
			100,
			{ minutes: [10, 100], gaps: [] },
		],
		[
			'with the gap after the last one that is not in the future',
			{ minutes: [10, 100_000], gaps: [] },
			10 + DAY,
			{ minutes: [10, 10 + DAY], gaps: [[10 + DAY, DAY]] },
		],
		['without the oldest of eleven', everyMinutes(1, 10, 50), 51, everyMinutes(1, 10, 51)],
		[
			'with the gap before it, if that is at least a day',
			{ minutes: [0], gaps: [] },
			DAY,
			{ minutes: [0, DAY], gaps: [[DAY, DAY]] },
		],
		[
			'without the gap before it, if that is shorter',
			{ minutes: [0], gaps: [] },
			DAY - 1,
			{ minutes: [0, DAY - 1], gaps: [] },
		],
		[
			'with the gaps of the last four weeks',
			{
				minutes: [40 * DAY],
				gaps: [
					[12 * DAY, 5 * DAY],
					[12 * DAY - 1, 6 * DAY],
				],
			},
			40 * DAY,
			{ minutes: [40 * DAY, 40 * DAY], gaps: [[12 * DAY, 5 * DAY]] },
		],
	])('%s', (_, before, minute, after) => {
		expect(new RowChanges(before).withChange(minute)).toEqual(after);
	});

	test('so that at most ten are kept in the order of their times, the new one last, whatever clocks noted', () => {
		const minutes = fc.array(fc.nat(100_000), { maxLength: 30 });
		fc.assert(
			fc.property(minutes, (noted) => {
				const { minutes: kept } = noted.reduce(
					(changes, minute) => changes.withChange(minute),
					new RowChanges(NONE),
				);
				expect(kept.length).toBeLessThanOrEqual(10);
				expect(kept.at(-1)).toBe(noted.at(-1));
				expect(kept).toEqual(kept.toSorted((a, b) => a - b));
			}),
		);
	});
});

describe('A standstill of the source is found', () => {
	const hourly = everyMinutes(60, 10, 100 * DAY);
	const weekly = everyMinutes(7 * DAY, 10, 100 * DAY);
	test.each<
		[what: string, changes: Changes, days: number, expectDays: number, expected: Standstill | undefined]
	>([
		['not after three days, if it changes every hour', hourly, 3, 0, undefined],
		[
			'after more than three days, if it changes every hour',
			hourly,
			4,
			0,
			{ stillMinutes: 4 * DAY, longestGapMinutes: 60 },
		],
		['not after five weeks, if it changes every week', weekly, 35, 0, undefined],
		[
			'after more than five weeks, if it changes every week',
			weekly,
			36,
			0,
			{ stillMinutes: 36 * DAY, longestGapMinutes: 7 * DAY },
		],
		['never with nine changes', everyMinutes(60, 9, 100 * DAY), 90, 0, undefined],
		['never without a change', NONE, 90, 0, undefined],
		['not after exactly the configured number of days', hourly, 10, 10, undefined],
		[
			'after more than the configured number of days',
			hourly,
			11,
			10,
			{ stillMinutes: 11 * DAY, longestGapMinutes: undefined },
		],
		[
			'not within five times a holiday of the last four weeks',
			{ ...hourly, gaps: [[80 * DAY, 7 * DAY]] },
			35,
			0,
			undefined,
		],
		[
			'not within five times a holiday that ended exactly four weeks before the last change',
			{ ...hourly, gaps: [[72 * DAY, 7 * DAY]] },
			35,
			0,
			undefined,
		],
		[
			'whatever gaps there were before that',
			{ ...hourly, gaps: [[71 * DAY, 7 * DAY]] },
			4,
			0,
			{ stillMinutes: 4 * DAY, longestGapMinutes: 60 },
		],
		[
			'from the last change before one that a wrong clock noted in the future',
			new RowChanges(hourly).withChange(500 * DAY),
			4,
			0,
			{ stillMinutes: 4 * DAY, longestGapMinutes: 60 },
		],
		[
			'from the last change before one in the future, with a configured number of days',
			new RowChanges(hourly).withChange(500 * DAY),
			11,
			10,
			{ stillMinutes: 11 * DAY, longestGapMinutes: undefined },
		],
		['never if all changes are in the future', everyMinutes(60, 10, 500 * DAY), 90, 0, undefined],
	])('%s', (_, changes, days, expectDays, expected) => {
		expect(new RowChanges(changes).standstillAt((100 + days) * DAY, expectDays)).toEqual(expected);
	});
});

test('Values that somebody has edited in the row do not count as changes', () => {
	expect(new RowChanges(undefined)).toEqual(NONE);
	expect(new RowChanges({ minutes: 'x', gaps: 7 })).toEqual(NONE);
	expect(new RowChanges({ minutes: [1, 'x', 2.5, 3], gaps: [[1, 2], [1], 'x', [1, 2.5]] })).toEqual({
		minutes: [1, 3],
		gaps: [[1, 2]],
	});
});
