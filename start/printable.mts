/** Control and invisible characters, and all blanks except the plain space: a terminal would hide or execute them. */
const UNSEEN = /(?! )[\p{C}\p{Z}]/gu;

/** A value of the file with every character visible, e.g. `ProductA/<U+200B>Device001`. */
export function printable(value: string | undefined): string {
	if (value === undefined) {
		return '(missing)';
	}
	if (value === '') {
		return '(empty)';
	}
	if (/^ +$/.test(value)) {
		return '(blanks)';
	}
	return value.replace(UNSEEN, (character) => {
		const code = character.codePointAt(0) ?? 0;
		return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
	});
}
