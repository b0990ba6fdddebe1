import { codePointOf } from '../input/text';
import { because, type Why } from '../messages/findings';
import { ofCase, ofRows } from '../messages/text';

/** By Latin letter, the letters of Cyrillic, Greek and Turkish that look like it (Unicode's confusables.txt, those of the same case). */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
	A: 'АΑ',
	B: 'ВΒ',
	C: 'С',
	E: 'ЕΕ',
	F: 'Ғ',
	G: 'Ԍ',
	H: 'НΗ',
	I: 'ІӀΙ',
	J: 'Ј',
	K: 'КΚ',
	M: 'МΜ',
	N: 'Ν',
	O: 'ОΟ',
	P: 'РΡ',
	Q: 'Ԛ',
	S: 'Ѕ',
	T: 'ТΤ',
	V: 'Ѵ',
	W: 'Ԝ',
	X: 'ХΧ',
	Y: 'УҮΥ',
	Z: 'Ζ',
	a: 'аα',
	c: 'с',
	d: 'ԁ',
	e: 'е',
	h: 'һ',
	i: 'іı',
	j: 'ј',
	l: 'ӏ',
	o: 'оο',
	p: 'рρ',
	q: 'ԛ',
	s: 'ѕ',
	u: 'υ',
	v: 'ѵν',
	w: 'ԝ',
	x: 'х',
	y: 'у',
};

/** By look-alike, the Latin letter that it looks like. */
const LATIN_BY_LOOK_ALIKE = new Map(
	Object.entries(LOOK_ALIKES).flatMap(([latin, alikes]) => [...alikes].map((alike) => [alike, latin])),
);

const LETTER_OR_DIGIT = /[\p{L}\p{Nd}]/gu;
const ASCII = /^[\0-\x7F]*$/;

/** The ASCII letter or digit that a letter or digit of another script looks like; undefined if it looks like none. */
function asciiOf(character: string): string | undefined {
	const latin = LATIN_BY_LOOK_ALIKE.get(character);
	if (latin !== undefined) {
		return latin;
	}
	if (DIGIT.test(character)) {
		return String(digitValueOf(character));
	}
	const plainForm = character.normalize('NFKC');
	return plainForm !== character && /^[A-Za-z\d]$/.test(plainForm) ? plainForm : undefined;
}

const DIGIT = /^\p{Nd}$/u;

/**
 * The value of a decimal digit of any script. In Unicode the ten digits of a script are in order, and the digits of several scripts may
 * follow each other without a gap. So the value is the count of digits directly before it, modulo ten.
 */
function digitValueOf(digit: string): number {
	let digitsBeforeInUnicode = 0;
	let codePoint = (digit.codePointAt(0) ?? 0) - 1;
	while (DIGIT.test(String.fromCodePoint(codePoint))) {
		digitsBeforeInUnicode++;
		codePoint--;
	}
	return digitsBeforeInUnicode % 10;
}

/** The text, with each look-alike replaced by the ASCII letter or digit that it looks like. */
export function withoutLookAlikes(text: string): string {
	if (ASCII.test(text)) {
		return text;
	}
	return text.replace(LETTER_OR_DIGIT, (character) => asciiOf(character) ?? character);
}

/**
 * Why people would take an id for another one, or undefined if they would not: it has digits of another script, letters in full width, or
 * letters of two scripts. A word of one script, such as `Иванов`, is accepted.
 */
export function whyLookAlike(id: string): Why | undefined {
	const characters = (ASCII.test(id) ? null : id.match(LETTER_OR_DIGIT)) ?? [];
	const foreignCharacters = characters.filter(
		(character) => !ASCII.test(character) && /[\p{Lu}\p{Ll}\p{Nd}]/u.test(character),
	);
	const firstLookAlike = foreignCharacters.find((character) => asciiOf(character) !== undefined);
	if (firstLookAlike === undefined) {
		return whySeparateAccent(id);
	}
	const isOfOneScript =
		!/[A-Za-z]/.test(id) && foreignCharacters.some((character) => asciiOf(character) === undefined);
	return isOfOneScript ? undefined : becauseOfLookAlike(firstLookAlike);
}

/** Refuses an accent that is a character of its own: `é` as two characters looks like `é` as one, and would be another customer. */
function whySeparateAccent(id: string): Why | undefined {
	const [accent] = id === id.normalize('NFC') ? [] : (id.match(/\p{M}/u) ?? []);
	return accent === undefined ? undefined : becauseOfLookAlike(accent);
}

function becauseOfLookAlike(character: string): Why {
	return because('lookAlike', { text: ofRows(character), codePoint: ofCase(codePointOf(character)) });
}
