import { fateOf } from '../../support/fates.mts';
import { createProcessedData, type ProcessedDataTable } from '../../../embedded/processedData.mts';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import { StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { ALL_WELL, type Health, type Kept, type Reported } from '../../../nodes/TencentCloudIot/sync/health';
import type { Began, Found } from '../../../nodes/TencentCloudIot/sync/began';
import { beginSync } from '../../../nodes/TencentCloudIot/sync/state/run';
import type { SyncCustomer, SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { standingOf, type Standing, type Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { Note } from '../../../nodes/TencentCloudIot/sync/state/note';
import { FakeClock } from '../../support/fakeClock.mts';
import { ENTRIES_OF_ACCOUNT, storeOn } from './rows.mts';
import { integersOf, randomOf } from './slowTable.mts';

/** Only customers are judged. */
export const STOP_ABOVE_50 = { stopAbovePercent: 50, stopWhenDevicesDropPercent: 100, approvedPlan: '' };

/** Nothing is judged. */
export const NO_CHECKS = { ...STOP_ABOVE_50, stopAbovePercent: 100 };

/** What the rows say of each customer, by its id: any text. */
export type Contents = Readonly<Record<string, string>>;

/** So many customers with the same content. */
export function manyCustomers(count: number, content: string, first = 0): Contents {
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`user_${first + index}`, content]));
}

export function customersOf(contents: Contents, entries: StateEntries = ENTRIES_OF_ACCOUNT): SyncCustomer[] {
	return Object.entries(contents).map(([customerId, content]) => ({
		customerId,
		fingerprint: entries.fingerprint(customerId, [
			{ DeviceId: content, CustomerDeviceNo: '1', ProductName: 'Lock' },
		]),
	}));
}

/** A node whose runs share a sync state. */
export class Node {
	readonly clock = new FakeClock();
	readonly table: ProcessedDataTable;
	/** Undefined where n8n has none. */
	store: StateStore | undefined;
	/** The row that all nodes of the workflow share, where this one notes something in it. */
	ofWorkflow: StateStore | undefined;
	/** The settings of each run, apart from its customers. */
	settings: Partial<SyncSettings> = {};
	readonly #random = integersOf(randomOf(1));

	constructor(table = createProcessedData()) {
		this.table = table;
		this.store = storeOn(table);
	}

	/** Begins a run; time passes until it has begun. */
	async begin(contents: Contents, settings: Partial<SyncSettings> = {}): Promise<Began> {
		return await this.until(this.start(contents, settings));
	}

	/** Lets time pass until something is done. */
	async until<Result>(work: Promise<Result>): Promise<Result> {
		let isDone = false;
		const done = work.finally(() => (isDone = true));
		await this.clock.advance(0);
		for (let step = 0; !isDone && step < 1000; step++) await this.clock.advance(100);
		return await done;
	}

	/** Begins a run; no time passes. */
	async start(contents: Contents, settings: Partial<SyncSettings> = {}): Promise<Began> {
		const entries = settings.entries ?? this.settings.entries ?? ENTRIES_OF_ACCOUNT;
		return await beginSync(this.store, {
			entries,
			customers: customersOf(contents, entries),
			rows: { devices: Object.keys(contents).length, products: new Map() },
			sendAll: false,
			withheld: [],
			leftOut: [],
			inPart: new Set(),
			isManual: false,
			checks: STOP_ABOVE_50,
			pushAgainAfterDays: 0,
			dryRun: false,
			clock: this.clock,
			signal: undefined,
			random: this.#random,
			note: this.ofWorkflow && new Note(this.ofWorkflow, 'n', this),
			...this.settings,
			...settings,
		});
	}

	/** Ends a run; time passes until it has ended. @returns whether the next run knows */
	async end(run: Began, standings: readonly Standing[] = ['accepted']): Promise<boolean> {
		return (await this.until(endOf(run, standings)))?.left === 'kept';
	}

	/** Puts something else in the place of functions of the sync state. */
	replace(functions: (store: StateStore) => Partial<StateStore>): void {
		this.store = { ...this.store!, ...functions(this.store!) };
	}

	/** A run whose process dies before it has sent anything, some time ago. */
	async die(contents: Contents, settings?: Partial<SyncSettings>): Promise<void> {
		await this.dieAfter(0, contents, settings);
	}

	/** The same, after it has lived for some time, milliseconds. */
	async dieAfter(livedMs: number, contents: Contents, settings?: Partial<SyncSettings>): Promise<void> {
		const clock = await this.dieNow(contents, settings);
		await clock.advance(livedMs);
		await this.clock.advance(15_000);
	}

	/** The same at this moment, in the first of its waits. @returns its clock, which stands still */
	async dieNow(contents: Contents, settings?: Partial<SyncSettings>): Promise<FakeClock> {
		const clock = new FakeClock();
		clock.startMs = this.clock.nowMs();
		void this.start(contents, { ...settings, clock });
		await this.clock.advance(0);
		return clock;
	}

	/** A whole run. */
	async run(
		contents: Contents,
		{ settings, outcomeOf = () => 'OK', health = 'ok', failing }: RunOptions = {},
	): Promise<RunResult> {
		const run = await this.begin(contents, settings);
		const { verdicts, stopped } = run.begun;
		const ids = Object.keys(contents);
		const isSent = (index: number) =>
			stopped === undefined && (settings?.sendAll === true || verdicts[index] !== 'unchanged');
		const outcomes = ids.map((id, index) => (isSent(index) ? outcomeOf(id) : undefined));
		const standings = verdicts.map((verdict, index) =>
			standingOf(verdict, fateOf(verdict, outcomes[index], settings?.sendAll === true)),
		);
		const kept = await this.until(endOf(run, standings, { ...ALL_WELL, health, failing: new Set(failing) }));
		return {
			...run.begun,
			healthBefore: run.begun.reported?.health,
			verdictOf: Object.fromEntries(ids.map((id, index) => [id, verdicts[index]!])),
			sent: ids.filter((_, index) => isSent(index)),
			isKept: kept?.left === 'kept' && run.kind !== 'stopped',
		};
	}

	/** What stands in the database. */
	async row(): Promise<string[] | undefined> {
		return (await this.table.find('1 n:2'))?.data;
	}
}

/** Ends a run, however it began. */
export async function endOf(
	run: Began,
	standings: readonly Standing[],
	reported: Reported = ALL_WELL,
): Promise<Kept | undefined> {
	if (run.kind === 'sending') return await run.end(standings, reported);
	return run.kind === 'unchanged' ? await run.end(reported) : run.kept;
}

/** Whether a request may start. */
export async function mayStart(run: Began): Promise<boolean> {
	return run.kind === 'sending' && (await run.mayStart());
}

interface RunOptions {
	settings?: Partial<SyncSettings>;
	/** Undefined for a customer whose request was not begun. */
	outcomeOf?: (customerId: string) => OutcomeName | undefined;
	health?: Health;
	/** The customers that it reports to fail. */
	failing?: readonly string[];
}

interface RunResult extends Found {
	/** How the run ended that was last reported. */
	healthBefore: Health | undefined;
	verdictOf: Record<string, Verdict>;
	/** The customers that the run had to send. */
	sent: string[];
	/** Whether the next run knows. */
	isKept: boolean;
}
