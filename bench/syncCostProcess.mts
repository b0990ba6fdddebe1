/** A process of its own: node --expose-gc syncCostProcess.mts <SyncCase as JSON> <endpoint> */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import {
	BUILD_FOLDERS,
	createProcessedData,
	loadBuiltNode,
	runNode,
	type Build,
} from '../embedded/embeddedEngine.mts';
import { measureRuns, type OwnFigures } from './processFigures.mts';
import { crmRows, devicesByCustomer, simulatorCredential } from './rows.mts';
import { loadSources } from './sources.mts';

/** What is measured. */
export interface SyncCase {
	build: Build;
	operation: 'sync' | 'push';
	customers: number;
	devices: number;
	/** How many of the customers are not as they were last accepted. */
	changedPercent: number;
	/** The option of that name. */
	requestsPerSecond: number;
}

/** What one run took. */
export interface SyncFigures extends OwnFigures {
	/** Of its time within n8n's own functions of its memory: reading, hashing, writing. */
	memoryMs: number;
	/** What n8n keeps of each customer afterwards. */
	bytesPerCustomer: number;
}

type Device = Omit<ReturnType<typeof crmRows>[number], 'CustomerId'>;
type Table = ReturnType<typeof createProcessedData>;

/** Code that runs for the first time is compiled on the way. */
const WARM_UP: Omit<SyncCase, 'build'> = {
	operation: 'sync',
	customers: 3_000,
	devices: 5,
	changedPercent: 1,
	requestsPerSecond: 0,
};

const CONCURRENCY = 16;

/** The functions of n8n that reach its database. */
const MEMORY_FUNCTIONS = [
	'checkProcessedAndRecord',
	'clearAllProcessedItems',
	'getProcessedDataCount',
	'removeProcessed',
] as const;

const sources = loadSources();
const [asked = '', endpoint = ''] = process.argv.slice(2);
const sought = JSON.parse(asked) as SyncCase;
await measure({ ...WARM_UP, build: sought.build });
// What the service has seen until now does not count.
process.send?.('warm');
await once(process, 'message');
process.send?.((await measure(sought)) satisfies SyncFigures);
process.disconnect();

async function measure(asked: SyncCase): Promise<SyncFigures> {
	const { build, operation, customers, devices, changedPercent, requestsPerSecond } = asked;
	// As rows come out of a database or a file, not put together a moment ago.
	const rows = crmRows(customers, devices).map((row) => JSON.parse(JSON.stringify(row)) as typeof row);
	const credentials = simulatorCredential(endpoint);
	const { nodeType, credentialType } = loadBuiltNode(BUILD_FOLDERS[build]);
	const table = createProcessedData();
	let key = '';
	const observed: Table = {
		...table,
		find: async (asked) => {
			// The record of the workflow is what all its nodes share; that of the node has its state.
			if (asked.endsWith('node')) {
				key = asked;
			}
			return await table.find(asked);
		},
	};
	const run = async (some: IDataObject[], options: IDataObject, safetyChecks: INodeParameters = {}) =>
		await runNode({
			rows: some,
			nodeType,
			credentialType,
			credentials,
			processedData: observed,
			parameters: {
				operation,
				columns: { mappingMode: 'autoMapInputData', value: null },
				options: { concurrency: CONCURRENCY, requestsPerSecond, ...options },
				safetyChecks,
			},
		});
	if (operation === 'sync') {
		// Tells where n8n keeps what this node records.
		await run(rows.slice(0, 1), { dryRun: true });
		await table.insert(key, { mode: 'entries', data: await lastRun(asked, rows) });
	}
	let memoryMs = 0;
	const execute = nodeType.execute!;
	nodeType.execute = async function () {
		for (const name of MEMORY_FUNCTIONS) {
			const original = this.helpers[name] as (...args: never[]) => Promise<unknown>;
			const timed = async (...args: never[]) => {
				const startMs = performance.now();
				const result = await original(...args);
				memoryMs += performance.now() - startMs;
				return result;
			};
			Object.assign(this.helpers, { [name]: timed });
		}
		return await execute.call(this);
	};
	const figures = measureRuns(nodeType);
	await run(rows, {}, changedPercent > 20 ? { stopAbove: 100 } : {});
	nodeType.execute = execute;
	const bytes = JSON.stringify((await table.find(key))?.data ?? []).length;
	return { ...figures, memoryMs, bytesPerCustomer: bytes / customers };
}

/** What n8n has in its database after a run that pushed the customers, some of them with other devices than now. */
async function lastRun({ changedPercent }: SyncCase, rows: readonly IDataObject[]): Promise<string[]> {
	const { ALL_WELL, baselineOf, closedState, entriesOfRun, minuteOf, StateEntries, systemClock } =
		await sources;
	const entries = new StateEntries({ ...simulatorCredential(endpoint), endpoint: new URL(endpoint) });
	const devicesOf = devicesByCustomer(rows) as Map<unknown, Device[]>;
	const customers = [...devicesOf].map(([id, devices], index) => {
		const customerId = String(id);
		// Spread evenly: the same number of each hundred.
		const isChanged = index % 100 < changedPercent;
		const then = isChanged ? devices.slice(1) : devices;
		return { customerId, fingerprint: entries.fingerprint(customerId, then) };
	});
	const products = new Map<string, number>();
	for (const { ProductName } of [...devicesOf.values()].flat()) {
		products.set(ProductName, (products.get(ProductName) ?? 0) + 1);
	}
	const settings = {
		entries,
		customers,
		sendAll: false,
		withheld: [],
		leftOut: [],
		inPart: new Set<string>(),
		isManual: false,
		rows: { devices: rows.length, products },
		checks: { stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: '' },
		pushAgainAfterDays: 0,
		dryRun: false,
		clock: systemClock,
		signal: undefined,
	};
	const left = customers.flatMap(({ customerId, fingerprint }) => [
		fingerprint,
		entries.ofCustomer('known', customerId),
	]);
	const { account, application } = entries;
	const run = entriesOfRun(ALL_WELL, { minute: minuteOf(Date.now()), turn: 0, novelty: 0 });
	const state = closedState([account, application, ...run, ...left, ...baselineOf(settings, () => true)]);
	return state.map((entry) => createHash('md5').update(entry).digest('base64'));
}
