/**
 * The behaviour of a `SyncTable` that the lock and the state of Sync rely on. The same suite runs against n8n's Data Tables, real and embedded, against
 * the model in memory that other tests use, and against the table of examples/cron in PostgreSQL.
 */
import assert from 'node:assert/strict';
import type { LockRow, Part, SyncTable } from '../../nodes/TencentCloudIot/sync/lock/table.ts';

/** Opens the rows of a Sync by name. Two tables with the same name share their rows. */
export type OpenSyncTable = (node: string) => SyncTable;

/** One behaviour of a `SyncTable`. */
interface SyncTableCase {
	readonly name: string;
	see(open: OpenSyncTable): Promise<void>;
}

/** Quotes, an n8n expression, SQL wildcards, and text in several scripts. */
const ODD_TEXT = `{"a":"=1+1","b":"'; --","c":"%_","d":"智能门锁 🔒","e":"\\\\u0000"}`;

const FREE: Omit<LockRow, 'id'> = {
	owner: 'nobody',
	stamp: 'free 1',
	stateName: '',
	quietMs: 0,
	closedBy: '',
	last: ODD_TEXT,
};

function partOf(name: string, content = 'AA=='): Part {
	return { name, after: '', kind: 'part', content };
}

let syncs = 0;

/** A new Sync without rows, which no other case uses. */
async function newSync(open: OpenSyncTable): Promise<{ table: SyncTable; node: string }> {
	syncs += 1;
	const node = `contract ${syncs} 'of' ${Date.now()}`;
	const table = open(node);
	assert.deepEqual(await table.read(), { lockRows: [], parts: [] });
	return { table, node };
}

/** A new Sync with a lock row. */
async function withRow(open: OpenSyncTable): Promise<{ table: SyncTable; node: string; row: LockRow }> {
	const { table, node } = await newSync(open);
	await table.insertLockRow(FREE);
	const [row] = await table.readLockRows();
	assert.ok(row !== undefined);
	return { table, node, row };
}

async function namesIn(table: SyncTable): Promise<string[]> {
	const { parts } = await table.read();
	// A part that two calls have inserted may exist twice.
	return [...new Set(parts.map(({ name }) => name))].sort();
}

export const SYNC_TABLE_CONTRACT: readonly SyncTableCase[] = [
	{
		name: 'Several first runs read no rows, and all of them may create the tables.',
		see: async (open) => {
			const tables = ['a', 'b', 'c'].map((name) => open(`first ${name} ${Date.now()}`));
			const found = await Promise.all(tables.map(async (table) => await table.read()));
			assert.deepEqual(found, Array(3).fill({ lockRows: [], parts: [] }));
		},
	},
	{
		name: 'A lock row is returned as it was inserted.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const { id, ...cells } = row;
			assert.equal(typeof id, 'number');
			assert.deepEqual(cells, FREE);
			assert.deepEqual((await table.read()).lockRows, [row]);
		},
	},
	{
		name: 'A change with the current stamp takes effect, returns the row, and keeps the other columns.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const set = { owner: 'run 1', stamp: 'held 2', quietMs: 53_001, stateName: 'part 1' };
			assert.deepEqual(await table.changeLockRow(row, set, partOf('part 1')), { ...row, ...set });
			assert.deepEqual(await table.read(), { lockRows: [{ ...row, ...set }], parts: [partOf('part 1')] });
		},
	},
	{
		name: 'A change with another stamp, or a repeated one, changes nothing, but its part is inserted.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const set = { owner: 'run 1', stamp: 'held 2' };
			const changed = await table.changeLockRow(row, set, partOf('x'));
			assert.equal(await table.changeLockRow(row, set, partOf('x')), undefined);
			assert.equal(await table.changeLockRow(row, { stamp: 'held 3' }, partOf('y')), undefined);
			assert.deepEqual(await table.readLockRows(), [changed]);
			assert.deepEqual(await namesIn(table), ['x', 'y']);
		},
	},
	{
		name: 'Of many changes with the same stamp, exactly one takes effect.',
		see: async (open) => {
			const { table, node, row } = await withRow(open);
			let seen = row;
			for (let round = 0; round < 5; round++) {
				const changes = Array.from({ length: 8 }, async (_, run) => {
					const set = { owner: `run ${run}`, stamp: `held ${round} ${run}` };
					return await open(node).changeLockRow(seen, set, partOf(`part ${round} ${run}`));
				});
				const passed = (await Promise.all(changes)).filter((changed) => changed !== undefined);
				assert.equal(passed.length, 1, `${passed.length} passed`);
				assert.deepEqual(await table.readLockRows(), passed);
				seen = passed[0]!;
			}
		},
	},
	{
		name: 'A lock row is deleted only with its current stamp.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			assert.equal(await table.removeLockRow({ id: row.id, stamp: 'free 0' }), false);
			assert.deepEqual(await table.readLockRows(), [row]);
			assert.equal(await table.removeLockRow(row), true);
			assert.equal(await table.removeLockRow(row), false);
			assert.equal(await table.changeLockRow(row, { stamp: 'held 2' }), undefined);
			assert.deepEqual(await table.readLockRows(), []);
		},
	},
	{
		name: 'Parts are returned unchanged, even megabytes, and are deleted by name.',
		see: async (open) => {
			const { table } = await newSync(open);
			const large = 'ABCDefgh0123+/=='.repeat((3 * 1024 * 1024) / 16);
			const parts: Part[] = [
				partOf('whole', large),
				{ ...partOf('addition'), after: 'whole' },
				{ ...partOf('late one'), kind: 'late' },
			];
			for (const part of parts) {
				await table.insertPart(part);
			}
			const read = (await table.read()).parts;
			assert.ok(read.find(({ name }) => name === 'whole')?.content === large);
			assert.deepEqual(
				read.map(({ name, after, kind }) => [name, after, kind]).sort(),
				parts.map(({ name, after, kind }) => [name, after, kind]).sort(),
			);
			await table.removeParts([]);
			await table.removeParts(['whole', 'nobody has it']);
			assert.deepEqual(await namesIn(table), ['addition', 'late one']);
			await table.removeParts(['addition', 'late one']);
			assert.deepEqual(await namesIn(table), []);
		},
	},
	{
		name: 'A Sync does not see the rows of another Sync.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const other = await withRow(open);
			await other.table.changeLockRow(other.row, { stamp: 'held 2' }, partOf('of another'));
			assert.deepEqual(await table.read(), { lockRows: [row], parts: [] });
			await other.table.ensureStoreEntry();
			assert.equal(await table.countStoreEntries(), 0);
		},
	},
	{
		name: 'The existence of a state is noted once, and the note stays when the rows are deleted.',
		see: async (open) => {
			const { table, node, row } = await withRow(open);
			assert.equal(await table.countStoreEntries(), 0);
			await table.ensureStoreEntry();
			await table.ensureStoreEntry();
			assert.equal(await open(node).countStoreEntries(), 1);
			await table.removeLockRow(row);
			assert.equal(await table.countStoreEntries(), 1);
		},
	},
];
