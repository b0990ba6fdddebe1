import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	IDataObject,
	ILoadOptionsFunctions,
	INode,
	IWorkflowExecuteAdditionalData,
	Workflow,
} from 'n8n-workflow';
import { n8nCore, n8nWorkflow } from './engine.mts';
import { oneAtATime, type RunSettings } from './runWorkflow.mts';

/** What the editor of n8n offers to the methods of a node, over n8n's own request functions. */
export interface EditorContexts {
	/** For pick lists and the resource mapper. */
	listing: ILoadOptionsFunctions;
	testing: ICredentialTestFunctions;
}

/**
 * Lets the editor call a method of a node.
 * @param credential what its credential holds
 * @param parameters what the user has filled in so far
 */
export async function callEditor<T>(
	settings: Pick<RunSettings, 'environment' | 'egressPolicy'>,
	{ credential, parameters = {} }: { credential: ICredentialDataDecryptedObject; parameters?: IDataObject },
	ask: (contexts: EditorContexts) => Promise<T>,
): Promise<T> {
	const node: INode = {
		id: 'node',
		name: 'Node',
		type: 'n8n-nodes-tencent-iot.tencentCloudIot',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	// Of both the request functions look at nothing that is missing here.
	const additionalData = {} as IWorkflowExecuteAdditionalData;
	const workflow = { expression: n8nWorkflow.Expression } as unknown as Workflow;
	return await oneAtATime(settings, async () => {
		const { helpers, logger } = new n8nCore.LoadOptionsContext(workflow, node, additionalData, '');
		const listing = {
			getCredentials: async () => credential,
			getCurrentNodeParameter: (name: string) => parameters[name],
			getNode: () => node,
			helpers,
			logger,
		} as unknown as ILoadOptionsFunctions;
		return await ask({ listing, testing: new n8nCore.CredentialTestContext(additionalData) });
	});
}
