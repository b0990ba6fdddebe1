import module from 'node:module';

export type { Build } from './builtNode.mts';
export type { EditorContexts } from './editor.mts';
export type { NodeTypeMap } from './nodeTypes.mts';
export type { ProcessedDataTable } from './processedData.mts';
export type { NodeOptions, NodeResult } from './runNode.mts';
export type { RunSettings, WorkflowOptions } from './runWorkflow.mts';
export type { EgressPolicy } from './settings.mts';

// Jest runs test files in a sandbox with its own built-in classes. There, an Error from a socket is not an
// instance of Error, which changes how n8n, undici and the node behave, and n8n's isolated expression engine cannot
// be loaded at all. Jest's module loader is a subclass of Node's, so the class above it loads the engine, this
// host and the built node outside the sandbox, once for all test files of a process. Without Jest there is
// no such class, and the loader is already Node's own.
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
