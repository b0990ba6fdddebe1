import type { GenericValue } from 'n8n-workflow';

import { typeName, type CheckedText } from './text';

/**
 * A JSON object as the text that is sent. A text is sent as it was typed: parsing and writing it anew would change
 * numbers that JavaScript cannot hold.
 */
export function checkJsonText(value: unknown): CheckedText {
	if (typeof value === 'string') {
		const text = value.trim();
		const parsed = parseJsonText(text);
		if (!text.isWellFormed()) return refused('has a broken character: type it anew');
		if (parsed === text) return refused('is not JSON: give an object, e.g. {"power_switch": 1}');
		return isObject(parsed) ? { text, finding: undefined } : notAnObject(parsed);
	}
	return isObject(value) ? { text: JSON.stringify(value), finding: undefined } : notAnObject(value);
}

/** A JSON text of an answer as the value that it holds; what is not JSON stays as it is. */
export function parseJsonText(text: unknown): GenericValue {
	if (typeof text !== 'string') return text as GenericValue;
	try {
		return JSON.parse(text) as GenericValue;
	} catch {
		return text;
	}
}

function isObject(value: unknown): value is object {
	return Object.prototype.toString.call(value) === '[object Object]';
}

function notAnObject(value: unknown): CheckedText {
	if (value === undefined || value === null) return refused('is missing: fill this field');
	return refused(`is ${typeName(value)}, not a JSON object: e.g. {"power_switch": 1}`);
}

function refused(finding: string): CheckedText {
	return { text: '', finding };
}
