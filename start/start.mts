import type { ProcessedDataTable } from '../embedded/processedData.mts';
import { readCommandLine, usage } from './commandLine.mts';
import type { Settings } from './commandLine.mts';
import { counted } from './counted.mts';
import type { CrmRow } from './crmRows.mts';
import { readCrmExport } from './crmRows.mts';
import { expectedBindings } from './expectedBindings.mts';
import type { ColumnNames } from './fields.mts';
import { InputError } from './inputError.mts';
import { openMemory } from './memory.mts';
import { showProgress, standardError } from './progress.mts';
import type { OpenTarget } from './target.mts';
import { openTarget } from './target.mts';

// A reader such as `head` that has seen enough is no reason to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') throw error;
});

try {
	const settings = readCommandLine(process.argv.slice(2), process.env);
	if (settings === 'help') process.stdout.write(usage);
	else if ('rowsFile' in settings) process.exitCode = await run(settings);
	else {
		const { runProbe } = await import('./probe/probe.mts');
		process.exitCode = await runProbe(settings, interruption());
	}
} catch (error) {
	const message = error instanceof Error ? error.message : String(error);
	// File and column names may hold line breaks.
	process.stderr.write(`${message.replace(/\s+/g, ' ').trim()}\n`);
	process.exitCode = error instanceof InputError ? 2 : 1;
}

/** What to do, once it is known which column holds which field. */
type Job = Settings & { readonly columns: ColumnNames };

async function run(settings: Settings): Promise<number> {
	const { rows, columns, readAs } = await readCrmExport(settings.rowsFile, settings.columns);
	const job = { ...settings, columns };
	const memory = openMemory(settings.sync);
	process.stderr.write(`Read as ${readAs}\n${counted(rows.length, 'row')}; starting n8n's engine\n`);
	const target = await openTarget(settings.target);
	try {
		return memory === undefined ? await push(job, rows, target) : await sync(job, rows, target, memory);
	} finally {
		await target.close();
	}
}

async function push(settings: Job, rows: readonly CrmRow[], target: OpenTarget): Promise<number> {
	// Loaded only now: wrong arguments fail at once, without the engine.
	const { pushRows } = await import('./pushRows.mts');
	const { judge } = await import('./verdict.mts');
	const { describeReport, toJson } = await import('./report.mts');
	const startedMs = performance.now();
	const secondsSoFar = () => (performance.now() - startedMs) / 1000;
	const customers = expectedBindings(rows, settings.columns).size;
	const stopProgress = showProgress(standardError, () =>
		settings.dryRun
			? `Checking ${counted(rows.length, 'row')}`
			: target.describeProgress(customers, secondsSoFar()),
	);
	const result = await pushRows({ ...settings, rows, target, signal: interruption() }, settings).finally(
		stopProgress,
	);
	const seconds = secondsSoFar();
	const verdict = judge({ ...settings, rows }, result, target);
	const exitCode = verdict.isDone && !(settings.strict && verdict.refusedRows > 0) ? 0 : 1;
	const report = { ...settings, rows, target: target.name, seconds, result, verdict, exitCode };
	process.stdout.write(settings.json ? toJson(report) : describeReport(report));
	return exitCode;
}

async function sync(
	settings: Job,
	rows: readonly CrmRow[],
	target: OpenTarget,
	memory: ProcessedDataTable,
): Promise<number> {
	const { runSync } = await import('./syncRuns.mts');
	const { describeSync, syncToJson } = await import('./syncReport.mts');
	const done = await runSync(settings, rows, target, memory);
	const isStrictlyGood = done.runs.every(({ result }) => result.report.Rows.Invalid === 0);
	const isDone = done.runs.every(({ problems }) => problems.length === 0);
	const exitCode = isDone && (isStrictlyGood || !settings.strict) ? 0 : 1;
	const told = { ...settings, ...done, target: target.name, exitCode };
	process.stdout.write(settings.json ? syncToJson(told) : describeSync(told));
	return exitCode;
}

/** Aborted by the first Ctrl+C: the run ends with a report of what was pushed. The second one ends the process. */
function interruption(): AbortSignal {
	const controller = new AbortController();
	process.once('SIGINT', () => {
		process.stderr.write('\nInterrupted; waiting for the requests in flight\n');
		controller.abort();
	});
	return controller.signal;
}
