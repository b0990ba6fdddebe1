import { createProcessedData } from '../embedded/embeddedEngine.mts';
import type { MappedField, GivenColumns } from './columns.mts';
import type { Row } from './rows.mts';
import type { DeviceInfo, Items, NodeSetup } from './runRows.mts';
import { runRows } from './runRows.mts';
import type { Bindings, RunFacts, Verdict } from './verdict.mts';
import { differingCustomers, judge, problemsOfSending } from './verdict.mts';

/** The most customers that are changed before the third run. */
const MOST_CHANGED = 3;

/** The field to change: the first of these whose column is not the CustomerId's. */
const CHANGEABLE: readonly MappedField[] = ['ProductName', 'CustomerDeviceNo', 'DeviceId'];

/** One of the three runs. */
export interface SyncRun {
	/** The input rows, e.g. "the same rows". */
	readonly given: string;
	readonly items: Items;
	/** Requests that the simulator received. */
	readonly requests: number;
	readonly seconds: number;
	/** Sentences; none if it sent exactly the right customers and the simulator has stored what the items say. */
	readonly problems: readonly string[];
}

/** All three runs, and what was changed before the last one. */
export interface SyncRuns {
	readonly runs: readonly [SyncRun, SyncRun, SyncRun];
	/** Of the first run. */
	readonly verdict: Verdict;
	readonly changedField: MappedField;
	readonly changedCustomers: readonly string[];
	readonly isDone: boolean;
}

/** The part of the simulator that the runs use. */
interface Service {
	readonly bindings: Bindings;
	readonly requests: ReadonlyArray<{ readonly CustomerId: string | undefined }>;
}

/** Syncs the rows, then the same rows, then with a few customers changed. */
export async function syncThrice(
	table: Pick<RunFacts, 'rows' | 'used' | 'answer'> & { readonly columns: GivenColumns },
	setup: NodeSetup,
	service: Service,
): Promise<SyncRuns> {
	const { rows, columns } = table;
	const processedData = createProcessedData();
	const held = new Map<string, readonly DeviceInfo[]>();
	const run = async (given: string, some: readonly Row[], wanted?: string[]): Promise<SyncRun> => {
		const before = service.requests.length;
		const startedMs = performance.now();
		const items = await runRows(some, { ...setup, processedData });
		const seconds = (performance.now() - startedMs) / 1000;
		for (const { CustomerId, DeviceInfos } of items.pushed) {
			held.set(CustomerId, DeviceInfos);
		}
		const requests = service.requests.slice(before);
		const toSend = wanted ?? items.pushed.map(({ CustomerId }) => CustomerId);
		const sent = requests.flatMap(({ CustomerId }) => CustomerId ?? []);
		const problems = problemsOfSending(toSend, sent, differingCustomers(held, service.bindings));
		return { given, items, requests: requests.length, seconds, problems };
	};
	const first = await run('the rows', rows);
	const verdict = judge({ ...table, items: first.items, stored: service.bindings }, false);
	const second = await run('the same rows', rows, []);
	const hasOwn = (field: MappedField) =>
		columns[field] !== undefined && columns[field] !== columns.CustomerId;
	const changedField = CHANGEABLE.find(hasOwn) ?? 'ProductName';
	const changed = first.items.pushed.slice(0, MOST_CHANGED);
	const changedCustomers = changed.map(({ CustomerId }) => CustomerId);
	const numbers = new Set(changed.flatMap((item) => item.rows));
	const later = changeRows(rows, numbers, columns[changedField]);
	const third = await run(`${numbers.size} of them changed`, later, changedCustomers);
	const runs = [first, second, third] as const;
	const isDone = verdict.isDone && runs.every(({ problems }) => problems.length === 0);
	return { runs, verdict, changedField, changedCustomers, isDone };
}

/** @param numbers of the rows to change, from 1 */
function changeRows(rows: readonly Row[], numbers: ReadonlySet<number>, column = ''): readonly Row[] {
	return rows.map((row, index) =>
		numbers.has(index + 1) ? { ...row, [column]: `${row[column]?.trim()} 2` } : row,
	);
}
