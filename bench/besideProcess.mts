/** Measures one case in its own process: node --expose-gc besideProcess.mts <BesideCase as JSON> <endpoint> */
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { createProcessedData, loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { measureRuns, type OwnFigures } from './processFigures.mts';
import { crmRows, simulatorCredential } from './rows.mts';

/** A run to be measured. */
export interface BesideCase {
	/** The folder of the built package. */
	dist: string;
	kind: 'push' | 'dryRun' | 'quietSync';
	customers: number;
	devices: number;
	/** How the columns are mapped. */
	mapping: 'byHand' | 'automatic';
}

/** A first, smaller run compiles the code. */
const WARM_UP_CUSTOMERS = 1000;

const column = (name: string) => `={{ $json.${name} }}`;

const MAPPINGS: Record<BesideCase['mapping'], IDataObject> = {
	automatic: { mappingMode: 'autoMapInputData', value: null },
	byHand: {
		mappingMode: 'defineBelow',
		value: {
			CustomerId: column('CustomerId'),
			CustomerDeviceNo: column('CustomerDeviceNo'),
			DeviceId: column('DeviceId'),
			ProductName: column('ProductName'),
		},
	},
};

const OPTIONS: Record<BesideCase['kind'], INodeParameters> = {
	push: {},
	dryRun: { dryRun: true },
	quietSync: { outputItemPer: 'run', pushAgainAfter: 0 },
};

const [caseJson = '', endpoint = ''] = process.argv.slice(2);
const measuredCase = JSON.parse(caseJson) as BesideCase;
await measure({ ...measuredCase, customers: WARM_UP_CUSTOMERS });
process.send?.((await measure(measuredCase)) satisfies OwnFigures);
process.disconnect?.();

async function measure({ dist, kind, customers, devices, mapping }: BesideCase): Promise<OwnFigures> {
	// Parsed from JSON, like rows from a database or a file: objects that were just built have another cost.
	const rows = crmRows(customers, devices).map((row) => JSON.parse(JSON.stringify(row)) as typeof row);
	const { nodeType, credentialType } = loadBuiltNode(dist);
	const processedData = createProcessedData();
	const run = async () =>
		await runNode({
			rows,
			nodeType,
			credentialType,
			credentials: simulatorCredential(endpoint),
			processedData,
			mode: 'trigger',
			parameters: {
				operation: kind === 'quietSync' ? 'sync' : 'push',
				columns: MAPPINGS[mapping] as never,
				options: { concurrency: 16, requestsPerSecond: 0, ...OPTIONS[kind] },
			},
		});
	if (kind === 'quietSync') {
		await run();
	}
	const { execute } = nodeType;
	const figures = measureRuns(nodeType);
	const { success } = await run();
	nodeType.execute = execute!;
	if (success.length !== (kind === 'quietSync' ? 1 : customers)) {
		throw new Error(`${success.length} items of ${customers} customers`);
	}
	return { ...figures };
}
