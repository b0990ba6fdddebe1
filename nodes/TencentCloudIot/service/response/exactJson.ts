/** The deepest accepted nesting; this service's responses are five levels deep. */
const MAX_DEPTH = 1_000;

/** The most accepted members and elements; the longest page, 100 records, has a few thousand. */
const MAX_VALUES = 50_000;

/** What one pass over a JSON text finds. For a text that is not JSON it means nothing. */
interface JsonScan {
	/** The number of members of its objects, duplicates included. */
	memberCount: number;
	/** The deepest nesting of lists and objects. */
	deepest: number;
	/** Roughly the number of members, elements, lists and objects. */
	valueCount: number;
	/** The positions where numbers that JavaScript would change start and end, alternately, e.g. `[6, 25]`. */
	inexactBounds: readonly number[];
}

/** A longer number may not be exact; a shorter one may still be infinite, as 1e999 is. */
const MOST_EXACT_DIGITS = 15;

/**
 * Parses a JSON text without changing whole numbers: one that JavaScript would change, such as a 64-bit id, becomes the text of
 * its digits.
 * @returns its value, and whether an object has duplicate members; undefined if it is larger than any response of this service
 * @throws SyntaxError when it is not JSON
 */
export function readJson(text: string): { value: unknown; hasDuplicates: () => boolean } | undefined {
	const scan = scanJson(text);
	if (scan.deepest > MAX_DEPTH || scan.valueCount > MAX_VALUES) {
		return undefined;
	}
	let value: unknown = JSON.parse(text);
	if (scan.inexactBounds.length > 0) {
		// Puts each inexact number in quotation marks, so that it is parsed as a text.
		const pieceEnds = [...scan.inexactBounds, text.length];
		value = JSON.parse(pieceEnds.map((end, index) => text.slice(pieceEnds[index - 1] ?? 0, end)).join('"'));
	}
	return { value, hasDuplicates: () => countMembers(value) !== scan.memberCount };
}

/** Whether a JSON text holds a number that JavaScript would change. */
export function hasInexactNumber(text: string): boolean {
	return scanJson(text).inexactBounds.length > 0;
}

/** Whether JavaScript may have changed a number while reading it, or JSON has no form for it. */
export function isInexact(number: number): boolean {
	return !Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number));
}

/** Scans a JSON text once, character by character: regular expressions cost many times as much. */
function scanJson(text: string): JsonScan {
	let memberCount = 0;
	let depth = 0;
	let valueCount = 0;
	let deepest = 0;
	const inexactBounds: number[] = [];
	for (let at = 0; at < text.length; at++) {
		const character = text.charAt(at);
		if (character === '"') {
			at = endOfText(text, at);
		} else if (character === ':') {
			memberCount++;
		} else if (character === ',') {
			valueCount++;
		} else if (character === '[' || character === '{') {
			valueCount++;
			depth++;
			deepest = Math.max(deepest, depth);
		} else if (character === ']' || character === '}') {
			depth--;
		} else if (isOfNumber(character)) {
			const start = at;
			while (isOfNumber(text[at + 1])) {
				at++;
			}
			if (isInexactToken(text, start, at + 1)) {
				inexactBounds.push(start, at + 1);
			}
		}
	}
	return { memberCount, deepest, valueCount, inexactBounds };
}

/** The number of members of a value's objects, at any depth. */
function countMembers(root: unknown): number {
	let count = 0;
	// No recursion: a response may be nested too deeply for the stack.
	const valuesToCount: unknown[] = [root];
	for (let value = valuesToCount.pop(); value !== undefined; value = valuesToCount.pop()) {
		if (typeof value !== 'object' || value === null) {
			continue;
		}
		if (Array.isArray(value)) {
			for (const element of value as unknown[]) {
				valuesToCount.push(element);
			}
			continue;
		}
		// Object.values takes three times as long for an object with very many members.
		const names = Object.keys(value);
		count += names.length;
		for (const name of names) {
			valuesToCount.push((value as Readonly<Record<string, unknown>>)[name]);
		}
	}
	return count;
}

/** The position of the closing quotation mark. */
function endOfText(text: string, start: number): number {
	let at = start + 1;
	while (at < text.length && text[at] !== '"') {
		at += text[at] === '\\' ? 2 : 1;
	}
	return at;
}

function isOfNumber(character: string | undefined): boolean {
	return character !== undefined && '0123456789-+.eE'.includes(character);
}

/** Whole numbers must keep every digit; others are measured values and only have to stay finite. */
function isInexactToken(text: string, start: number, end: number): boolean {
	// Most numbers have up to four characters, and none of those is changed: they are not even copied.
	const token = end - start > 4 ? text.slice(start, end) : '';
	if (token.length <= MOST_EXACT_DIGITS && !/[eE]/.test(token)) {
		return false;
	}
	const number = Number(token);
	return /^-?\d+$/.test(token) ? String(number) !== token : Math.abs(number) === Infinity;
}
