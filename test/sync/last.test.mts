import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import { makeLastCell, readLastCell, writeLastCell } from '../../nodes/TencentCloudIot/sync/last';

const GONE_KEYS = [['k1', true] as const, ['k2', false] as const];

test('Gone customers are read as they were written', () => {
	const reported = { ...ALL_WELL, gone: 2, neverPushed: 1, goneKeys: GONE_KEYS };
	expect(readLastCell(writeLastCell({ ...makeLastCell(1), reported })).reported).toEqual(
		expect.objectContaining({ gone: 2, neverPushed: 1, goneKeys: GONE_KEYS }),
	);
});

test.each(['two', null, 1.5, [], {}])(
	'A count of gone customers that somebody has edited to %j is read as 0, and readable members are kept',
	(count) => {
		const reported = { ...ALL_WELL, gone: count, neverPushed: count, goneKeys: [...GONE_KEYS, 'k3', ['k4']] };
		expect(readLastCell(JSON.stringify({ ...makeLastCell(1), reported })).reported).toEqual(
			expect.objectContaining({ gone: 0, neverPushed: 0, goneKeys: GONE_KEYS }),
		);
	},
);

test('Whatever somebody has edited in the cell, the node can show each member that it reads', () => {
	const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(1e12, -1e12, 1.5, 8.64e15, 1e300));
	const members = ['health', 'stop', 'minute', 'gone', 'neverPushed', 'goneKeys', 'check'];
	const reportMembers = [...members, 'degradedMinute', 'isStale', 'hour'];
	const edited = fc.record({
		minute: odd,
		turn: odd,
		stateNumber: odd,
		reported: fc.oneof(odd, fc.dictionary(fc.constantFrom(...reportMembers), odd)),
	});
	const isShown = (minute: number) => !Number.isNaN(new Date(minute * 60_000).getTime());
	fc.assert(
		fc.property(edited, odd, odd, (cell, code, checkMinute) => {
			const reported =
				typeof cell.reported === 'object' ? { check: { code, minute: checkMinute }, ...cell.reported } : {};
			const last = readLastCell(JSON.stringify({ ...cell, reported }));
			const { health, stop, minute, gone, check, degradedMinute = 0, isStale } = last.reported;
			expect(['ok', 'degraded', 'failing']).toContain(health);
			expect([typeof stop, typeof gone, typeof last.turn, typeof last.stateNumber]).toEqual([
				'string',
				'number',
				'number',
				'number',
			]);
			expect([minute, degradedMinute, last.minute ?? 0, check?.minute ?? 0].map(isShown)).toEqual(
				Array(4).fill(true),
			);
			expect([undefined, 'string']).toContain(typeof check?.code === 'string' ? 'string' : check);
			expect([undefined, true]).toContain(isStale);
			// Writing and reading it once more changes nothing.
			expect(readLastCell(writeLastCell(last))).toEqual(last);
		}),
	);
});

test.each<[what: string, cell: object, rePushMinute: number | undefined]>([
	['its own minute', { minute: 20, rePushMinute: 10 }, 10],
	['the minute of the last run, if an earlier version wrote the cell', { minute: 20 }, 20],
	['the minute of the last run, if its own was edited', { minute: 20, rePushMinute: 'ten' }, 20],
	['none in a new row', {}, undefined],
])('The last run without a postponed re-push has %s', (_, cell, rePushMinute) => {
	expect(readLastCell(JSON.stringify(cell)).rePushMinute).toBe(rePushMinute);
});

test('The hour in a report of the first version is read as a minute', () => {
	const { reported } = readLastCell(JSON.stringify({ reported: { health: 'degraded', hour: 400_000 } }));
	expect(reported).toMatchObject({ health: 'degraded', minute: 24_000_000 });
});
