import { createHash } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import {
	Deduplicator,
	type ProcessedDataTable,
	type ProcessedRow,
} from '../../../embedded/processedData.mts';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/binding/row';
import { memoryOver } from '../../../nodes/TencentCloudIot/run/host/nodeStore';
import {
	dayEntry,
	healthEntry,
	StateEntries,
	IN_PROGRESS,
} from '../../../nodes/TencentCloudIot/sync/stateEntries';
import type { SyncCustomer } from '../../../nodes/TencentCloudIot/sync/state/lookup';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/settings';

export const ENTRIES_OF_ACCOUNT = new StateEntries({ endpoint: 'https://service.example/', appKey: 'key' });
/** Days since 1970. */
export const TODAY = 20_000;

/** What the rows say of a customer, in short: one set of devices or another. */
export type Content = 'A' | 'B';

const NODE = { workflow: { id: '1', active: true }, node: { id: '2' } as INode };

/** The memory of a node over one table, as n8n has it. */
export function storeOn(table: ProcessedDataTable): StateStore {
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
		return this.customerIds.map((customerId) => ({
			customerId,
			fingerprint: ENTRIES_OF_ACCOUNT.fingerprint(customerId, [device]),
		}));
	}
}

/**
 * A row in words: what stands in it but for the tokens, of which only the number counts, and that only as far as there
 * are any.
 */
export class RowNames {
	readonly #entries = new Map<string, string[]>();
	readonly #nameOf = new Map<string, string>();

	constructor(groups: readonly Group[]) {
		this.#add('open', [IN_PROGRESS]);
		this.#add('account', [ENTRIES_OF_ACCOUNT.account]);
		for (const day of [TODAY, TODAY + 1]) this.#add(`day ${day - TODAY}`, [dayEntry(day)]);
		for (const health of ['ok', 'degraded', 'failing'] as const) this.#add(health, [healthEntry(health)]);
		for (const [index, group] of groups.entries()) {
			for (const content of ['A', 'B'] as const) {
				this.#add(
					`${content} ${index}`,
					group.customers(content).map(({ fingerprint }) => fingerprint),
				);
			}
			this.#add(
				`waiting ${index}`,
				group.customerIds.map((id) => ENTRIES_OF_ACCOUNT.waiting(id)),
			);
			this.#add(
				`failed ${index}`,
				group.customerIds.map((id) => ENTRIES_OF_ACCOUNT.failed(id)),
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
		const entries = names.flatMap((name) => this.#entries.get(name) ?? [name]);
		return { mode: 'entries', data: entries.map(hashOf) };
	}

	#add(name: string, entries: string[]): void {
		this.#entries.set(name, entries);
		for (const entry of entries) this.#nameOf.set(hashOf(entry), name);
	}
}

function hashOf(entry: string): string {
	return createHash('md5').update(entry).digest('base64');
}
