import { hash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
	DeduplicationItemTypes,
	DeduplicationMode,
	DeduplicationScope,
	ICheckProcessedContextData,
	ICheckProcessedOptions,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';

/** A row of n8n's table `processed_data`: what a node has recorded, as MD5 in base64. */
export interface ProcessedRow {
	mode: DeduplicationMode;
	data: string[];
}

/** The table `processed_data`. Each function is a separate statement: n8n never combines two in a transaction. */
export interface ProcessedDataTable {
	find(key: string): Promise<ProcessedRow | undefined>;
	/** Rejects when the row exists. */
	insert(key: string, row: ProcessedRow): Promise<void>;
	/** Does nothing when the row does not exist. */
	update(key: string, row: ProcessedRow): Promise<void>;
	delete(key: string): Promise<void>;
}

/** Stores a table's rows as texts. */
interface Texts {
	read(key: string): string | undefined;
	/** Throws when the key exists. */
	create(key: string, text: string): void;
	replace(key: string, text: string): void;
	remove(key: string): void;
}

function tableOf(texts: Texts): ProcessedDataTable {
	return {
		find: async (key) => {
			const text = texts.read(key);
			return text === undefined ? undefined : (JSON.parse(text) as ProcessedRow);
		},
		insert: async (key, row) => texts.create(key, JSON.stringify(row)),
		update: async (key, row) => {
			if (texts.read(key) !== undefined) {
				texts.replace(key, JSON.stringify(row));
			}
		},
		delete: async (key) => texts.remove(key),
	};
}

/** A table that ends with the process. */
export function createProcessedData(): ProcessedDataTable {
	const rows = new Map<string, string>();
	return tableOf({
		read: (key) => rows.get(key),
		create: (key, text) => {
			if (rows.has(key)) {
				throw new Error('UNIQUE constraint failed');
			}
			rows.set(key, text);
		},
		replace: (key, text) => void rows.set(key, text),
		remove: (key) => void rows.delete(key),
	});
}

const folders = new WeakMap<ProcessedDataTable, string>();

/** The folder of a table; undefined for a table in memory. */
export function folderOf(table: ProcessedDataTable): string | undefined {
	return folders.get(table);
}

/** A table in a folder, one file per row, which several processes can share. Creates the folder if it is missing. */
export function openProcessedData(folder: string): ProcessedDataTable {
	mkdirSync(folder, { recursive: true });
	const fileOf = (key: string) => join(folder, `${hash('sha256', key)}.json`);
	/** A file gets its name once it is complete, so no process reads half of it. */
	const written = (text: string): string => {
		const path = join(folder, `${randomUUID()}.tmp`);
		writeFileSync(path, text);
		return path;
	};
	const table = tableOf({
		read: (key) => (existsSync(fileOf(key)) ? readFileSync(fileOf(key), 'utf8') : undefined),
		create: (key, text) => {
			const path = written(text);
			try {
				linkSync(path, fileOf(key));
			} finally {
				rmSync(path);
			}
		},
		replace: (key, text) => renameSync(written(text), fileOf(key)),
		remove: (key) => rmSync(fileOf(key), { force: true }),
	});
	folders.set(table, folder);
	return table;
}

/**
 * Works on the table as n8n 1.123 and 2.41 do (packages/cli/src/deduplication/deduplication-helper.ts), statement by
 * statement, for the mode `entries`.
 */
export class Deduplicator implements IDataDeduplicator {
	readonly #table: ProcessedDataTable;

	constructor(table: ProcessedDataTable) {
		this.#table = table;
	}

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		const key = keyOf(scope, contextData);
		const row = await this.#table.find(key);
		checkMode(row, options);
		const hashes = items.map(hashOf);
		if (row === undefined) {
			await this.#table.insert(key, { mode: options.mode, data: newest(hashes, options) });
			return { new: items, processed: [] };
		}
		const before = new Set(row.data);
		const output: IDeduplicationOutput = { new: [], processed: [] };
		for (const [index, hash] of hashes.entries()) {
			output[before.has(hash) ? 'processed' : 'new'].push(items[index]!);
			if (!before.has(hash)) {
				row.data.push(hash);
			}
		}
		await this.#table.update(key, { ...row, data: newest(row.data, options) });
		return output;
	}

	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<void> {
		const key = keyOf(scope, contextData);
		const row = await this.#table.find(key);
		checkMode(undefined, options);
		if (row === undefined) {
			return;
		}
		for (const hash of items.map(hashOf)) {
			const index = row.data.indexOf(hash);
			if (index !== -1) {
				row.data.splice(index, 1);
			}
		}
		await this.#table.update(key, row);
	}

	async clearAllProcessedItems(
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
	): Promise<void> {
		await this.#table.delete(keyOf(scope, contextData));
	}

	async getProcessedDataCount(
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<number> {
		checkMode(undefined, options);
		return (await this.#table.find(keyOf(scope, contextData)))?.data.length ?? 0;
	}
}

function keyOf(scope: DeduplicationScope, { workflow, node }: ICheckProcessedContextData): string {
	if (!workflow.id) {
		throw new Error('The workflow has no id');
	}
	if (scope === 'node' && node === undefined) {
		throw new Error('There is no node');
	}
	return `${workflow.id} ${scope === 'node' ? `n:${node?.id}` : ''}`;
}

function checkMode(row: ProcessedRow | undefined, { mode }: ICheckProcessedOptions): void {
	if (mode !== 'entries') {
		throw new Error('This host keeps entries only');
	}
	if (row !== undefined && row.mode !== mode) {
		throw new Error('Deduplication data was originally saved with an incompatible setting');
	}
}

function hashOf(item: DeduplicationItemTypes): string {
	return hash('md5', item.toString(), 'base64');
}

function newest(hashes: string[], { maxEntries }: ICheckProcessedOptions): string[] {
	return maxEntries ? hashes.slice(-maxEntries) : hashes;
}
