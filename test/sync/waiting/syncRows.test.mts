import { beforeEach, describe, expect, test } from '@jest/globals';
import {
	type LastCell,
	makeLastCell,
	readLastCell,
	writeLastCell,
} from '../../../nodes/TencentCloudIot/sync/last';
import { NOBODY, STATE_TABLE, SYNC_TABLE } from '../../../nodes/TencentCloudIot/sync/lock/table';
import {
	updateLastCell,
	findSyncs,
	deleteSync,
	type SyncRow,
} from '../../../nodes/TencentCloudIot/sync/waiting/syncRows';
import { MemoryTables } from '../log/memoryTables.mts';

const LOCK_COLUMNS = {
	key: 'string',
	workflow: 'string',
	node: 'string',
	owner: 'string',
	stamp: 'string',
	health: 'string',
	last: 'string',
} as const;

const NIGHT = {
	key: 'w1 n1',
	workflow: 'Night',
	node: 'Sync',
	owner: NOBODY,
	stamp: 'free s0',
	health: 'ok',
	last: writeLastCell({ ...makeLastCell(7), news: 'kept' }),
	updatedAt: '2026-11-30T06:00:00.000Z',
};

const DAY = { ...NIGHT, key: 'w2 n1', workflow: 'Day', stamp: 'run-9 s0', owner: 'run-9', health: 'failing' };

let tables: MemoryTables;

beforeEach(async () => {
	tables = new MemoryTables();
	const [[sync], [state]] = await tables.run([
		{ do: 'create', name: SYNC_TABLE, columns: LOCK_COLUMNS },
		{ do: 'create', name: STATE_TABLE, columns: { key: 'string', content: 'string' } },
	]);
	const parts = [
		{ key: 'w1 n1', content: 'whole' },
		{ key: 'w1 n1', content: 'added' },
		{ key: 'w2 n1', content: 'whole' },
	];
	await tables.run([
		{ do: 'insert', table: sync!, rows: [NIGHT, DAY] },
		{ do: 'insert', table: state!, rows: parts },
	]);
});

async function syncOf(workflow: string): Promise<SyncRow> {
	const rows = await findSyncs(tables, '');
	return rows.find((row) => row.workflowName === workflow)!;
}

/** The cells of the row of a Sync in the table. */
function cellsOf(workflow: string) {
	return tables.rowsOf(SYNC_TABLE).find((row) => row['workflow'] === workflow)!;
}

/** Changes a row between two calls, as another run or a person does. */
function changeInBetween(workflow: string, set: Readonly<Record<string, string>>): void {
	const table = tables.byName.get(SYNC_TABLE)!;
	table.rows = table.rows.map((row) => (row['workflow'] === workflow ? { ...row, ...set } : row));
}

describe('The Syncs of a project', () => {
	test('are listed with what people want to know about them', async () => {
		const [night, day] = await findSyncs(tables, '');
		expect(night).toEqual({
			id: 1,
			key: 'w1 n1',
			name: 'Night',
			workflowId: 'w1',
			workflowName: 'Night',
			nodeName: 'Sync',
			isOwned: false,
			changedMs: Date.UTC(2026, 10, 30, 6),
			health: 'ok',
			last: readLastCell(NIGHT.last),
			stamp: 'free s0',
		});
		expect([day?.isOwned, day?.health]).toEqual([true, 'failing']);
	});

	test.each<[title: string, workflowsAndNodes: Array<[workflow: string, node: string]>]>([
		[
			'the node of another one has the same name',
			[
				['Night', 'Sync'],
				['Sync', 'Push'],
			],
		],
		[
			'names differ only in case or width',
			[
				['Night', 'Sync'],
				['night', 'Sync'],
				['Ｎｉｇｈｔ', 'Sync'],
			],
		],
		['a name has blanks around it', [[' Night  ', 'Sync']]],
		[
			'names differ only in blanks',
			[
				['Night', 'Sync'],
				['Night ', 'Sync'],
			],
		],
		[
			'one is named like workflow and node of another one',
			[
				['Night', 'Sync'],
				['Night', 'Push'],
				['Night / Sync', 'Sync'],
			],
		],
		[
			'a node of one workflow was deleted and added again',
			[
				['Night', 'Sync'],
				['Night', 'Sync'],
			],
		],
	])('are each found by its listed name, also if %s', async (title, workflowsAndNodes) => {
		tables.byName.get(SYNC_TABLE)!.rows = workflowsAndNodes.map(([workflow, node], index) => {
			const key = title.includes('one workflow') ? `w0 n${index}` : `w${index} n`;
			return { ...NIGHT, key, workflow, node, id: index + 1 };
		});
		for (const { name, key } of await findSyncs(tables, '')) {
			for (const spelling of ['exact', 'anyCase'] as const) {
				const found = await findSyncs(tables, name, spelling);
				expect([name, found.map((row) => row.key)]).toEqual([name, [key]]);
			}
		}
	});

	test('are none before the first run', async () => {
		tables.byName.clear();
		expect(await findSyncs(tables, '')).toEqual([]);
	});

	test('are not joined by an empty row that somebody has added', async () => {
		const [listed] = await tables.run([{ do: 'list', nameContains: SYNC_TABLE }]);
		await tables.run([
			{ do: 'insert', table: listed[0]!, rows: [{ key: null }, { key: '', workflow: 'Night' }] },
		]);
		expect((await findSyncs(tables, '')).map(({ name }) => name)).toEqual(['Night', 'Day']);
	});

	test('are listed even if somebody has emptied cells', async () => {
		changeInBetween('Night', { health: null as unknown as string, updatedAt: '' });
		const night = await syncOf('Night');
		expect([night.health, night.changedMs]).toEqual(['', NaN]);
	});
});

