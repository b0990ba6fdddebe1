import { typeName, type CheckedText } from './text';

/**
 * A JSON object as the text that is sent. A text is sent as it was typed: parsing and writing it anew would change
 * numbers that JavaScript cannot hold.
 */
export function checkJsonText(value: unknown): CheckedText {
	if (typeof value === 'string') {
		const text = value.trim();
		if (!text.isWellFormed()) return refused('has a broken character: type it anew');
		try {
			const parsed: unknown = JSON.parse(text);
			return isObject(parsed) ? { text, finding: undefined } : notAnObject(parsed);
		} catch {
			return refused('is not JSON: give an object, e.g. {"power_switch": 1}');
		}
	}
	if (!isObject(value)) return notAnObject(value);
	try {
		return { text: JSON.stringify(value), finding: undefined };
	} catch {
		return refused('holds a value that JSON has no form for, such as an object within itself: give JSON');
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
