import type { ProcessedDataTable } from '../embedded/embeddedEngine.mts';
import type { ChangedRows } from './changedRows.mts';
import { changeRows } from './changedRows.mts';
import type { Settings } from './commandLine.mts';
import type { CrmRow } from './crmRows.mts';
import { differingCustomers, expectedBindings } from './expectedBindings.mts';
import { showProgress, standardError } from './progress.mts';
import { syncRows } from './pushRows.mts';
import type { SyncResult } from './syncResult.mts';
import type { ColumnNames } from './fields.mts';
import type { OpenTarget } from './target.mts';
import { describeMerged, mergedRows } from './mergedRows.mts';
import { judgeSync } from './syncVerdict.mts';

/** One run of Sync. */
export interface SyncRun {
	/** Which rows it was given, e.g. "the same rows". */
	readonly given: string;
	readonly result: SyncResult;
	/** Those that the run's own simulator got; for another target those that the node reports. */
	readonly requests: number;
	readonly seconds: number;
	/** Sentences; none when it did what it had to. */
	readonly problems: readonly string[];
}

/** All runs, and what changed before the last of three. */
export interface SyncRuns {
	readonly runs: readonly SyncRun[];
	/** Undefined for one run. */
	readonly change: ChangedRows | undefined;
	/** The customers whose rows were changed. */
	readonly changedCustomers: readonly string[];
}

/** What a run is given, and whom it should send. */
interface Step {
	readonly given: string;
	readonly rows: readonly CrmRow[];
	/** Undefined when nobody but the memory knows. */
	readonly toSend: Iterable<string> | undefined;
}

/** Syncs the rows once; or against the run's own simulator three times: new, the same, and with a few of them changed. */
export async function runSync(
	{ columns, sync }: Pick<Settings, 'sync'> & { columns: ColumnNames },
	rows: readonly CrmRow[],
	target: OpenTarget,
	memory: ProcessedDataTable,
): Promise<SyncRuns> {
	const run = async (step: Step) => await runStep(step, { columns, target, memory });
	if (sync !== 'thrice') {
		const only = await run({ given: 'the rows', rows, toSend: undefined });
		return { runs: [only], change: undefined, changedCustomers: [] };
	}
	const bindings = expectedBindings(rows, columns);
	const change = changeRows(rows, columns, bindings);
	const { rows: later, changed } = change;
	const changedCustomers = differingCustomers(bindings, expectedBindings(later, columns));
	const steps: Step[] = [
		{ given: 'the rows', rows, toSend: bindings.keys() },
		{ given: 'the same rows', rows, toSend: [] },
		{ given: `${changed.length} of them changed`, rows: later, toSend: changedCustomers },
	];
	const runs: SyncRun[] = [];
	for (const step of steps) runs.push(await run(step));
	return { runs, change, changedCustomers };
}

async function runStep(
	{ given, rows, toSend }: Step,
	{ columns, target, memory }: { columns: ColumnNames; target: OpenTarget; memory: ProcessedDataTable },
): Promise<SyncRun> {
	const { simulator } = target;
	const expected = expectedBindings(rows, columns);
	const before = simulator?.requests.length ?? 0;
	const startedMs = performance.now();
	const secondsSoFar = () => (performance.now() - startedMs) / 1000;
	const stopProgress = showProgress(
		standardError,
		() =>
			`Syncing ${given}: ` +
			(simulator === undefined
				? `${Math.floor(secondsSoFar())} s`
				: `${simulator.requests.length - before} requests`),
	);
	const result = await syncRows({ rows, columns, target }, memory).finally(stopProgress);
	const received = simulator?.requests.slice(before);
	const merged = mergedRows(rows, columns).length;
	return {
		given,
		result,
		requests: received?.length ?? result.report.Requests,
		seconds: secondsSoFar(),
		problems: [
			...(merged > 0 ? [describeMerged(merged)] : []),
			...judgeSync(result.report, {
				expected,
				stored: simulator?.bindings,
				toSend,
				sent: received?.flatMap(({ CustomerId }) => CustomerId ?? []),
			}),
		],
	};
}
