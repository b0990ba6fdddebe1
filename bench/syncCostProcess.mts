/** Measures one case in its own process: node --expose-gc syncCostProcess.mts <SyncCase as JSON> <endpoint> */
import { once } from 'node:events';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import {
	BUILD_FOLDERS,
	createProcessedData,
	dataTablesBeside,
	loadBuiltNode,
	runNode,
	type Build,
} from '../embedded/embeddedEngine.mts';
import { measureRuns, type OwnFigures } from './processFigures.mts';
import { crmRows, devicesByCustomer, simulatorCredential } from './rows.mts';
import { loadSources } from './sources.mts';

/** A run to be measured. */
export interface SyncCase {
	build: Build;
	operation: 'sync' | 'push';
	customers: number;
	devices: number;
	/** How many customers differ from their last accepted devices. */
	changedPercent: number;
	/** The option *Requests per Second*. */
	requestsPerSecond: number;
}

/** What one run took. */
export interface SyncFigures extends OwnFigures {
	/** The time within n8n's functions that read and write the sync state. */
	memoryMs: number;
	/** What n8n stores for each customer afterwards. */
	bytesPerCustomer: number;
}

type Device = Omit<ReturnType<typeof crmRows>[number], 'CustomerId'>;

/** A first, smaller run compiles the code. */
const WARM_UP: Omit<SyncCase, 'build'> = {
	operation: 'sync',
	customers: 3_000,
	devices: 5,
	changedPercent: 1,
	requestsPerSecond: 0,
};

const CONCURRENCY = 16;

const EVERY_ROW = {
	type: 'and',
	filters: [{ columnName: 'owner', condition: 'isNotEmpty', value: null }],
} as const;

/** The functions of n8n that reach its database. */
const MEMORY_FUNCTIONS = [
	'checkProcessedAndRecord',
	'clearAllProcessedItems',
	'getProcessedDataCount',
	'removeProcessed',
] as const;

const sources = loadSources();
const [caseJson = '', endpoint = ''] = process.argv.slice(2);
const measuredCase = JSON.parse(caseJson) as SyncCase;
await measure({ ...WARM_UP, build: measuredCase.build });
// The parent resets the service's counts before the measured run.
process.send?.('warm');
await once(process, 'message');
process.send?.((await measure(measuredCase)) satisfies SyncFigures);
process.disconnect();

async function measure(syncCase: SyncCase): Promise<SyncFigures> {
	const { build, operation, customers, devices, changedPercent, requestsPerSecond } = syncCase;
	// Parsed from JSON, like rows from a database or a file: objects that were just built have another cost.
	const rows = crmRows(customers, devices).map((row) => JSON.parse(JSON.stringify(row)) as typeof row);
	const credentials = simulatorCredential(endpoint);
	const { nodeType, credentialType } = loadBuiltNode(BUILD_FOLDERS[build]);
	const processedData = createProcessedData();
	const tables = dataTablesBeside(processedData);
	const run = async (some: IDataObject[], options: IDataObject, safetyChecks: INodeParameters = {}) =>
		await runNode({
			rows: some,
			nodeType,
			credentialType,
			credentials,
			processedData,
			parameters: {
				operation,
				columns: { mappingMode: 'autoMapInputData', value: null },
				options: { concurrency: CONCURRENCY, requestsPerSecond, ...options },
				safetyChecks,
			},
		});
	if (operation === 'sync') {
		// Creates the tables and the lock row.
		await run(rows.slice(0, 1), { dryRun: true });
		const [lockRow] = tables.rowsOf('tencent_iot_sync');
		const [table] = tables.list('tencent_iot_state');
		const { content, last } = await lastRun(syncCase, rows);
		tables.insertRows(table!.id, [{ key: lockRow!['key'], name: 'whole', after: '', kind: 'part', content }]);
		tables.edit('tencent_iot_sync', EVERY_ROW, { stateName: 'whole', last });
	}
	let memoryMs = 0;
	const execute = nodeType.execute!;
	nodeType.execute = async function () {
		const timed =
			(original: (...args: never[]) => Promise<unknown>) =>
			async (...args: never[]) => {
				const startMs = performance.now();
				const result = await original(...args);
				memoryMs += performance.now() - startMs;
				return result;
			};
		for (const name of MEMORY_FUNCTIONS) {
			Object.assign(this.helpers, { [name]: timed(this.helpers[name]) });
		}
		Object.assign(this, { executeWorkflow: timed(this.executeWorkflow.bind(this)) });
		return await execute.call(this);
	};
	const figures = measureRuns(nodeType);
	await run(rows, {}, changedPercent > 20 ? { stopAbove: 100 } : {});
	nodeType.execute = execute;
	const stored = tables.rowsOf('tencent_iot_state').map(({ content }) => String(content).length);
	const bytes = stored.reduce((sum, length) => sum + length, 0);
	return { ...figures, memoryMs, bytesPerCustomer: bytes / customers };
}

/** The cells of the tables after a run that pushed the customers, some of them with other devices than now. */
async function lastRun(
	{ changedPercent }: SyncCase,
	rows: readonly IDataObject[],
): Promise<{ content: string; last: string }> {
	const { statePart, minuteOf, makeLastCell, StateHashes, writeLastCell } = await sources;
	const hashes = new StateHashes({ ...simulatorCredential(endpoint), endpoint: new URL(endpoint) });
	const devicesOf = devicesByCustomer(rows) as Map<unknown, Device[]>;
	const minute = minuteOf(Date.now());
	const records = new Map(
		[...devicesOf].map(([id, devices], index) => {
			const customerId = String(id);
			// Spread evenly: the same number in each hundred.
			const isChanged = index % 100 < changedPercent;
			const then = isChanged ? devices.slice(1) : devices;
			const record = {
				status: 'accepted',
				isFailureReported: false,
				fingerprint: hashes.fingerprint(customerId, then),
				acceptedMinute: minute,
				deviceHashes: hashes.deviceHashes(then),
			} as const;
			return [hashes.customerHash(customerId), record];
		}),
	);
	const devicesOfProduct = new Map<string, number>();
	let devices = 0;
	for (const { ProductName } of [...devicesOf.values()].flat()) {
		devicesOfProduct.set(ProductName, (devicesOfProduct.get(ProductName) ?? 0) + 1);
		devices++;
	}
	const products = [...devicesOfProduct]
		.filter(([, count]) => count >= 20)
		.map(([name]) => hashes.productHash(name));
	const counts = { customers: records.size, withheld: 0, leftOut: 0, devices, products: products.length };
	const state = {
		account: hashes.accountHash,
		application: hashes.applicationHash,
		isComplete: true,
		counts,
		products,
		records,
	};
	const content = await statePart.write(state, async () => await Promise.resolve());
	return { content, last: writeLastCell({ ...makeLastCell(1), hasStoreEntry: true, minute }) };
}
