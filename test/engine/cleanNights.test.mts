import { expect, test } from '@jest/globals';
import { testCleanNights } from './cleanNights.mts';
import { row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

testCleanNights(0, 8);

test('After a run that Allowed Actions blocked, Sync counts all devices, so no safety check stops it', async () => {
	const { sync } = await syncTimeline();
	const ids = Array.from({ length: 12 }, (_, index) => `c${index}`);
	const gateways = Array.from({ length: 25 }, (_, index) =>
		row('c6', 100 + index, { ProductName: 'Gateway' }),
	);
	const rows = [...ids.map((id, index) => row(id, index)), ...gateways];
	const changed = (at: number) => rows.with(at, row(`c${at}`, 200 + at));
	const run = { outputItemPer: 'run' };
	const blocked = await sync(rows, run, { credential: { allowedActions: 'readsOnly' } });
	expect(blocked.sent).toEqual([]);
	await sync(changed(0), run);
	const { success, sent } = await sync(rows, run);
	expect(success[0]?.json).toMatchObject({ Health: 'ok' });
	expect(sent).toEqual(['c0']);
});
