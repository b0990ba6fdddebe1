import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { firstOf } from './counted.mts';
import type { DeviceInfo, Items } from './runRows.mts';
import type { Row } from './rows.mts';

/** CustomerId → the customer's devices. */
export type Bindings = ReadonlyMap<string, readonly DeviceInfo[]>;

/** The rows of the example that the service must have stored after a run; determined without the node's code. */
const EXAMPLE_ANSWER = join(import.meta.dirname, 'exampleAnswer.csv');

/** The input and the results of a run. */
export interface RunFacts {
	readonly rows: readonly Row[];
	/** The columns that a field is read from. */
	readonly used: readonly string[];
	readonly items: Items;
	/** What the simulator has stored. */
	readonly stored: Bindings;
	/** What it must have stored; undefined if only the items tell. */
	readonly answer: Bindings | undefined;
}

/** Whether a run did what it reports. */
export interface Verdict {
	/** Customers whose devices at the simulator are not those of the items. */
	readonly differing: readonly string[];
	/** Customers whose devices in the items are not those of the answer. */
	readonly wrong: readonly string[];
	/** Numbers of the rows, from 1, that are in no item although one of their mapped columns is filled. */
	readonly lostRows: readonly number[];
	/** Customers that failed for a reason other than their rows. */
	readonly notSent: readonly string[];
	readonly isDone: boolean;
}

/** Compares the items of a run with its rows and with what the service stored: nothing after a Dry Run. */
export function judge({ rows, used, items, stored, answer }: RunFacts, dryRun: boolean): Verdict {
	const reportedBindings = bindingsOf(items);
	const reported = new Set([...items.pushed, ...items.failed].flatMap((item) => item.rows));
	const isBlank = (row: Row) => used.every((column) => seen(row[column]) === '');
	const differing = differingCustomers(dryRun ? new Map() : reportedBindings, stored);
	const wrong = answer === undefined ? [] : differingCustomers(answer, reportedBindings);
	const lostRows = rows.flatMap((row, index) => (reported.has(index + 1) || isBlank(row) ? [] : [index + 1]));
	const notSent = items.failed.flatMap(({ CustomerId, reasons }) =>
		reasons === undefined && CustomerId !== undefined ? [CustomerId] : [],
	);
	const isDone = [differing, wrong, lostRows, notSent].every(({ length }) => length === 0);
	return { differing, wrong, lostRows, notSent, isDone };
}

/** What the service must have stored according to the items. */
export function bindingsOf({ pushed }: Items): Bindings {
	return new Map(pushed.map(({ CustomerId, DeviceInfos }) => [CustomerId, DeviceInfos]));
}

/** The customers whose devices differ, regardless of order. */
export function differingCustomers(expected: Bindings, found: Bindings): string[] {
	const customers = new Set([...expected.keys(), ...found.keys()]);
	return [...customers].filter((id) => canonical(expected.get(id)) !== canonical(found.get(id)));
}

/** What the service must have stored after the example. */
export function readExampleAnswer(): Bindings {
	const rows = parse<DeviceInfo & { CustomerId: string }>(readFileSync(EXAMPLE_ANSWER), { columns: true });
	const answer = new Map<string, DeviceInfo[]>();
	for (const { CustomerId, ...device } of rows) {
		const devices = answer.get(CustomerId) ?? [];
		devices.push(device);
		answer.set(CustomerId, devices);
	}
	return answer;
}

/** A sentence for each way in which a run of Sync sent or stored what it should not have. */
export function problemsOfSending(
	wanted: Iterable<string>,
	sent: Iterable<string>,
	differing: readonly string[],
): string[] {
	const due = new Set(wanted);
	const got = new Set(sent);
	const kinds: ReadonlyArray<readonly [text: string, customers: readonly string[]]> = [
		['these customers should have been sent:', [...due].filter((id) => !got.has(id))],
		['these customers were sent needlessly:', [...got].filter((id) => !due.has(id))],
		['the simulator does not have what the items say of', differing],
	];
	return kinds
		.filter(([, customers]) => customers.length > 0)
		.map(([text, customers]) => `${text} ${firstOf(customers)}`);
}

/** The number of devices of all customers. */
export function countDevices(bindings: Bindings): number {
	return [...bindings.values()].flat().length;
}

function canonical(devices: readonly DeviceInfo[] | undefined): string {
	const sorted = devices
		?.map(({ DeviceId, CustomerDeviceNo, ProductName }) => [DeviceId, CustomerDeviceNo, ProductName])
		.sort();
	return JSON.stringify(sorted ?? null);
}

function seen(cell = ''): string {
	return cell.replace(/\p{Default_Ignorable_Code_Point}/gu, '').trim();
}
