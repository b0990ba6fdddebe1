import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { DO_NOT_RETRY, type StopMessage } from './stopMessage';

const RUN_AGAIN = ' and run the workflow again';

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
	return callAgain(text.replace(`. ${DO_NOT_RETRY}`, ''))
		.replaceAll('Run the workflow again', 'Call again')
		.replaceAll('run the workflow again', 'call again');
}

/** "Correct 'DeviceId' in 2 rows and run the workflow again" becomes "Call again with 'DeviceId' corrected". */
function callAgain(text: string): string {
	const end = text.indexOf(RUN_AGAIN);
	const [start, verb] = ['Correct ', 'Check ']
		.map((word) => [text.lastIndexOf(word, end), word] as const)
		.reduce((last, one) => (one[0] > last[0] ? one : last));
	if (end < 0 || start < 0) return text;
	const what = text.slice(start + verb.length, end).replace(/ in \d+ rows$/, '');
	const advice =
		what === "'Live Device'"
			? `Tell the user: only the node itself can switch ${what} on`
			: `Call again with ${what === 'the rows' ? 'the devices' : what} corrected`;
	return `${text.slice(0, start)}${advice}${text.slice(end + RUN_AGAIN.length)}`;
}
