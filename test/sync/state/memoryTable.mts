import type { LockRow, Part, NodeRows, SyncTable } from '../../../nodes/TencentCloudIot/sync/lock/table';

/** How a statement fails: without its effect; with its effect, but an error as the response; or with its effect, and without ever returning. */
export type Disturbance = 'rejected' | 'answerLost' | 'neverAnswered';

/** The tables of Sync in memory, with the rows of one node. A test can make any statement fail. */
export class MemoryTable implements SyncTable {
	lockRows: LockRow[] = [];
	parts: Part[] = [];
	entries = 0;
	/** The names of all statements, in order. */
	readonly statements: string[] = [];
	/** The length of all inserted parts, in characters. */
	insertedLength = 0;
	/** Called with the name of each statement; decides how it fails. */
	disturb: (statement: keyof SyncTable) => Disturbance | undefined = () => undefined;
	#lastId = 0;

	get lock(): LockRow {
		return this.lockRows[0]!;
	}

	get last(): Record<string, unknown> {
		return JSON.parse(this.lock.last) as Record<string, unknown>;
	}

	/** Changes cells of the lock row, as a person can in n8n. */
	edit(cells: Partial<LockRow>): void {
		Object.assign(this.lock, cells);
	}

	/** Deletes the rows of both tables, as a person can in n8n. */
	drop(): void {
		this.dropLocks();
		this.dropParts();
	}

	dropLocks(): void {
		this.lockRows = [];
	}

	dropParts(): void {
		this.parts = [];
	}

	async read(): Promise<NodeRows> {
		return await this.#do('read', () => ({ lockRows: this.#copies(), parts: [...this.parts] }));
	}

	async readLockRows(): Promise<LockRow[]> {
		return await this.#do('readLockRows', () => this.#copies());
	}

	async insertLockRow(row: Omit<LockRow, 'id'>): Promise<void> {
		this.#lastId++;
		const id = this.#lastId;
		await this.#do('insertLockRow', () => void this.lockRows.push({ ...row, id }));
	}

	async removeLockRow(seen: Pick<LockRow, 'id' | 'stamp'>): Promise<boolean> {
		return await this.#do('removeLockRow', () => {
			const before = this.lockRows.length;
			this.lockRows = this.lockRows.filter(({ id, stamp }) => id !== seen.id || stamp !== seen.stamp);
			return this.lockRows.length < before;
		});
	}

	async changeLockRow(
		seen: Pick<LockRow, 'id' | 'stamp'>,
		set: Partial<Omit<LockRow, 'id'>>,
		part?: Part,
	): Promise<LockRow | undefined> {
		return await this.#do('changeLockRow', () => {
			if (part !== undefined) {
				this.#insert(part);
			}
			const row = this.lockRows.find(({ id, stamp }) => id === seen.id && stamp === seen.stamp);
			return row && { ...Object.assign(row, set) };
		});
	}

	async insertPart(part: Part): Promise<void> {
		await this.#do('insertPart', () => this.#insert(part));
	}

	async removeParts(names: readonly string[]): Promise<void> {
		await this.#do('removeParts', () => {
			this.parts = this.parts.filter(({ name }) => !names.includes(name));
		});
	}

	async countStoreEntries(): Promise<number> {
		return await this.#do('countStoreEntries', () => this.entries);
	}

	async ensureStoreEntry(): Promise<void> {
		await this.#do('ensureStoreEntry', () => {
			this.entries = 1;
		});
	}

	#copies(): LockRow[] {
		return this.lockRows.map((row) => ({ ...row }));
	}

	#insert(part: Part): void {
		this.parts.push(part);
		this.insertedLength += part.content.length;
	}

	async #do<Result>(statement: keyof SyncTable, effect: () => Result): Promise<Result> {
		this.statements.push(statement);
		const disturbance = this.disturb(statement);
		if (disturbance === 'rejected') {
			throw new Error('SQLITE_BUSY');
		}
		const result = effect();
		if (disturbance === 'answerLost') {
			throw new Error('the connection broke');
		}
		if (disturbance === 'neverAnswered') {
			return await new Promise<never>(() => {});
		}
		return await Promise.resolve(result);
	}
}
