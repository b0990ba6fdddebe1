import { createHash } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import {
	Deduplicator,
	type ProcessedDataTable,
	type ProcessedRow,
} from '../../../embedded/processedData.mts';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/binding/row';
import { storeOver } from '../../../nodes/TencentCloudIot/run/host/syncSession';
import {
	IN_PROGRESS,
	minuteOf,
	sizeEntry,
	StateEntries,
	waitEntry,
} from '../../../nodes/TencentCloudIot/sync/state/entries';
import { healthEntry, RUN_NUMBERS } from '../../../nodes/TencentCloudIot/sync/state/lastRun';
import { BASELINE_COPIES, BaselineEntries } from '../../../nodes/TencentCloudIot/sync/state/baseline';
import { FEWEST_CUSTOMERS } from '../../../nodes/TencentCloudIot/sync/safetyChecks';
import type { SyncCustomer } from '../../../nodes/TencentCloudIot/sync/state/settings';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';

export const ENTRIES_OF_ACCOUNT = new StateEntries({
	endpoint: 'https://service.example/',
	appKey: 'key',
	appSecret: 'secret',
});
const BASELINES = Array.from(
	{ length: BASELINE_COPIES },
	(_, copy) => new BaselineEntries(copy, ENTRIES_OF_ACCOUNT.account),
);
/** When every test begins, Unix milliseconds. */
export const NOW_MS = 1_700_000_000_000;

/** What the rows say of a customer, in short: one set of devices or another. */
export type Content = 'A' | 'B';

const NODE = { workflow: { id: '1', active: true }, node: { id: '2' } as INode };

/** The state store of a node over one table, as n8n has it. */
export function storeOn(table: ProcessedDataTable): StateStore {
	const deduplicator = new Deduplicator(table);
	return storeOver({
		checkProcessedAndRecord: async (items, scope, options) =>
			await deduplicator.checkProcessedAndRecord(items, scope, NODE, options),
		removeProcessed: async (items, scope, options) =>
			await deduplicator.removeProcessed(items, scope, NODE, options),
		clearAllProcessedItems: async (scope) => await deduplicator.clearAllProcessedItems(scope, NODE),
		getProcessedDataCount: async (scope, options) =>
			await deduplicator.getProcessedDataCount(scope, NODE, options),
	});
}

/** Customers that always share their fate, counted as one. */
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
 * A row in words: what stands in it but for tokens and what was only queried, of which it counts only whether there is any.
 * `closed` is a size that is right, `waited` an entry of a run that waited and died. Of the copies of the baseline, what the next
 * run reads stands for all.
 */
export class RowNames {
	readonly #entries = new Map<string, string[]>();
	readonly #nameOf = new Map<string, string>();
	/** The names of each copy. */
	readonly #baselines = BASELINES.map(() => new Map<string, string>());

	constructor(groups: readonly Group[]) {
		this.#add('in progress', [IN_PROGRESS]);
		this.#add('account', [ENTRIES_OF_ACCOUNT.account, ENTRIES_OF_ACCOUNT.application]);
		this.#add('minute', RUN_NUMBERS.of({ minute: minuteOf(NOW_MS) }));
		this.#add('report', RUN_NUMBERS.of({ report: 0 }));
		for (const health of ['ok', 'degraded', 'failing'] as const) this.#add(health, [healthEntry(health)]);
		const customers = groups.reduce((sum, { customerIds }) => sum + customerIds.length, 0);
		for (let count = 0; count <= customers; count++) {
			const counts = { customers: count, withheld: 0, leftOut: 0, devices: count, products: 0 };
			this.#addToBaselines(
				`${count} customers`,
				(of) => [...of.of(counts), of.account],
				(of) => of.same(counts),
			);
		}
		for (const [index, group] of groups.entries()) {
			for (const content of ['A', 'B'] as const) {
				this.#add(
					`${content} ${index}`,
					group.customers(content).map(({ fingerprint }) => fingerprint),
				);
			}
			// Fewer customers are not compared with what was accepted last: that decides nothing.
			for (const content of customers < FEWEST_CUSTOMERS ? [] : (['A', 'B'] as const)) {
				const fingerprints = group.customers(content).map(({ fingerprint }) => fingerprint);
				this.#addToBaselines(`accepted ${content} ${index}`, (of) =>
					fingerprints.map((fingerprint) => of.accepted(fingerprint)),
				);
			}
			for (const standing of ['known', 'waiting', 'failed'] as const) {
				// No description has them: they only decide who is sent first.
				this.#entries.set(
					`${standing} ${index}`,
					group.customerIds.map((id) => ENTRIES_OF_ACCOUNT[standing](id)),
				);
			}
		}
	}

	/** The row's names in their order; undefined stands for no row. */
	describe(row: ProcessedRow | undefined): string[] | undefined {
		if (row === undefined) return undefined;
		const { length } = row.data;
		const has = (entry: string) => row.data.includes(hashOf(entry));
		const isClosed = has(sizeEntry(length));
		const isWaitedFor = has(waitEntry('waiting', length));
		const baseline = this.#baselines[BASELINES.findIndex((of) => !has(of.spent('sample')))];
		const names = row.data.map((hash) => this.#nameOf.get(hash) ?? baseline?.get(hash));
		const isMore = !isClosed && names.some((name) => name === undefined);
		const known = new Set(names.filter((name) => name !== undefined));
		return [
			...[...known].sort(),
			...(baseline === undefined ? ['spent'] : []),
			...(isClosed ? ['closed'] : []),
			...(isWaitedFor ? ['waited'] : []),
			...(isMore ? ['token'] : []),
		];
	}

	/** A row of that description. */
	create(names: readonly string[]): ProcessedRow {
		const entries = names.flatMap((name) => (SPECIAL.has(name) ? [] : (this.#entries.get(name) ?? [name])));
		if (names.includes('spent')) entries.push(...BASELINES.map((of) => [of.spent('sample')]).flat());
		if (names.includes('token')) entries.push('token');
		if (names.includes('closed')) entries.push(sizeEntry(entries.length + 1));
		if (names.includes('waited')) entries.push(waitEntry('waiting', entries.length + 1));
		return { mode: 'entries', data: entries.map(hashOf) };
	}

	/** @param namedBy the entry whose presence is the name; left out, each is */
	#addToBaselines(
		name: string,
		entriesOf: (of: BaselineEntries) => string[],
		namedBy?: (of: BaselineEntries) => string,
	): void {
		this.#entries.set(name, BASELINES.flatMap(entriesOf));
		for (const [copy, of] of BASELINES.entries()) {
			for (const entry of namedBy === undefined ? entriesOf(of) : [namedBy(of)])
				this.#baselines[copy]!.set(hashOf(entry), name);
		}
	}

	#add(name: string, entries: string[]): void {
		this.#entries.set(name, entries);
		for (const entry of entries) this.#nameOf.set(hashOf(entry), name);
	}
}

const SPECIAL = new Set(['closed', 'waited', 'token', 'spent']);

export function hashOf(entry: string): string {
	return createHash('md5').update(entry).digest('base64');
}
