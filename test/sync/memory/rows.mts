import { createHash } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import {
	Deduplicator,
	type ProcessedDataTable,
	type ProcessedRow,
} from '../../../embedded/processedData.mts';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/binding/row';
import { memoryOver } from '../../../nodes/TencentCloudIot/run/nodeMemory';
import { dayMark, healthMark, Marks, OPEN_MARK } from '../../../nodes/TencentCloudIot/sync/marks';
import type { SyncCustomer } from '../../../nodes/TencentCloudIot/sync/memory/lookup';
import type { SyncMemory } from '../../../nodes/TencentCloudIot/sync/memory/memory';

export const MARKS = new Marks({ endpoint: 'https://service.example/', appKey: 'key' });
/** Days since 1970. */
export const TODAY = 20_000;

/** What the rows say of a customer, in short: one set of devices or another. */
export type Content = 'A' | 'B';

const NODE = { workflow: { id: '1', active: true }, node: { id: '2' } as INode };

/** The memory of a node over one table, as n8n has it. */
export function memoryOn(table: ProcessedDataTable): SyncMemory {
	const deduplicator = new Deduplicator(table);
	return memoryOver({
		checkProcessedAndRecord: async (items, scope, options) =>
			await deduplicator.checkProcessedAndRecord(items, scope, NODE, options),
		removeProcessed: async (items, scope, options) =>
			await deduplicator.removeProcessed(items, scope, NODE, options),
		clearAllProcessedItems: async (scope) => await deduplicator.clearAllProcessedItems(scope, NODE),
		getProcessedDataCount: async (scope, options) =>
			await deduplicator.getProcessedDataCount(scope, NODE, options),
	});
}

/** Customers that always share their fate: so many of them as one. */
export class Group {
	readonly customerIds: readonly string[];

	constructor(name: string, size: number) {
		this.customerIds = Array.from({ length: size }, (_, index) => `${name}${index}`);
	}

	customers(content: Content): SyncCustomer[] {
		const device: DeviceInfo = { DeviceId: `P/${content}`, CustomerDeviceNo: '1', ProductName: 'Lock' };
		return this.customerIds.map((customerId) => ({ customerId, mark: MARKS.accepted(customerId, [device]) }));
	}
}

/**
 * A row in words: what stands in it but for the tokens, of which only the number counts, and that only as far as there
 * are any.
 */
export class RowNames {
	readonly #marks = new Map<string, string[]>();
	readonly #nameOf = new Map<string, string>();

	constructor(groups: readonly Group[]) {
		this.#add('open', [OPEN_MARK]);
		this.#add('account', [MARKS.account]);
		for (const day of [TODAY, TODAY + 1]) this.#add(`day ${day - TODAY}`, [dayMark(day)]);
		for (const health of ['ok', 'degraded', 'failing'] as const) this.#add(health, [healthMark(health)]);
		for (const [index, group] of groups.entries()) {
			for (const content of ['A', 'B'] as const) {
				this.#add(
					`${content} ${index}`,
					group.customers(content).map(({ mark }) => mark),
				);
			}
			this.#add(
				`waiting ${index}`,
				group.customerIds.map((id) => MARKS.waiting(id)),
			);
			this.#add(
				`failed ${index}`,
				group.customerIds.map((id) => MARKS.failed(id)),
			);
		}
	}

	/** The row's names in their order; undefined stands for no row. */
	describe(row: ProcessedRow | undefined): string[] | undefined {
		if (row === undefined) return undefined;
		const names = row.data.map((hash) => this.#nameOf.get(hash));
		const tokens = names.filter((name) => name === undefined).length;
		const known = new Set(names.filter((name) => name !== undefined));
		return [...[...known].sort(), ...(tokens > 0 ? ['token'] : [])];
	}

	/** A row of that description. */
	create(names: readonly string[]): ProcessedRow {
		const marks = names.flatMap((name) => this.#marks.get(name) ?? [name]);
		return { mode: 'entries', data: marks.map(hashOf) };
	}

	#add(name: string, marks: string[]): void {
		this.#marks.set(name, marks);
		for (const mark of marks) this.#nameOf.set(hashOf(mark), name);
	}
}

function hashOf(mark: string): string {
	return createHash('md5').update(mark).digest('base64');
}
