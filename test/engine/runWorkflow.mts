import module from 'node:module';

export type { NodeProgress } from './host/additionalData.mts';
export type { ConfiguredCredential } from './host/credentials.mts';
export type { LogEntry } from './host/logs.mts';
export type { NodeTypeMap } from './host/nodeTypes.mts';
export type { NodeOptions, NodeResult } from './host/runNode.mts';
export type { RunSettings, WorkflowOptions, WorkflowResult } from './host/runWorkflow.mts';
export type { EgressPolicy, ExpressionEngine } from './host/settings.mts';
export type { WorkCounts } from './host/workCounts.mts';

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
	loadBuiltNode,
	countWork,
	rowsNode,
	arrivalNode,
	n8nWorkflow,
	NODE_NAMES,
} = requireHost('./host/index.mts') as typeof import('./host/index.mts');
