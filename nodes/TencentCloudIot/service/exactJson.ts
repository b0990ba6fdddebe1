/** What tells the numbers of a JSON text from the digits in its texts: an escaped character, a quote, a number. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/gs;

/**
 * A JSON text as the value that it holds, with every whole number as it stands there: one that JavaScript would
 * change, such as a 64-bit id, comes as the text of its digits.
 * @throws SyntaxError when it is not JSON
 */
export function parseExactJson(text: string): unknown {
	const parsed: unknown = JSON.parse(text);
	if (!hasInexactNumber(text)) return parsed;
	return JSON.parse(replaceInexactNumbers(text, (number) => `"${number}"`));
}

/** Whether a JSON text holds a number that JavaScript would change. */
export function hasInexactNumber(text: string): boolean {
	// Most texts hold no number that is long enough; they need no second look.
	if (!/\d{16}|\d[eE]\+?\d{3}/.test(text)) return false;
	let isFound = false;
	replaceInexactNumbers(text, (number) => {
		isFound = true;
		return number;
	});
	return isFound;
}

function replaceInexactNumbers(text: string, replace: (number: string) => string): string {
	let isInText = false;
	return text.replace(TOKEN, (token) => {
		if (token === '"') isInText = !isInText;
		return !isInText && isInexact(token) ? replace(token) : token;
	});
}

/** Whole numbers are to stay the same digit by digit; others are measured values, which only have to stay finite. */
function isInexact(token: string): boolean {
	const number = Number(token);
	return /^-?\d+$/.test(token)
		? String(number) !== token && token !== '-0'
		: number === Infinity || number === -Infinity;
}