describe('The names of Syncs', () => {
	const CASES: ReadonlyArray<[syncs: string[], names: string[]]> = [
		[['Night / Sync'], ['Night']],
		[
			['Night / Sync', 'Day / Sync'],
			['Night', 'Day'],
		],
		[
			['Night / Sync A', 'Night / Sync B'],
			['Night / Sync A', 'Night / Sync B'],
		],
		[[' / Sync'], ['k0 n / Sync']],
		[
			['Night / Sync', 'Night / Sync'],
			['Night / Sync (k0)', 'Night / Sync (k1)'],
		],
	];

	test.each(CASES)('%j are %j', async (syncs, names) => {
		const table = tables.byName.get(SYNC_TABLE)!;
		table.rows = syncs.map((sync, index) => {
			const [workflow = '', node = ''] = sync.split(' / ');
			return { id: index, workflow: workflow.trim(), node, key: `k${index} n` };
		});
		const rows = await findSyncs(tables, '');
		expect(rows.map(({ name }) => name)).toEqual(names);
		for (const [index, name] of names.entries()) {
			expect(await findSyncs(tables, name)).toEqual([rows[index]]);
		}
	});
});

describe('A name finds', () => {
	test.each<[name: string, workflows: string[]]>([
		['', ['Night', 'Day']],
		['  ', ['Night', 'Day']],
		['Night', ['Night']],
		[' Night ', ['Night']],
		['Night / Sync', ['Night']],
		['w2 n1', ['Day']],
		['Sync', ['Night', 'Day']],
		['nIGHT', ['Night']],
		['day / SYNC', ['Day']],
		['Nigh', []],
	])('%j: %j', async (name, workflows) => {
		const found = await findSyncs(tables, name);
		expect(found.map(({ workflowName }) => workflowName)).toEqual(workflows);
	});

	test('no Sync that differs in case, if the spelling must be exact', async () => {
		const keysOf = async (name: string) => (await findSyncs(tables, name, 'exact')).map(({ key }) => key);
		expect([await keysOf('Night'), await keysOf('nIGHT')]).toEqual([['w1 n1'], []]);
	});

	test('the Sync with this spelling rather than one that differs in case', async () => {
		changeInBetween('Day', { workflow: 'NIGHT' });
		const found = await findSyncs(tables, 'NIGHT');
		expect(found.map(({ key }) => key)).toEqual(['w2 n1']);
	});
});

