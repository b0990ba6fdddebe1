/**
 * The direct children of a JSON object or array, each with its value's text exactly as in `json`:
 * a signature covers the bytes that were sent, and parsing would lose the spacing, the escapes and `1.0`.
 *
 * `json` must be valid (JSON.parse accepted it) and contain an object or an array. A repeated member name is
 * repeated here too; array elements are named by their index, from '0'.
 */
export function rawChildren(json: string): [name: string, raw: string][] {
	const children: [string, string][] = [];
	let at = skipSpace(json, 0);
	const isObject = json[at] === '{';
	at = skipSpace(json, at + 1);
	while (json[at] !== '}' && json[at] !== ']') {
		let name = String(children.length);
		if (isObject) {
			const nameEnd = endOfString(json, at);
			name = JSON.parse(json.slice(at, nameEnd)) as string;
			const colon = skipSpace(json, nameEnd);
			at = skipSpace(json, colon + 1);
		}
		const end = endOfValue(json, at);
		children.push([name, json.slice(at, end)]);
		at = skipSpace(json, end);
		if (json[at] === ',') {
			at = skipSpace(json, at + 1);
		}
	}
	return children;
}

function skipSpace(json: string, from: number): number {
	let at = from;
	while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') {
		at++;
	}
	return at;
}

function endOfString(json: string, openingQuote: number): number {
	let at = openingQuote;
	do {
		at = json.indexOf('"', at + 1);
	} while (isEscaped(json, at));
	return at + 1;
}

/** A quote ends the string unless an odd number of backslashes precedes it. */
function isEscaped(json: string, at: number): boolean {
	let backslashes = 0;
	while (json[at - 1 - backslashes] === '\\') {
		backslashes++;
	}
	return backslashes % 2 === 1;
}

function endOfValue(json: string, start: number): number {
	if (json[start] === '"') {
		return endOfString(json, start);
	}
	if (json[start] === '{' || json[start] === '[') {
		return endOfNested(json, start);
	}
	let at = start;
	while (at < json.length && !',}] \n\r\t'.includes(json[at]!)) {
		at++;
	}
	return at;
}

function endOfNested(json: string, start: number): number {
	let depth = 0;
	let at = start;
	do {
		const character = json[at];
		if (character === '"') {
			at = endOfString(json, at);
			continue;
		}
		if (character === '{' || character === '[') {
			depth++;
		}
		if (character === '}' || character === ']') {
			depth--;
		}
		at++;
	} while (depth > 0);
	return at;
}
