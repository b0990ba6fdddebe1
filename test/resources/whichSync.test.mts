import { beforeEach, expect, test } from '@jest/globals';
import { findSync } from '../../nodes/TencentCloudIot/resources/sync/whichSync';
import { makeLastCell, writeLastCell } from '../../nodes/TencentCloudIot/sync/last';
import { SYNC_TABLE } from '../../nodes/TencentCloudIot/sync/lock/table';
import { MemoryTables } from '../sync/log/memoryTables.mts';

const last = writeLastCell(makeLastCell(1));

let tables: MemoryTables;

/** A Sync, and a copy of its workflow with the same names. */
beforeEach(async () => {
	tables = new MemoryTables();
	const [[table]] = await tables.run([{ do: 'create', name: SYNC_TABLE, columns: { key: 'string' } }]);
	const rows = ['w1', 'w2'].map((id) => ({ key: `${id} n`, workflow: 'CRM', node: 'Sync', last }));
	await tables.run([{ do: 'insert', table: table!, rows }]);
});

test('Without a name, the Sync of the same workflow is used, even if there is a copy of it', async () => {
	for (const name of [undefined, '']) {
		const row = await findSync({ tables, workflowId: 'w2' }, name);
		expect(row.key).toBe('w2 n');
	}
});

test('In another workflow, each Sync is found by its own name', async () => {
	const inForm = { tables, workflowId: 'the form' };
	await expect(findSync(inForm, '')).rejects.toMatchObject({ failure: { code: 'SEVERAL_SYNCS' } });
	for (const id of ['w1', 'w2']) {
		const { key, name } = await findSync(inForm, `CRM / Sync (${id})`);
		expect([key, name]).toEqual([`${id} n`, `CRM / Sync (${id})`]);
	}
});

test('A name also works in the workflow of another Sync', async () => {
	const row = await findSync({ tables, workflowId: 'w2' }, 'CRM / Sync (w1)');
	expect(row.key).toBe('w1 n');
});

test('A name that several Syncs share is ambiguous, even in the workflow of one of them', async () => {
	for (const name of ['CRM', 'CRM / Sync', 'crm']) {
		const asked = findSync({ tables, workflowId: 'w2' }, name);
		await expect(asked).rejects.toMatchObject({ failure: { code: 'SEVERAL_SYNCS' } });
	}
});
