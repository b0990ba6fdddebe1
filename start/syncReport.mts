import { counted } from './counted.mts';
import type { Settings } from './commandLine.mts';
import { named } from './named.mts';
import type { SyncRuns } from './syncRuns.mts';
import { syncTable } from './tables.mts';

/** The report of runs of Sync. */
export interface SyncSummary extends SyncRuns, Pick<Settings, 'sync' | 'strict'> {
	/** Where it was pushed to. */
	readonly target: string;
	readonly exitCode: number;
}

/** The report for people: a line of the table for each run, then what the runs show. */
export function describeSync(told: SyncSummary): string {
	return `${syncTable(told.runs)}\n\n${summaryLines(told).join('\n')}\n`;
}

/** The same for programs. */
export function syncToJson({
	runs,
	change,
	changedCustomers,
	strict,
	target,
	exitCode,
}: SyncSummary): string {
	const told = runs.map(({ given, result, requests, seconds, problems }) => ({
		given,
		requests,
		seconds,
		problems,
		report: result.report,
		hints: result.hints,
	}));
	const summary = { changedRows: change?.changed ?? [], changedCustomers, strict, target, exitCode };
	return `${JSON.stringify({ runs: told, summary }, null, '\t')}\n`;
}

function summaryLines({ runs, sync, strict, target, exitCode, ...changes }: SyncSummary): string[] {
	const lines = [`Synced with ${target}.`];
	const isDone = runs.every(({ problems }) => problems.length === 0);
	for (const [index, { problems, result }] of runs.entries()) {
		const run = runs.length > 1 ? `Run ${index + 1}: ` : '';
		lines.push(
			...[...result.hints.map((hint) => `The node says: ${hint}.`), ...problems].map((one) => run + one),
		);
	}
	lines.push(...(sync === 'thrice' ? describeChanges(changes, isDone) : describeMemory(sync, runs)));
	const { Rows, Customers } = runs[0]!.result.report;
	if (Rows.Invalid > 0) {
		const withheld = `${counted(Customers.Withheld, 'customer')} withheld`;
		const health = isDone ? ', so that Health is degraded' : '';
		lines.push(
			`${counted(Rows.Invalid, 'row')} cannot be used: ${withheld}${health}. --dry-run instead of --sync names them.`,
		);
	}
	if (strict && isDone && exitCode !== 0) {
		lines.push('Done, but with --strict the rows that cannot be used make the run fail.');
	} else {
		lines.push(exitCode === 0 ? 'Done.' : 'Not done.');
	}
	return lines;
}

function describeChanges({ change, changedCustomers }: Omit<SyncRuns, 'runs'>, isDone: boolean): string[] {
	if (change === undefined) return [];
	const { field, changed } = change;
	if (changed.length === 0) return ['Nothing could be changed before run 3: no customer has only good rows.'];
	const rows = `${changed.length === 1 ? 'row' : 'rows'} ${named(changed)}`;
	const lines = [`Before run 3 these got another ${field}: ${named(changedCustomers)} (${rows}).`];
	if (isDone) {
		lines.push(
			'Run 2 sent nothing, run 3 exactly what changed, and the service held what the rows said after each.',
		);
	}
	return lines;
}

function describeMemory(sync: Exclude<Settings['sync'], 'thrice'>, runs: SyncRuns['runs']): string[] {
	if (sync === undefined) return [];
	const { memoryFolder } = sync;
	if (runs.some(({ result }) => result.report.Memory === 'none')) {
		return [`The memory in ${memoryFolder} could not be used: the next run sends every customer as well.`];
	}
	return [
		`What was accepted is kept in ${memoryFolder}: the same command sends only what has changed, and without this folder every customer.`,
	];
}
