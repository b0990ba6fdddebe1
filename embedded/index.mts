export { BUILD_FOLDERS, loadBuiltNode } from './builtNode.mts';
export { callEditor } from './editor.mts';
export { n8nWorkflow } from './engine.mts';
export { arrivalNode, asTool, rowsNode } from './nodeTypes.mts';
export { dataTablesBeside } from './dataTables.mts';
export { createProcessedData, openProcessedData } from './processedData.mts';
export { runNode } from './runNode.mts';
export { runDirectly, runWebhook, runWorkflow } from './runWorkflow.mts';
export { countWork } from './workCounts.mts';
