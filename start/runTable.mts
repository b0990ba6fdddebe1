import type { INodeParameters } from 'n8n-workflow';
import type { Simulator } from '../simulator/simulator.mts';
import { startSimulator } from '../simulator/simulator.mts';
import { mapColumns } from './columns.mts';
import type { GivenColumns } from './columns.mts';
import type { RowsSettings } from './commandLine.mts';
import { counted } from './counted.mts';
import { showProgress } from './progress.mts';
import { describePush, describeSync } from './result.mts';
import { listRows, writeRowList } from './rowList.mts';
import type { Row, Table } from './rows.mts';
import { runRows } from './runRows.mts';
import type { NodeSetup } from './runRows.mts';
import { syncThrice } from './syncRuns.mts';
import { paintFor } from './terminal.mts';
import type { Paint, Terminal } from './terminal.mts';
import { judge, readExampleAnswer } from './verdict.mts';
import type { Bindings } from './verdict.mts';

/** Slow enough to watch a run. Milliseconds. */
const SIMULATOR_LATENCY = { min: 40, max: 90 };

/** Rows with what is known before the run. */
interface Job {
	readonly rows: readonly Row[];
	readonly columns: GivenColumns;
	/** Mapped columns: a row with a value in one of them must be in an item. */
	readonly used: readonly string[];
	/** What the simulator must have stored; undefined if only the items tell. */
	readonly answer: Bindings | undefined;
}

/** The result of a run. */
interface Outcome {
	readonly isDone: boolean;
	/** For people; also writes the list of the rows. */
	describe(paint: Paint): string;
	/** For programs. */
	readonly json: unknown;
}

/**
 * Pushes or syncs a table to a simulator that is started for the run, and writes the result to stdout.
 *
 * @returns the exit code: 0 when everything is correct
 */
export async function runTable(table: Table, settings: RowsSettings, terminal: Terminal): Promise<number> {
	const { stdout, stderr, environment } = terminal;
	const simulator = await startSimulator({ latencyMs: SIMULATOR_LATENCY });
	const { job, setup } = prepare(simulator, table, settings);
	const customers = countCustomers(job);
	const stopProgress = showProgress(
		// Files and pipes get whole lines.
		{ isTTY: stdout.isTTY === true && stderr.isTTY === true, write: (text) => stderr.write(text) },
		() => ({
			fraction: simulator.requests.length / customers,
			text: `${counted(simulator.requests.length, 'request')} for ${counted(table.rows.length, 'row')}`,
		}),
	);
	try {
		const run = settings.operation === 'sync' ? runSync : runPush;
		const outcome = await run(job, setup, settings, simulator).finally(stopProgress);
		stdout.write(
			settings.json
				? `${JSON.stringify(outcome.json, null, '\t')}\n`
				: outcome.describe(paintFor(stdout, environment)),
		);
		return outcome.isDone ? 0 : 1;
	} finally {
		await simulator.close();
	}
}

function prepare(
	{ appKey, appSecret, endpoint }: Simulator,
	table: Table,
	{ isExample, operation, chosen, dryRun, columns: given }: RowsSettings,
): { job: Job; setup: NodeSetup } {
	const { phoneIds, rowsWithoutDevice } = (chosen['rowHandling'] ?? {}) as INodeParameters;
	const mapping = mapColumns(table, given, phoneIds);
	const { columns } = mapping;
	// With the option that leaves them out, rows that have only a CustomerId are in no item.
	const isInItem = (column: string) => rowsWithoutDevice !== 'leaveOut' || column !== columns.CustomerId;
	const credentials = { appKey, appSecret, platform: 'custom', endpoint };
	return {
		job: {
			rows: table.rows,
			columns,
			used: mapping.used.filter(isInItem),
			answer: isExample ? readExampleAnswer() : undefined,
		},
		setup: { operation, columns: mapping.parameter, chosen, dryRun, credentials },
	};
}

/** The most requests that a push of these rows can take. */
function countCustomers({ rows, columns }: Job): number {
	const { CustomerId: column } = columns;
	if (column === undefined) {
		return rows.length;
	}
	return new Set(rows.map((row) => row[column]?.trim())).size;
}

async function runPush(
	job: Job,
	setup: NodeSetup,
	{ file, dryRun }: RowsSettings,
	{ bindings: stored, requests: received }: Simulator,
): Promise<Outcome> {
	const startedMs = performance.now();
	const items = await runRows(job.rows, setup);
	const seconds = (performance.now() - startedMs) / 1000;
	const facts = { ...job, items, stored };
	const verdict = judge(facts, dryRun);
	const requests = received.length;
	return {
		isDone: verdict.isDone,
		json: { items, verdict, requests, seconds },
		describe(paint) {
			const list = writeRowList(file, listRows(job.rows, items));
			return describePush({ ...facts, dryRun, seconds, requests, verdict, list }, paint);
		},
	};
}

async function runSync(
	job: Job,
	setup: NodeSetup,
	{ file }: RowsSettings,
	simulator: Simulator,
): Promise<Outcome> {
	const result = await syncThrice(job, setup, simulator);
	const [firstRun] = result.runs;
	return {
		isDone: result.isDone,
		json: result,
		describe(paint) {
			const list = writeRowList(file, listRows(job.rows, firstRun.items));
			return describeSync(result, list, paint);
		},
	};
}
