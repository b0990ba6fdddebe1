import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { N8nSettings } from '../n8n/settings.mts';

/** The SQLite database of an n8n, which may be running. */
export interface StoredTables {
	/** The tables that contain a text in any column; a Data Table by the name that users see. */
	tablesWith(text: string): string[];
	/** The rows of a Data Table, by its name. */
	rowsOf(dataTable: string): Array<Record<string, unknown>>;
	/** The deduplication entries that n8n stores for each node of a workflow. */
	memoriesOf(workflowId: string): string[][];
	/** The names of n8n's execution counters of a workflow, e.g. `production_error`. */
	countsOf(workflowId: string): string[];
	close(): void;
}

export function openDatabase({ userFolder }: N8nSettings): StoredTables {
	const database = new DatabaseSync(join(userFolder, '.n8n', 'database.sqlite'), {
		readOnly: true,
		// Without a write-ahead log n8n locks it while it writes.
		timeout: 10_000,
	});
	const texts = (sql: string, ...values: string[]) =>
		database
			.prepare(sql)
			.all(...values)
			.map((row) => String(Object.values(row)[0]));
	const tables = texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
	const dataTables = new Map(
		database
			.prepare('SELECT id, name FROM data_table')
			.all()
			.map(({ id, name }) => [`data_table_user_${String(id)}`, String(name)]),
	);
	const rowsIn = (table: string) => database.prepare(`SELECT * FROM "${table}"`).all();
	return {
		tablesWith: (text) => {
			const holding = tables.filter((table) =>
				rowsIn(table).some((row) => JSON.stringify(row).includes(text)),
			);
			return holding.map((table) => dataTables.get(table) ?? table).sort();
		},
		rowsOf: (dataTable) => {
			const [table] = [...dataTables].find(([, name]) => name === dataTable) ?? [];
			return table === undefined ? [] : rowsIn(table);
		},
		memoriesOf: (workflowId) =>
			texts('SELECT value FROM processed_data WHERE workflowId = ?', workflowId).map(
				(value) => (JSON.parse(value) as { data: string[] }).data,
			),
		countsOf: (workflowId) => texts('SELECT name FROM workflow_statistics WHERE workflowId = ?', workflowId),
		close: () => database.close(),
	};
}

/** A journal of the database may be deleted after the folder was listed. */
async function readIfThere(path: string): Promise<Buffer> {
	try {
		return await readFile(path);
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
			return Buffer.alloc(0);
		}
		throw cause;
	}
}

/** The files below n8n's folder that contain a text, except those of the installed package. */
export async function filesWith(text: string, { userFolder }: N8nSettings): Promise<string[]> {
	const entries = await readdir(userFolder, { recursive: true, withFileTypes: true });
	const paths = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name))
		.filter((path) => !path.startsWith(join(userFolder, '.n8n', 'nodes')));
	const found: string[] = [];
	for (const path of paths) {
		if ((await readIfThere(path)).includes(text)) {
			found.push(path);
		}
	}
	return found;
}
