import {
	NodeOperationError,
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	type NodeExecutionHint,
} from 'n8n-workflow';

import { cleanServerText } from '../service/response/serverText';

/** More than anybody reads: cells, columns and the service may bring texts of any length. */
const MOST_CHARACTERS = 5_000;

/** n8n puts words of its own in the place of a message that has one of these, also within a word, such as in `DeviceAccess`. */
const SYSTEM_CODES = new RegExp(
	(
		'ECONNREFUSED ECONNRESET ENOTFOUND ETIMEDOUT ERRADDRINUSE EADDRNOTAVAIL ECONNABORTED ' +
		'EHOSTUNREACH EAI_AGAIN ENOENT EISDIR ENOTDIR EACCES EEXIST EPERM GETADDRINFO'
	)
		.split(' ')
		.map((code) => `(?<=${code[0]})(?=${code.slice(1)})`)
		.join('|'),
	'gi',
);

/**
 * A text as n8n may show it. Hints, errors and notices are HTML to n8n, which keeps links and their style: what rows, the
 * service or a model say would lay them over the editor. Line breaks, direction and invisible characters go as well.
 * @returns e.g. `is '‹NA›'` for `is '<NA>'`, and `De·viceE·ACCESS`
 */
export function shownText(text: string, mostCharacters = MOST_CHARACTERS): string {
	const whole = cleanServerText(text, MOST_CHARACTERS).replaceAll('<', '‹').replaceAll('>', '›');
	const broken = whole.replace(SYSTEM_CODES, '·');
	return cleanServerText(broken, mostCharacters);
}

/** Shows a hint above the output: a message, and a list of reasons. These tags stay in what n8n 1 and 2 make of its HTML, and no data can be one. */
export function showHint(
	context: Pick<IExecuteFunctions, 'addExecutionHints'>,
	{ message, reasons = [] }: { message: string; reasons?: readonly string[] },
	type: NonNullable<NodeExecutionHint['type']>,
): void {
	const items = reasons.map((reason) => `<li>${shownText(reason)}</li>`).join('');
	const all = `${shownText(message)}${items === '' ? '' : `<ul>${items}</ul>`}`;
	context.addExecutionHints({ message: all, type, location: 'outputPane' });
}

/** What to throw, with exactly this message: n8n puts words of its own in the place of one that has a system code, such as EPERM in an id. */
export function shownError(
	context: Pick<IExecuteFunctions | ILoadOptionsFunctions, 'getNode'>,
	message: string,
	description?: string,
): NodeOperationError {
	const shown = shownText(message);
	const details = description === undefined ? {} : { description: shownText(description) };
	return Object.assign(new NodeOperationError(context.getNode(), shown, details), { message: shown });
}
