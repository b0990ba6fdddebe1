/** A process of its own: node --expose-gc growthProcess.mts <customers> <devicesPerCustomer> <endpoint> <concurrency> */
import { loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { crmRows, simulatorCredential } from './rows.mts';

/** What one run took. */
export interface GrowthFigures {
	/** Within the node. */
	ms: number;
	/** What stands in memory after the run because of it: the items, and what the engine keeps of them. */
	heapBytes: number;
}

/** Code that runs for the first time is compiled on the way. */
const WARM_UP_CUSTOMERS = 3_000;

const [customers, devicesPerCustomer, endpoint = '', concurrency] = process.argv.slice(2);
await push(WARM_UP_CUSTOMERS, 1);
// The engine's host holds on to the last run: what it holds now is next to nothing.
await push(1, 1);
const { ms, heapBytes } = await push(Number(customers), Number(devicesPerCustomer));
process.send?.({ ms, heapBytes } satisfies GrowthFigures);
process.disconnect();

async function push(customers: number, devicesPerCustomer: number): Promise<GrowthFigures> {
	const rows = crmRows(customers, devicesPerCustomer);
	const { nodeType, credentialType } = loadBuiltNode();
	let ms = NaN;
	const execute = nodeType.execute!;
	nodeType.execute = async function () {
		const startMs = performance.now();
		const output = await execute.call(this);
		ms = performance.now() - startMs;
		return output;
	};
	const before = heapUsed();
	const result = await runNode({
		...{ rows, nodeType, credentialType, credentials: simulatorCredential(endpoint) },
		parameters: {
			columns: { mappingMode: 'autoMapInputData', value: null },
			options: { concurrency: Number(concurrency), requestsPerSecond: 0 },
		},
	});
	const heapBytes = heapUsed() - before;
	// Asked for after the measurement, so that rows and result stand in memory until then.
	const pushed = result.success.length;
	if (pushed !== customers || rows.length !== customers * devicesPerCustomer)
		throw new Error(`Only ${pushed} of ${customers} customers are pushed`);
	return { ms, heapBytes };
}

function heapUsed(): number {
	globalThis.gc?.();
	return process.memoryUsage().heapUsed;
}
