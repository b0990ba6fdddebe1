/** An escaped character, or a quotation mark and the colon after it. Repeated groups would not survive a long text. */
const MARK = /\\.|"\s*(:?)/gs;

/**
 * Whether an object of a JSON text has two members of one name, at any depth. JSON.parse keeps the last of them, another
 * reader the first, so that such a text says two things at once.
 * @param parsed what JSON.parse made of the text
 */
export function repeatsName(json: string, parsed: unknown): boolean {
	return countNames(json) !== countMembers(parsed);
}

/** How many texts are followed by a colon: those are the names of members. */
function countNames(json: string): number {
	let count = 0;
	let isInText = false;
	for (const [mark, colon] of json.matchAll(MARK)) {
		if (mark.startsWith('\\')) continue;
		if (isInText && colon === ':') count++;
		isInText = !isInText;
	}
	return count;
}

function countMembers(root: unknown): number {
	let count = 0;
	// A list of what is still to be looked at: an answer may be nested too deep for recursion.
	const open: unknown[] = [root];
	for (let value = open.pop(); value !== undefined; value = open.pop()) {
		if (typeof value !== 'object' || value === null) continue;
		const inside: unknown[] = Object.values(value);
		if (!Array.isArray(value)) count += inside.length;
		for (const one of inside) open.push(one);
	}
	return count;
}
