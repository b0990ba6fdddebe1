/**
 * What a `SyncTable` does, as the lock and the state of Sync rely on it. One suite runs against n8n's Data Tables, real and embedded, against
 * the model in memory that other tests take, and against the table of examples/cron in PostgreSQL.
 */
import assert from 'node:assert/strict';
import type { LockRow, Part, SyncTable } from '../../nodes/TencentCloudIot/sync/lock/table.ts';

/** Opens the rows of a Sync, by its name. Two tables of one name see the same rows. */
export type OpenSyncTable = (node: string) => SyncTable;

/** One thing that a `SyncTable` does. */
interface SyncTableCase {
	readonly name: string;
	see(open: OpenSyncTable): Promise<void>;
}

/** Quotes, an expression of n8n, what is a wildcard elsewhere, a text of several scripts. */
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

/** The rows of a Sync that no other case uses: none. */
async function newSync(open: OpenSyncTable): Promise<{ table: SyncTable; node: string }> {
	syncs += 1;
	const node = `contract ${syncs} 'of' ${Date.now()}`;
	const table = open(node);
	assert.deepEqual(await table.read(), { lockRows: [], parts: [] });
	return { table, node };
}

/** The same with a row. */
async function withRow(open: OpenSyncTable): Promise<{ table: SyncTable; node: string; row: LockRow }> {
	const { table, node } = await newSync(open);
	await table.insertLockRow(FREE);
	const [row] = await table.readLockRows();
	assert.ok(row !== undefined);
	return { table, node, row };
}

async function namesIn(table: SyncTable): Promise<string[]> {
	const { parts } = await table.read();
	// Where two calls have inserted a part, it may be there twice.
	return [...new Set(parts.map(({ name }) => name))].sort();
}

export const SYNC_TABLE_CONTRACT: readonly SyncTableCase[] = [
	{
		name: 'Several runs that are the first ones read no rows, and may all make the tables.',
		see: async (open) => {
			const tables = ['a', 'b', 'c'].map((name) => open(`first ${name} ${Date.now()}`));
			const found = await Promise.all(tables.map(async (table) => await table.read()));
			assert.deepEqual(found, Array(3).fill({ lockRows: [], parts: [] }));
		},
	},
	{
		name: 'A lock row comes back as it was inserted.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const { id, ...cells } = row;
			assert.equal(typeof id, 'number');
			assert.deepEqual(cells, FREE);
			assert.deepEqual((await table.read()).lockRows, [row]);
		},
	},
	{
		name: 'A change that names the stamp takes effect, answers the row, and leaves the other columns.',
		see: async (open) => {
			const { table, row } = await withRow(open);
			const set = { owner: 'run 1', stamp: 'held 2', quietMs: 53_001, stateName: 'part 1' };
			assert.deepEqual(await table.changeLockRow(row, set, partOf('part 1')), { ...row, ...set });
			assert.deepEqual(await table.read(), { lockRows: [{ ...row, ...set }], parts: [partOf('part 1')] });
		},
	},
	{
		name: 'A change that names another stamp, or comes again, changes nothing. Its part is there all the same.',
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
		name: 'Of many that have seen the same stamp, one changes the row.',
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
		name: 'A lock row goes only with the stamp that was seen.',
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
		name: 'Parts come back as they were, also of megabytes, and go by their names.',
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
		name: 'A Sync sees no rows of another one.',
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
		name: 'That there was a state is noted once, and stays when the rows go.',
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
