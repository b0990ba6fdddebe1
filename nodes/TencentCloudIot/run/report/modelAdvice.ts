import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { DO_NOT_RETRY, type StopMessage } from './stopMessage';

const CORRECT = /\b(?:Correct|Check) ('[^.]*'|the rows)(?: in \d+ rows)? and run the workflow again/;

/** The output of a tool with advice that a model can follow: it can call again or tell the user, and knows no workflow. */
export function forModel(output: INodeExecutionData[] | StopMessage): INodeExecutionData[] | StopMessage {
	if (Array.isArray(output)) return output.map(itemForModel);
	const { message, description } = output;
	return { message: inItsWords(message), description: description && inItsWords(description) };
}

function itemForModel(item: INodeExecutionData): INodeExecutionData {
	const error = item.json.error as IDataObject | undefined;
	if (typeof error?.advice !== 'string') return item;
	const advice = inItsWords(error.advice);
	const isItsOwn = /^(Call again|Look|Tell)\b/.test(advice);
	const json = { ...item.json, error: { ...error, advice: isItsOwn ? advice : `Tell the user: ${advice}` } };
	return { ...item, json };
}

function inItsWords(text: string): string {
	return text
		.replace(DO_NOT_RETRY, '')
		.replace(CORRECT, (_, what: string) => {
			if (what === "'Live Device'") return `Tell the user: only the node itself can switch ${what} on`;
			return `Call again with ${what === 'the rows' ? 'the devices' : what} corrected`;
		})
		.replaceAll('Run the workflow again', 'Call again')
		.replaceAll('run the workflow again', 'call again');
}
