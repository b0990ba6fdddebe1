import { expect, test } from '@jest/globals';
import { SyncDataTables } from '../../nodes/TencentCloudIot/run/syncTable';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import { makeLastCell, writeLastCell } from '../../nodes/TencentCloudIot/sync/last';
import { NOBODY, SYNC_TABLE } from '../../nodes/TencentCloudIot/sync/lock/table';
import { MemoryTables } from '../sync/log/memoryTables.mts';

const FREE = { owner: NOBODY, stamp: 'free 1', stateName: '', quietMs: 0, closedBy: '' };

test('A run updates the names of workflow and node in the lock row, because they may have changed', async () => {
	const tables = new MemoryTables();
	const open = (workflow: string, node: string) =>
		new SyncDataTables(tables, {}, { key: 'w1 n1', workflow, node });
	const before = open('Night', 'Sync');
	await before.read();
	await before.insertLockRow({ ...FREE, last: writeLastCell(makeLastCell(1)) });
	const after = open('Every night', 'CRM to IoT');
	const [row] = await after.readLockRows();
	const reported = { ...ALL_WELL, health: 'degraded' as const };
	await after.changeLockRow(row!, { stamp: 'free 2', last: writeLastCell({ ...makeLastCell(1), reported }) });
	expect(tables.rowsOf(SYNC_TABLE)).toEqual([
		expect.objectContaining({ workflow: 'Every night', node: 'CRM to IoT', health: 'degraded' }),
	]);
});
