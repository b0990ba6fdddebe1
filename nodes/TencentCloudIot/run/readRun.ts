import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { isTool } from '../input/agentInput';
import type { Operation } from '../operation';
import { findOperation } from '../resources';
import { readRunOptions } from '../resources/runOptions';
import { NotSendable, notSent } from '../service/outcome';
import { systemClock } from '../systemClock';
import type { Progress, Run } from './run';

/** What the node is set to do with these items. @throws NotSendable when it has no such operation */
export function readRun(context: IExecuteFunctions, items: INodeExecutionData[], progress: Progress): Run {
	const startMs = systemClock.elapsedMs();
	const operation = readOperation(context);
	const groups = operation.optionGroups ?? [];
	const chosen = ['options', ...groups.map(({ name }) => name)].map(
		(name) => context.getNodeParameter(name, 0, {}) as IDataObject,
	);
	const own = groups.flatMap(({ options }) => options as INodeProperties[]);
	const options = readRunOptions(Object.assign({}, ...chosen) as IDataObject, [...operation.options, ...own]);
	const stopAtFailure = !context.continueOnFail();
	return { context, operation, items, options, stopAtFailure, progress, startMs };
}

/**
 * What the node is to do.
 * @throws NotSendable when there is no such operation, and when a model could choose it: expressions query the model
 */
function readOperation(context: IExecuteFunctions): Operation<unknown> {
	const { parameters } = context.getNode();
	if (
		isTool(context) &&
		[parameters.resource, parameters.operation].some((name) => String(name).startsWith('='))
	) {
		const reason = "A tool reads 'Resource' and 'Operation' from no expression.";
		throw new NotSendable(notSent('NO_SUCH_OPERATION', reason, 'Choose both in the node'));
	}
	const parameter = (name: string) => String(context.getNodeParameter(name, 0));
	return findOperation(parameter('resource'), parameter('operation'));
}
