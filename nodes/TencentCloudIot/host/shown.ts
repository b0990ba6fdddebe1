import {
	NodeOperationError,
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	type NodeExecutionHint,
} from 'n8n-workflow';

import { cleanServerText } from '../service/response/serverText';

/** Cells, column names and responses can be of any length; nobody reads more than this. */
const MOST_CHARACTERS = 5_000;

/**
 * n8n replaces a message that contains a system code with its own text, even if the code is inside a word such as `DeviceAccess`.
 * This matches the first letter of a code. A dot after it breaks the code.
 */
const FIRST_LETTER_OF_SYSTEM_CODE = new RegExp(
	[
		'EACCES',
		'EADDRNOTAVAIL',
		'EAI_AGAIN',
		'ECONNABORTED',
		'ECONNREFUSED',
		'ECONNRESET',
		'EEXIST',
		'EHOSTUNREACH',
		'EISDIR',
		'ENOENT',
		'ENOTDIR',
		'ENOTFOUND',
		'EPERM',
		'ERRADDRINUSE',
		'ETIMEDOUT',
		'GETADDRINFO',
	]
		.map((code) => `${code[0]}(?=${code.slice(1)})`)
		.join('|'),
	'gi',
);

/**
 * Makes a text safe to show. n8n renders hints, errors and notices as HTML and keeps links with their style, so a cell, a
 * response or a model could place a link over the whole editor. Also removes line breaks, direction marks and invisible
 * characters.
 * @returns e.g. `is '‹NA›'` for `is '<NA>'`, and `De·viceE·ACCESS`
 */
export function shownText(text: string, mostCharacters = MOST_CHARACTERS): string {
	const withoutMarkup = cleanServerText(text, MOST_CHARACTERS).replaceAll('<', '‹').replaceAll('>', '›');
	const withoutCodes = withoutMarkup.replace(FIRST_LETTER_OF_SYSTEM_CODE, '$&·');
	return cleanServerText(withoutCodes, mostCharacters);
}

/** Shows a hint above the output: a message and a list of reasons. n8n 1 and 2 keep these tags; data cannot contain any. */
export function showHint(
	context: Pick<IExecuteFunctions, 'addExecutionHints'>,
	{ message, reasons = [] }: { message: string; reasons?: readonly string[] },
	type: NonNullable<NodeExecutionHint['type']>,
): void {
	const items = reasons.map((reason) => `<li>${shownText(reason)}</li>`).join('');
	const list = items === '' ? '' : `<ul>${items}</ul>`;
	context.addExecutionHints({ message: `${shownText(message)}${list}`, type, location: 'outputPane' });
}

/**
 * An error to throw that shows exactly this message.
 * @param description what to do, e.g. `Check the filter of the query`; n8n shows it below the message
 */
export function shownError(
	context: Pick<IExecuteFunctions | ILoadOptionsFunctions, 'getNode'>,
	message: string,
	description?: string,
): NodeOperationError {
	const shown = shownText(message);
	const details = description === undefined ? {} : { description: shownText(description) };
	const error = new NodeOperationError(context.getNode(), shown, details);
	// The constructor replaces messages that contain a system code.
	error.message = shown;
	return error;
}
