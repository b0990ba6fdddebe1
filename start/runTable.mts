import type { INodeParameters } from 'n8n-workflow';
import type { Simulator } from '../simulator/simulator.mts';
import { startSimulator } from '../simulator/simulator.mts';
import { mapColumns } from './columns.mts';
import type { RowsSettings } from './commandLine.mts';
import { counted } from './counted.mts';
import { showProgress, standardError } from './progress.mts';
import { describePush, describeSync } from './report.mts';
import type { Table } from './rows.mts';
import { runRows } from './runRows.mts';
import { syncThrice } from './syncRuns.mts';
import { judge, readExampleAnswer } from './verdict.mts';

/** Slow enough for a run to be watched. Milliseconds. */
const SIMULATOR_LATENCY = { min: 40, max: 90 };

/**
 * Pushes or syncs a table to a simulator that is started for it, and writes the report on stdout.
 *
 * @returns the exit code: 0 when all is as it should be
 */
export async function runTable(table: Table, settings: RowsSettings): Promise<number> {
	const simulator = await startSimulator({ latencyMs: SIMULATOR_LATENCY });
	const { bindings, requests } = simulator;
	const stopProgress = showProgress(
		standardError,
		() =>
			`${counted(table.rows.length, 'row')}: ${counted(requests.length, 'request')}, ${counted(bindings.size, 'customer')} stored`,
	);
	try {
		const { isDone, text, json } = await runAgainst(simulator, table, settings).finally(stopProgress);
		process.stdout.write(settings.json ? `${JSON.stringify(json, null, '\t')}\n` : text);
		return isDone ? 0 : 1;
	} finally {
		await simulator.close();
	}
}

async function runAgainst(simulator: Simulator, { header, rows }: Table, settings: RowsSettings) {
	const { isExample, operation, chosen, dryRun } = settings;
	const { appKey, appSecret, endpoint, bindings: stored, requests } = simulator;
	const { phoneIds, rowsWithoutDevice } = (chosen['rowHandling'] ?? {}) as INodeParameters;
	const { parameter, columns, used: all } = mapColumns(header, settings.columns, phoneIds);
	// Rows with a CustomerId alone are in no item where they are to be left out.
	const used = rowsWithoutDevice === 'leaveOut' ? all.filter((one) => one !== columns.CustomerId) : all;
	const job = { rows, columns, used, answer: isExample ? readExampleAnswer() : undefined };
	const credentials = { appKey, appSecret, platform: 'custom', endpoint };
	const setup = { operation, columns: parameter, chosen, dryRun, credentials };
	if (operation === 'sync') {
		const done = await syncThrice(job, setup, simulator);
		return { isDone: done.isDone, text: describeSync(done), json: done };
	}
	const startedMs = performance.now();
	const items = await runRows(rows, setup);
	const seconds = (performance.now() - startedMs) / 1000;
	const verdict = judge({ ...job, items, stored }, dryRun);
	const report = { ...job, items, stored, dryRun, seconds, requests: requests.length, verdict };
	const json = { items, verdict, requests: requests.length, seconds };
	return { isDone: verdict.isDone, text: describePush(report), json };
}
