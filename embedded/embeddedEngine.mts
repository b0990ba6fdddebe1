import module from 'node:module';

export type { Build } from './builtNode.mts';
export type { EditorContexts } from './editor.mts';
export type { NodeTypeMap } from './nodeTypes.mts';
export type { ProcessedDataTable } from './processedData.mts';
export type { NodeOptions, NodeResult } from './runNode.mts';
export type { RunSettings, WorkflowOptions } from './runWorkflow.mts';
export type { EgressPolicy } from './settings.mts';

// Jest runs test files in a sandbox with built-in classes of its own. There an Error that comes from a socket is no
// instance of Error, which changes what n8n, undici and the node do, and n8n's isolated expression engine cannot
// be loaded at all. Jest's module loader is a subclass of Node's, so the class above it loads the engine, this
// host and the built node outside the sandbox, once for all the test files of a process. Without Jest there is
// nothing above, and the loader is Node's own already.
const above = Object.getPrototypeOf(module) as Partial<typeof module>;
const createRequire = above.createRequire ?? module.createRequire;
const requireHost = createRequire(import.meta.url);

export const {
	runNode,
	runWorkflow,
	runDirectly,
	runWebhook,
	callEditor,
	BUILD_FOLDERS,
	loadBuiltNode,
	countWork,
	rowsNode,
	arrivalNode,
	asTool,
	createProcessedData,
	dataTablesBeside,
	openProcessedData,
	n8nWorkflow,
} = requireHost('./index.mts') as typeof import('./index.mts');
