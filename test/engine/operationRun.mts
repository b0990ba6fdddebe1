import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import { runNode } from '../../embedded/embeddedEngine.mts';
import { loadSyncNode } from '../support/syncNode.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import type { NodeOptions, NodeResult } from '../../embedded/embeddedEngine.mts';

/** What a test can change about a run. By default it is a valid workflow on the simulator. */
export interface OperationRun extends Partial<Omit<NodeOptions, 'rows' | 'parameters'>> {
	/** `resource.operation`. */
	operation: string;
	parameters?: INodeParameters;
	/** Changes to the credential that fits the simulator. */
	credential?: ICredentialDataDecryptedObject;
	/** The node's Options. Default: no limit of requests per second. */
	options?: IDataObject;
	rows?: IDataObject[];
}

/** What a credential needs of a simulator, which may be in another process. */
export type SimulatorAccess = Pick<Simulator, 'endpoint' | 'appKey' | 'appSecret'>;

/** Runs one operation of the built node, on n8n's engine, against the simulator; by default for one empty row. */
export async function runOperation(simulator: SimulatorAccess, run: OperationRun): Promise<NodeResult> {
	const { operation: name, parameters, credential, options, rows = [{}], ...nodeSettings } = run;
	const [resource = '', operation = ''] = name.split('.');
	const node = operation === 'sync' ? loadSyncNode() : loadTestedNode();
	return await runNode({
		...node,
		rows,
		parameters: {
			resource,
			operation,
			...parameters,
			options: { requestsPerSecond: 0, ...options } as INodeParameters,
		},
		credentials: {
			appKey: simulator.appKey,
			appSecret: simulator.appSecret,
			platform: 'custom',
			endpoint: simulator.endpoint,
			nestedRule: 'json',
			allowedActions: 'everything',
			...credential,
		},
		...nodeSettings,
	});
}

/** The Action and its own parameters of each request, without the common ones, with the types that were received. */
export function ownParameters(simulator: Simulator): IDataObject[] {
	return simulator.requests.map(({ body }) => {
		const { Action, RequestId, AppKey, Signature, Timestamp, Nonce, ...parameters } = JSON.parse(
			body ?? '{}',
		) as IDataObject;
		void [RequestId, AppKey, Signature, Timestamp, Nonce];
		return { Action, ...parameters };
	});
}
