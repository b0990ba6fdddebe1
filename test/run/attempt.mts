import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import { RunMemory } from '../../nodes/TencentCloudIot/run/memory';

/** n8n's data of one execution, which every attempt of its nodes finds as the one before left it. */
export interface ExecutionData {
	node: IDataObject;
	flow: IDataObject;
}

export interface AttemptSettings {
	executionId?: string;
	/** In a loop each round of a node is a run of its own. */
	runIndex?: number;
	nodeId?: string;
	credentialId?: string | undefined;
	executeOnce?: boolean;
	/** Undefined where there is none. */
	appSecret?: string | undefined;
	/** How many items arrived, of which 'Execute Once' hands over the first. */
	arrived?: number;
	/** The node that the engine executes: the agent, where an agent calls this node as its tool. */
	executedNode?: string;
}

export function newExecutionData(): ExecutionData {
	return { node: {}, flow: {} };
}

/**
 * What the checks and the ledger use of n8n in one attempt of a node. What stands in the data goes through JSON, as in n8n's
 * database; the attempts of a run share the objects.
 */
export function attempt(data: ExecutionData, settings: AttemptSettings = {}): IExecuteFunctions {
	const { executionId = '7', runIndex = 0, nodeId = 'push', executedNode = 'Push', arrived = 1 } = settings;
	const credentialId = 'credentialId' in settings ? settings.credentialId : 'credential';
	const appSecret = 'appSecret' in settings ? settings.appSecret : 'secret';
	for (const kept of Object.values(data) as IDataObject[]) {
		Object.assign(kept, JSON.parse(JSON.stringify(kept)));
	}
	const context = {
		getMode: () => 'trigger',
		getTimezone: () => 'UTC',
		getWorkflow: () => ({ id: 'w', name: 'Nightly' }),
		continueOnFail: () => false,
		getExecutionCancelSignal: () => undefined,
		getContext: (kind: keyof ExecutionData) => data[kind],
		getExecutionId: () => executionId,
		getCredentials: async () => {
			if (appSecret === undefined) {
				throw new Error('none');
			}
			return { appKey: 'key', appSecret };
		},
		getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
		getExecuteData: () => ({
			node: { name: executedNode },
			data: { main: [arrived === 0 ? null : new Array(arrived).fill({ json: {} })] },
		}),
		getNode: () => {
			const node = { id: nodeId, name: 'Push', type: 'tencentCloudIot', executeOnce: settings.executeOnce };
			return credentialId === undefined
				? node
				: { ...node, credentials: { tencentCloudIotApi: { id: credentialId } } };
		},
	};
	return context as unknown as IExecuteFunctions;
}

/** What a run remembers that begins in this attempt. */
export function memoryOf(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[] = [{ json: {} }],
): RunMemory {
	const begun = { execution: new Execution(context), credential: new Credential(context) };
	return new RunMemory(context, begun, items);
}
