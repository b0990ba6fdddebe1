import type { ContractHost } from '../../tables/contract.mts';
import type { ContractCall } from '../../tables/contractNode.mts';

type Row = Record<string, unknown> & { id: number };
type Step = ContractCall['steps'][number];

const LOCK = 'tencent_iot_sync';
const STATE = 'tencent_iot_state';

/** The rows of a Sync node in n8n's Data Tables, which a user can edit, delete and restore. */
export interface SyncRows {
	readonly locks: Row[];
	readonly parts: Row[];
}

/** What a user can do with the tables of Sync in n8n's editor. */
export class SyncTables {
	readonly #host: ContractHost;

	constructor(host: ContractHost) {
		this.#host = host;
	}

	async lockRowsOf(workflowId: string): Promise<Row[]> {
		return await this.#rowsOf(LOCK, workflowId);
	}

	async editLock(workflowId: string, set: Record<string, string | number | null>): Promise<void> {
		for (const { id } of await this.lockRowsOf(workflowId)) {
			await this.#do({ do: 'update', table: await this.#table(LOCK), where: byId(id), set });
		}
	}

	async editParts(workflowId: string, edit: (content: string) => string): Promise<void> {
		for (const { id, content } of await this.#rowsOf(STATE, workflowId)) {
			const set = { content: edit(String(content)) };
			await this.#do({ do: 'update', table: await this.#table(STATE), where: byId(id), set });
		}
	}

	async deleteParts(workflowId: string): Promise<void> {
		for (const { id } of await this.#rowsOf(STATE, workflowId)) {
			await this.#do({ do: 'remove', table: await this.#table(STATE), where: byId(id) });
		}
	}

	/** Deletes the table with the lock rows of all nodes. */
	async dropLockTable(): Promise<void> {
		await this.#do({ do: 'drop', table: await this.#table(LOCK) });
	}

	async backUp(workflowId: string): Promise<SyncRows> {
		return { locks: await this.lockRowsOf(workflowId), parts: await this.#rowsOf(STATE, workflowId) };
	}

	/** Restores the rows; they get new ids. */
	async restore(workflowId: string, { locks, parts }: SyncRows): Promise<void> {
		await this.deleteParts(workflowId);
		for (const { id } of await this.lockRowsOf(workflowId)) {
			await this.#do({ do: 'remove', table: await this.#table(LOCK), where: byId(id) });
		}
		await this.#insert(LOCK, locks);
		await this.#insert(STATE, parts);
	}

	/** Uses up more than this many bytes. @returns a function that frees them */
	async fill(bytes: number): Promise<() => Promise<void>> {
		const name = 'filler';
		const text = Array.from({ length: bytes / 8 }, () => Math.random().toString(36).slice(2, 10)).join('');
		await this.#do({ do: 'create', name, columns: { text: 'string' } });
		const table = await this.#table(name);
		await this.#do({ do: 'insert', table, rows: [{ text }] });
		return async () => await this.#do({ do: 'drop', table });
	}

	async #insert(name: string, rows: readonly Row[]): Promise<void> {
		const cells = rows.map(({ id: _id, createdAt: _created, updatedAt: _updated, ...row }) => row);
		const insert = { do: 'insert', table: await this.#table(name), rows: cells } as unknown as Step;
		await this.#do(insert);
	}

	async #rowsOf(name: string, workflowId: string): Promise<Row[]> {
		const rows = (await this.#ask({ do: 'read', table: await this.#table(name) })) as Row[];
		return rows.filter(({ key }) => String(key).startsWith(`${workflowId} `));
	}

	async #table(name: string): Promise<{ id: string }> {
		const tables = (await this.#ask({ do: 'list', nameContains: name })) as Array<{
			id: string;
			name: string;
		}>;
		const found = tables.find((table) => table.name === name);
		if (found === undefined) {
			throw new Error(`There is no table ${name}`);
		}
		return { id: found.id };
	}

	async #do(step: Step): Promise<void> {
		await this.#ask(step);
	}

	async #ask(step: Step): Promise<unknown> {
		const [result] = await this.#host.run([{ steps: [step] }]);
		if (result === undefined || 'error' in result) {
			throw new Error(`${step.do}: ${result?.error}`);
		}
		return result.answers[0];
	}
}

function byId(id: number) {
	return { every: [{ column: 'id', is: 'equal', value: id }] } as const;
}
