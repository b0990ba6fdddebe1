import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import { RunMemory } from '../../nodes/TencentCloudIot/run/memory';

/** n8n's data of one execution. Each attempt of a node finds the data of the previous one. */
export interface ExecutionData {
	node: IDataObject;
	flow: IDataObject;
}

export interface AttemptSettings {
	executionId?: string;
	/** Each round of a loop has its own index. */
	runIndex?: number;
	nodeId?: string;
	credentialId?: string | undefined;
	executeOnce?: boolean;
	/** Undefined: the node has no credential. */
	appSecret?: string | undefined;
	/** How many items arrived; 'Execute Once' passes on the first. */
	arrived?: number;
	/** The node that the engine executes; if an agent calls this node as its tool, the agent. */
	executedNode?: string;
}

export function newExecutionData(): ExecutionData {
	return { node: {}, flow: {} };
}

/**
 * The part of n8n's context that checks and ledger use in one attempt of a node. The data goes through JSON, as in n8n's
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

/** The memory of a run that starts in this attempt. */
export function memoryOf(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[] = [{ json: {} }],
): RunMemory {
	const startedRun = { execution: new Execution(context), credential: new Credential(context) };
	return new RunMemory(context, startedRun, items);
}