describe('An operation changes the cell `last` of a Sync', () => {
	const approve = (last: LastCell) => ({
		last: { ...last, plan: 'approved' },
		result: `approved with ${String(last['news'])}`,
	});

	test('and the row stays owned or free as it is, with a new stamp', async () => {
		for (const [workflow, word] of [
			['Night', 'free'],
			['Day', 'run-9'],
		] as const) {
			const sync = await syncOf(workflow);
			expect(await updateLastCell(tables, sync, approve)).toBe('approved with kept');
			const { stamp, last } = cellsOf(workflow);
			expect(readLastCell(String(last))).toMatchObject({ plan: 'approved', news: 'kept', stateNumber: 7 });
			expect(String(stamp)).toMatch(new RegExp(`^${word} [0-9a-f-]{36}$`));
			expect(stamp).not.toBe(sync.stamp);
		}
	});

	test('and the other Syncs stay unchanged', async () => {
		const before = cellsOf('Day');
		await updateLastCell(tables, await syncOf('Night'), approve);
		expect(cellsOf('Day')).toEqual(before);
	});

	test('after a run that was faster, and keeps what that run has written', async () => {
		const sync = await syncOf('Night');
		let calls = 0;
		tables.beforeCall = () => {
			calls++;
			// Between reading the row and changing it.
			if (calls === 2) {
				const last = writeLastCell({ ...makeLastCell(8), news: 'new' });
				changeInBetween('Night', { stamp: 'free s1', last });
			}
		};
		expect(await updateLastCell(tables, sync, approve)).toBe('approved with new');
		expect(readLastCell(String(cellsOf('Night')['last']))).toMatchObject({
			stateNumber: 8,
			plan: 'approved',
		});
	});

	test('once, even if the response is lost', async () => {
		const sync = await syncOf('Night');
		tables.calls.length = 0;
		tables.afterCall = () => {
			if (tables.calls.length === 2) {
				throw new Error('the connection broke');
			}
		};
		let changes = 0;
		const result = await updateLastCell(tables, sync, (last) => {
			changes++;
			return { last: { ...last, count: Number(last['count'] ?? 0) + 1 }, result: 'done' };
		});
		expect([result, changes]).toEqual(['done', 1]);
		expect(readLastCell(String(cellsOf('Night')['last']))['count']).toBe(1);
	});

	test.each([null, ''])('even if somebody has emptied its stamp: %j', async (stamp) => {
		changeInBetween('Night', { stamp: stamp as unknown as string });
		const sync = await syncOf('Night');
		await updateLastCell(tables, sync, approve);
		expect(readLastCell(String(cellsOf('Night')['last']))['plan']).toBeDefined();
		changeInBetween('Night', { stamp: stamp as unknown as string });
		const deleteReceipts = async () => await Promise.resolve(0);
		expect(await deleteSync(tables, await syncOf('Night'), deleteReceipts)).toBe(0);
	});

	test('but not if runs change the row each time', async () => {
		const sync = await syncOf('Night');
		tables.calls.length = 0;
		tables.beforeCall = () => changeInBetween('Night', { stamp: `free s${tables.calls.length}` });
		await expect(updateLastCell(tables, sync, approve)).rejects.toThrow('again and again');
		expect(tables.calls).toHaveLength(12);
		expect(readLastCell(String(cellsOf('Night')['last']))['plan']).toBeUndefined();
	});

	test('but not if the database refuses each time, which is the reported error', async () => {
		const sync = await syncOf('Night');
		tables.calls.length = 0;
		tables.beforeCall = () => {
			if (tables.calls.at(-1) === 'find update') {
				throw new Error('SQLITE_BUSY');
			}
		};
		await expect(updateLastCell(tables, sync, approve)).rejects.toThrow('SQLITE_BUSY');
	});

	test('but not if the row is gone, or its id belongs to another Sync', async () => {
		const sync = await syncOf('Night');
		await expect(updateLastCell(tables, { ...sync, key: 'w3 n1' }, approve)).rejects.toThrow('is gone');
		tables.byName.clear();
		await expect(updateLastCell(tables, sync, approve)).rejects.toThrow('is gone');
	});
});

describe('Forgetting a Sync', () => {
	const ownerOf = (workflow: string) =>
		tables.rowsOf(SYNC_TABLE).find((row) => row['workflow'] === workflow)?.['owner'];

	test('deletes receipts, row and state, and nothing of other Syncs; until then no run can claim the row', async () => {
		const owners: unknown[] = [];
		const deleteReceipts = async () => await Promise.resolve(owners.push(ownerOf('Night')) + 4);
		expect(await deleteSync(tables, await syncOf('Night'), deleteReceipts)).toBe(5);
		expect(owners).toEqual(['Forget']);
		expect((await findSyncs(tables, '')).map(({ workflowName }) => workflowName)).toEqual(['Day']);
		expect(tables.rowsOf(STATE_TABLE).map(({ key }) => key)).toEqual(['w2 n1']);
	});

	test('deletes nothing, not even receipts, if a run has begun since the row was read', async () => {
		const sync = await syncOf('Night');
		changeInBetween('Night', { stamp: 'run-10 s1' });
		const deleteReceipts = async () => await Promise.reject(new Error('deleted'));
		expect(await deleteSync(tables, sync, deleteReceipts)).toBeUndefined();
		expect((await findSyncs(tables, '')).map(({ workflowName }) => workflowName)).toEqual(['Night', 'Day']);
		expect(tables.rowsOf(STATE_TABLE)).toHaveLength(3);
	});

	test('can be repeated at once if it failed', async () => {
		const failToDelete = async () => await Promise.reject(new Error('the database is gone'));
		await expect(deleteSync(tables, await syncOf('Night'), failToDelete)).rejects.toThrow('is gone');
		const night = await syncOf('Night');
		expect(night.isOwned).toBe(false);
		expect(await deleteSync(tables, night, async () => await Promise.resolve(5))).toBe(5);
	});

	test('leaves row and state to a run that has taken them over', async () => {
		const deleteReceipts = async () => {
			changeInBetween('Night', { stamp: 'held run-10', owner: 'run-10' });
			return await Promise.resolve(5);
		};
		expect(await deleteSync(tables, await syncOf('Night'), deleteReceipts)).toBeUndefined();
		expect(ownerOf('Night')).toBe('run-10');
		expect(tables.rowsOf(STATE_TABLE)).toHaveLength(3);
	});
});
