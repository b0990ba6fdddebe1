import { expect, test } from '@jest/globals';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/health';
import { makeLastCell, readLastCell, writeLastCell } from '../../nodes/TencentCloudIot/sync/last';

const GONE_KEYS = [['k1', true] as const, ['k2', false] as const];

test('Who is gone is read back as it was written.', () => {
	const reported = { ...ALL_WELL, gone: 2, neverPushed: 1, goneKeys: GONE_KEYS };
	expect(readLastCell(writeLastCell({ ...makeLastCell(1), reported })).reported).toEqual(
		expect.objectContaining({ gone: 2, neverPushed: 1, goneKeys: GONE_KEYS }),
	);
});

test.each(['two', null, 1.5, [], {}])(
	'A count of gone customers that somebody has edited to %j counts as none, and what can be read stays.',
	(count) => {
		const reported = { ...ALL_WELL, gone: count, neverPushed: count, goneKeys: [...GONE_KEYS, 'k3', ['k4']] };
		expect(readLastCell(JSON.stringify({ ...makeLastCell(1), reported })).reported).toEqual(
			expect.objectContaining({ gone: 0, neverPushed: 0, goneKeys: GONE_KEYS }),
		);
	},
);
