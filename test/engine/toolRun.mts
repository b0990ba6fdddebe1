import type {
	EngineRequest,
	EngineResponse,
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeParameters,
	INodeType,
	OnError,
} from 'n8n-workflow';
import { runWebhook, asTool, rowsNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import type { WorkflowOptions } from '../../embedded/embeddedEngine.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { nodeReturning, nodeThat } from './throwAwayNode.mts';

/**
 * How a tool is called: by an agent `itself`, as the older agents of n8n do, or `through the engine`, as its newer Agent does,
 * which hands the model's calls to the engine and is resumed with their results; or by n8n's `MCP server`, a webhook node,
 * outside any execution.
 */
export type Way = 'itself' | 'through the engine' | 'MCP server';

export interface ToolRun {
	way: Way;
	/** `resource.operation`. */
	operation: string;
	parameters: INodeParameters;
	options?: IDataObject;
	/** Changes to the credential that fits the simulator. */
	credential?: ICredentialDataDecryptedObject;
	/** The arguments of each call that the model makes, all at once. */
	calls: IDataObject[];
	/** The agent's input. Default: one empty row. */
	rows?: IDataObject[];
	/** The agent's input in a second run. Default: no second run. */
	laterRows?: IDataObject[];
	onError?: OnError;
	/** The tool's Retry On Fail. */
	retryOnFail?: { maxTries: number; waitBetweenTries: number };
}

/**
 * Runs `Rows` → an agent whose model makes the given calls of the node as its tool, against the simulator. Resolves to
 * the result of each call: the items, or the text of an error.
 */
export async function runTool(simulator: Simulator, run: ToolRun): Promise<unknown[]> {
	const { way, operation: name, parameters, options, calls, onError, retryOnFail } = run;
	const { rows = [{}], laterRows = [], credential } = run;
	const { nodeType, credentialType } = loadTestedNode();
	const [resource = '', operation = ''] = name.split('.');
	const tool: INode = {
		...plainNode('Tool', 'n8n-nodes-tencent-iot.tencentCloudIotTool'),
		parameters: {
			resource,
			operation,
			...parameters,
			options: { requestsPerSecond: 0, ...options } as INodeParameters,
		},
		credentials: { [credentialType.name]: { id: 'credential', name: 'Credential' } },
	};
	if (onError !== undefined) {
		tool.onError = onError;
	}
	if (retryOnFail !== undefined) {
		Object.assign(tool, { retryOnFail: true, ...retryOnFail });
	}
	const { appKey, appSecret, endpoint } = simulator;
	const workflow: WorkflowOptions = {
		nodes: [plainNode('Rows'), plainNode('Later'), plainNode('Agent'), tool],
		connections: {
			Rows: { main: [[toMain('Agent'), toMain('Later')]] },
			Later: { main: [[toMain('Agent')]] },
			Tool: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
		nodeTypes: {
			Rows: rowsNode(rows.map((json) => ({ json }))),
			Later: nodeReturning(...laterRows.map((json) => ({ json }))),
			Agent: way === 'through the engine' ? requestingAgent(calls) : callingAgent(calls),
			[tool.type]: asTool(nodeType),
		},
		credentials: [
			{
				type: credentialType,
				data: {
					appKey,
					appSecret,
					platform: 'custom',
					endpoint,
					nestedRule: 'json',
					allowedActions: 'everything',
					...credential,
				},
			},
		],
	};
	if (way === 'MCP server') {
		return await runWebhook(workflow, 'Agent', async function () {
			return await callAll((await this.getInputConnectionData('ai_tool', 0)) as [Tool], calls);
		});
	}
	const { run: ended } = await runWorkflow(workflow);
	const { runData, error } = ended.data.resultData;
	if (error !== undefined) {
		throw error;
	}
	return runData.Agent?.at(-1)?.data?.main?.[0]?.[0]?.json.answers as unknown[];
}

/** A tool as n8n's engine hands it to agents: one of LangChain's. */
interface Tool {
	invoke(args: IDataObject): Promise<string>;
}

function callingAgent(calls: IDataObject[]): INodeType {
	return agentThat(async function () {
		const answers = await callAll((await this.getInputConnectionData('ai_tool', 0)) as [Tool], calls);
		return [[{ json: { answers } }]];
	});
}

async function callAll([tool]: [Tool], calls: IDataObject[]): Promise<IDataObject[]> {
	const call = async (args: IDataObject) =>
		await tool.invoke(args).then(JSON.parse, (error: Error) => error.message);
	return await Promise.all(calls.map(call));
}

function requestingAgent(calls: IDataObject[]): INodeType {
	return agentThat(async function (response) {
		if (response === undefined || response.actionResponses.length === 0) {
			const actions = calls.map((input, index) => ({
				actionType: 'ExecutionNodeAction' as const,
				nodeName: 'Tool',
				input,
				type: 'ai_tool' as const,
				id: `call-${index}`,
				metadata: { itemIndex: 0 },
			}));
			return { actions, metadata: {} };
		}
		const answers = response.actionResponses.map(({ data }) => {
			const items = data.data?.ai_tool?.[0]?.map(({ json }) => json) ?? [];
			const [first] = items;
			return data.error === undefined ? items : first?.error;
		}) as IDataObject[];
		return [[{ json: { answers } }]];
	});
}

type AgentExecute = (
	this: IExecuteFunctions,
	response?: EngineResponse,
) => Promise<Array<Array<{ json: IDataObject }>> | EngineRequest>;

function agentThat(execute: AgentExecute): INodeType {
	const node = nodeThat(async () => [[]]);
	return { description: { ...node.description, inputs: ['main', 'ai_tool'] }, execute } as INodeType;
}

function plainNode(name: string, type = name): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

function toMain(node: string) {
	return { node, type: 'main' as const, index: 0 };
}
