import { isInexact } from '../service/response/exactJson';
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
	const finding = whyNoJson(value);
	return finding === undefined ? { text: JSON.stringify(value), finding } : refused(finding);
}

/** Why a value would not arrive as it is meant, in words that follow its field's label. */
export function whyNoJson(value: unknown): string | undefined {
	let why: string | undefined;
	try {
		JSON.stringify(value, (name, member: unknown) => {
			why ??= whyNoMember(name, member);
			return member;
		});
		return why;
	} catch {
		return 'holds a value that JSON has no form for, such as an object within itself: give JSON';
	}
}

/** @param name empty for the value as a whole */
function whyNoMember(name: string, member: unknown): string | undefined {
	// JSON leaves such members out.
	if (member === undefined && name !== '') return `has no value for '${name}': correct where it comes from`;
	if (typeof member !== 'number' || !isInexact(member)) return undefined;
	const what = Number.isFinite(member) ? 'a number too large to be exact' : String(member);
	return name === '' ? `is ${what}: correct it` : `has ${what} for '${name}': correct where it comes from`;
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
