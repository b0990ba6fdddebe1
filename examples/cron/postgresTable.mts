import type { Pool } from 'pg';
import type { LockRow, Part, NodeRows, SyncTable } from '../../nodes/TencentCloudIot/sync/lock/table.ts';

/**
 * The tables of Sync. The third one has the name of each Sync that has had a state: if somebody empties the other two, a run stops
 * (`STATE_LOST`) instead of pushing every customer like a first run.
 */
const TABLES = `
	CREATE TABLE IF NOT EXISTS tencent_iot_sync (
		id serial PRIMARY KEY, node text NOT NULL, owner text NOT NULL, stamp text NOT NULL,
		"stateName" text NOT NULL, "quietMs" double precision NOT NULL, "closedBy" text NOT NULL, last text NOT NULL);
	CREATE TABLE IF NOT EXISTS tencent_iot_state (
		name text PRIMARY KEY, node text NOT NULL, after text NOT NULL, kind text NOT NULL, content text NOT NULL);
	CREATE TABLE IF NOT EXISTS tencent_iot_noted (node text PRIMARY KEY)`;

/** A lock until the end of the transaction: if two create the same table at once, one fails in spite of IF NOT EXISTS. */
const ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('tencent_iot_sync'))";

const LOCK_COLUMNS = 'id, owner, stamp, "stateName", "quietMs", "closedBy", last';

/** The state of one Sync in PostgreSQL. `SyncTable` documents what each function must do. */
export class PostgresTable implements SyncTable {
	readonly #database: Pick<Pool, 'query'>;
	readonly #node: string;

	/** @param node the name of the Sync */
	constructor(database: Pick<Pool, 'query'>, node: string) {
		this.#database = database;
		this.#node = node;
	}

	async read(): Promise<NodeRows> {
		// Without parameters these statements are one transaction.
		await this.#database.query(`${ONE_AT_A_TIME}; ${TABLES}`);
		const lockRows = await this.readLockRows();
		const parts = await this.#rows<Part>(
			'SELECT name, after, kind, content FROM tencent_iot_state WHERE node = $1',
			[this.#node],
		);
		return { lockRows, parts };
	}

	async readLockRows(): Promise<LockRow[]> {
		const sql = `SELECT ${LOCK_COLUMNS} FROM tencent_iot_sync WHERE node = $1 ORDER BY id`;
		return await this.#rows<LockRow>(sql, [this.#node]);
	}

	async insertLockRow({
		owner,
		stamp,
		stateName,
		quietMs,
		closedBy,
		last,
	}: Omit<LockRow, 'id'>): Promise<void> {
		await this.#rows(
			`INSERT INTO tencent_iot_sync (node, owner, stamp, "stateName", "quietMs", "closedBy", last)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			[this.#node, owner, stamp, stateName, quietMs, closedBy, last],
		);
	}

	async removeLockRow({ id, stamp }: Pick<LockRow, 'id' | 'stamp'>): Promise<boolean> {
		const sql = 'DELETE FROM tencent_iot_sync WHERE id = $1 AND stamp = $2 RETURNING id';
		return (await this.#rows(sql, [id, stamp])).length > 0;
	}

	async changeLockRow(
		{ id, stamp }: Pick<LockRow, 'id' | 'stamp'>,
		set: Partial<Omit<LockRow, 'id'>>,
		part?: Part,
	): Promise<LockRow | undefined> {
		if (part !== undefined) {
			await this.insertPart(part);
		}
		const cells = Object.keys(set).map((column, index) => `"${column}" = $${index + 3}`);
		// This is the lock: if two runs have read the same stamp, one changes the row, and the other finds no row.
		const sql = `UPDATE tencent_iot_sync SET ${cells.join(', ')} WHERE id = $1 AND stamp = $2 RETURNING ${LOCK_COLUMNS}`;
		const [row] = await this.#rows<LockRow>(sql, [id, stamp, ...Object.values(set)]);
		return row;
	}

	async insertPart({ name, after, kind, content }: Part): Promise<void> {
		await this.#rows(
			`INSERT INTO tencent_iot_state (name, node, after, kind, content) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (name) DO NOTHING`,
			[name, this.#node, after, kind, content],
		);
	}

	async removeParts(names: readonly string[]): Promise<void> {
		await this.#rows('DELETE FROM tencent_iot_state WHERE name = ANY ($1)', [names]);
	}

	async countStoreEntries(): Promise<number> {
		return (await this.#rows('SELECT node FROM tencent_iot_noted WHERE node = $1', [this.#node])).length;
	}

	async ensureStoreEntry(): Promise<void> {
		await this.#rows('INSERT INTO tencent_iot_noted VALUES ($1) ON CONFLICT DO NOTHING', [this.#node]);
	}

	async #rows<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
		const { rows } = await this.#database.query<Row>(sql, values);
		return rows;
	}
}
