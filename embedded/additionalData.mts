import type {
	ICredentialsHelper,
	IRun,
	ITaskData,
	ITaskStartedData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { Container, n8nCore } from './engine.mts';

/** A node has started or finished, by its name in the workflow. */
export type NodeProgress =
	| { node: string; state: 'started'; task: ITaskStartedData }
	| { node: string; state: 'finished'; task: ITaskData };

interface HostOptions {
	credentialsHelper: ICredentialsHelper;
	executionId: string;
	/** Unix time in ms from which on the engine starts no more nodes. */
	deadlineMs?: number | undefined;
	mode: WorkflowExecuteMode;
	workflowData: IWorkflowBase;
	onNodeProgress?: ((progress: NodeProgress) => void) | undefined;
	/** Runs a sub-workflow; left out where the host runs none. */
	executeWorkflow?: IWorkflowExecuteAdditionalData['executeWorkflow'] | undefined;
	/** Called whenever n8n would write the execution to its database. */
	onSave?: (run: IRun) => void;
}

// The engine parses some of these URLs with `new URL`; nothing listens at this address.
const INSTANCE_URL = 'http://localhost:5678';

function unsupported(feature: string) {
	return async (): Promise<never> => {
		throw new Error(`This host does not run ${feature}`);
	};
}

/** Everything that n8n's server passes to the engine. */
export function createAdditionalData(options: HostOptions): IWorkflowExecuteAdditionalData {
	const hooks = new n8nCore.ExecutionLifecycleHooks(options.mode, options.executionId, options.workflowData);
	hooks.addHandler('nodeExecuteBefore', (node, task) => {
		options.onNodeProgress?.({ node, state: 'started', task });
	});
	hooks.addHandler('nodeExecuteAfter', (node, task) => {
		options.onNodeProgress?.({ node, state: 'finished', task });
	});
	if (options.onSave) {
		hooks.addHandler('workflowExecuteAfter', options.onSave);
	}
	const additionalData: IWorkflowExecuteAdditionalData = {
		credentialsHelper: options.credentialsHelper,
		hooks,
		externalSecretsProxy: Container.get(n8nCore.ExternalSecretsProxy),
		executionId: options.executionId,
		currentNodeExecutionIndex: 0,
		variables: {},
		executeWorkflow: options.executeWorkflow ?? unsupported('sub-workflows'),
		startRunnerTask: unsupported('task runners'),
		getRunExecutionData: async () => undefined,
		getRuntimeCredential: async () => undefined,
		logAiEvent: () => {},
		instanceBaseUrl: `${INSTANCE_URL}/`,
		restApiUrl: `${INSTANCE_URL}/rest`,
		formBaseUrl: `${INSTANCE_URL}/form`,
		formTestBaseUrl: `${INSTANCE_URL}/form-test`,
		formWaitingBaseUrl: `${INSTANCE_URL}/form-waiting`,
		webhookBaseUrl: `${INSTANCE_URL}/webhook`,
		webhookTestBaseUrl: `${INSTANCE_URL}/webhook-test`,
		webhookWaitingBaseUrl: `${INSTANCE_URL}/webhook-waiting`,
		mcpBaseUrl: `${INSTANCE_URL}/mcp`,
		mcpTestBaseUrl: `${INSTANCE_URL}/mcp-test`,
	};
	if (options.deadlineMs !== undefined) {
		additionalData.executionTimeoutTimestamp = options.deadlineMs;
	}
	return additionalData;
}
