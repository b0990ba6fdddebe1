export { BUILD_FOLDERS, loadBuiltNode } from './builtNode.mts';
export { n8nWorkflow } from './engine.mts';
export { arrivalNode, rowsNode } from './nodeTypes.mts';
export { NODE_NAMES, runNode } from './runNode.mts';
export { runWorkflow } from './runWorkflow.mts';
export { countWork } from './workCounts.mts';
