import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import { runNode } from '../../embedded/embeddedEngine.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import type { NodeOptions, NodeResult } from '../../embedded/embeddedEngine.mts';

/** What a test varies of a push; the rest is a well-made workflow on the simulator. */
export interface PushRun extends Partial<Omit<NodeOptions, 'rows'>> {
	/** Changes to the credential that fits the simulator. */
	credential?: ICredentialDataDecryptedObject;
	/** The node's Options. Default: no limit of requests per second. */
	options?: IDataObject;
	/** Raw values of the four columns; left out, columns are mapped by name. */
	columns?: IDataObject;
	/** Default: push. */
	operation?: string;
}

/** Runs the built node's Push over the rows, on n8n's engine, against the simulator. */
export async function push(
	rows: IDataObject[],
	simulator: Simulator,
	run: PushRun = {},
): Promise<NodeResult> {
	const { credential, options, columns, operation = 'push', ...others } = run;
	const value = (columns ?? null) as Record<string, string> | null;
	return await runNode({
		...loadTestedNode(),
		rows,
		parameters: {
			operation,
			columns: { mappingMode: columns ? 'defineBelow' : 'autoMapInputData', value },
			options: { requestsPerSecond: 0, ...options },
		},
		credentials: {
			appKey: simulator.appKey,
			appSecret: simulator.appSecret,
			platform: 'custom',
			endpoint: simulator.endpoint,
			nestedRule: 'json',
			...credential,
		},
		...others,
	});
}

/** One good row: `row('a', 1)` is device P/D1 of customer a. */
export function row(CustomerId: string, device: number | string, others: IDataObject = {}): IDataObject {
	const DeviceId = typeof device === 'number' ? `P/D${device}` : device;
	return { CustomerId, CustomerDeviceNo: `SN-${device}`, DeviceId, ProductName: 'Smart Lock', ...others };
}

/** The indexes of the input items that an output item is linked to. */
export function linksOf({ pairedItem }: INodeExecutionData): number[] {
	const links = Array.isArray(pairedItem) ? pairedItem : pairedItem === undefined ? [] : [pairedItem];
	return links.map((link) => (typeof link === 'number' ? link : link.item));
}

/** What an error item says, wherever it went. */
export function errorOf({ json }: INodeExecutionData): IDataObject | undefined {
	return json.error as IDataObject | undefined;
}
