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

/** The contexts that n8n's editor passes to a node's methods, with n8n's own request functions. */
export interface EditorContexts {
	/** For pick lists and the resource mapper. */
	listing: ILoadOptionsFunctions;
	testing: ICredentialTestFunctions;
}

/**
 * Calls a method of a node as the editor does.
 * @param credential the data of its credential
 * @param parameters what the user has filled in so far
 */
export async function callEditor<T>(
	settings: Pick<RunSettings, 'environment' | 'egressPolicy'>,
	{ credential, parameters = {} }: { credential: ICredentialDataDecryptedObject; parameters?: IDataObject },
	callMethod: (contexts: EditorContexts) => Promise<T>,
): Promise<T> {
	const node: INode = {
		id: 'node',
		name: 'Node',
		type: 'n8n-nodes-tencent-iot.tencentCloudIot',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	// The request functions use nothing that is missing in these two.
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
		return await callMethod({ listing, testing: new n8nCore.CredentialTestContext(additionalData) });
	});
}
