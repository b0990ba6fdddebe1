import { inexactMember } from '../service/response/exactJson';
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
	try {
		const inexact = inexactMember(value);
		if (inexact !== undefined) return whyInexact(inexact);
		const missing = missingMember(value);
		return missing === undefined ? undefined : `has no value for '${missing}': correct where it comes from`;
	} catch {
		return 'holds a value that JSON has no form for, such as an object within itself: give JSON';
	}
}

function whyInexact({ name, number }: { name: string; number: number }): string {
	if (name === '') return 'is a number too large to be exact: correct it';
	const what = Number.isFinite(number) ? 'a number too large to be exact' : String(number);
	return `has ${what} for '${name}': correct where it comes from`;
}

/** JSON leaves such members out. */
function missingMember(value: unknown): string | undefined {
	let missing: string | undefined;
	JSON.stringify(value, (name, member: unknown) => {
		if (member === undefined) missing ??= name;
		return member;
	});
	return missing;
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
