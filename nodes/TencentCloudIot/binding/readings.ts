import { forEachPausing, type Pausing } from '../input/pausing';
import { partsAroundPlaceholders, LONGEST_ID, whyNotId } from '../input/placeholder';
import { BROKEN, toHalfWidth, hasLetterOrDigit, INVISIBLE, isExactInteger } from '../input/text';
import { lossesOf, type Loss } from './losses';
import { withoutLookAlikes } from './lookAlikes';
import { phoneNumbers } from './phone';

/**
 * What an unusable cell of an id may stand for:
 * - `id`: this id
 * - `idOfKnownCustomer`: this id, but only if another row names a customer with it
 * - `Loss`: some of its characters or digits are lost, so every id to which `matchKeyOf` gives `matchKey`
 */
export type IdCandidate = { id: string } | { idOfKnownCustomer: string } | Loss;

/** How deep an id is searched for in a cell that holds lists and objects, e.g. of a look-up field. */
export const DEEPEST_NESTING = 3;

/** The equals sign of a formula and quotation marks around an id. */
const QUOTES = /^=?["'‘’“”`]+|(?<!["'‘’“”`])["'‘’“”`]+$/gu;
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/**
 * A token: a sequence of letters with capitals and digits, or of letters of a script without capitals (e.g. Han), or a single sign. Digits in
 * circles count as signs.
 */
const TOKEN = /[\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}]+|[\p{Lo}\p{Lm}]+|\S/gu;
/** How a token begins that is a word; any other token is a sign. */
const WORD_START = /^[\p{L}\p{M}\p{Nd}]/u;
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63]/g;

/** An id is read from at most this many words. An e-mail address has five, and so has a UUID. */
const MOST_WORDS = 8;
/** An id is read from at most this many words and signs. */
const MOST_TOKENS = 24;
/** Only texts of 10 to 15 digits can be a phone number. */
const PHONE_DIGITS = /^\d{10,15}$/;

/** Called with each id that a text can be read as. Some ids come several times. */
type VisitId = (id: string) => void;

/**
 * The ids that a cell may stand for, the likeliest first; none if it shows no id. A text is read as a whole, split at each sign (also
 * `_`), without its blanks, with all dashes as one, and without its signs. So of `id=7` both `7` and `id7` are candidates.
 */
export function idCandidatesOf(cell: unknown, depth = 0): IdCandidate[] {
	if (typeof cell === 'string') {
		return candidatesOfText(cell.trim());
	}
	if (isExactInteger(cell)) {
		return [{ id: String(cell) }];
	}
	if (typeof cell === 'number') {
		return Number.isInteger(cell) ? lossesOf(cell) : [];
	}
	if (!isListOrRecord(cell) || depth === DEEPEST_NESTING) {
		return [];
	}
	return Object.values(cell).flatMap((member) => idCandidatesOf(member, depth + 1));
}

/** Whether a cell is a list or a plain object. A date or an instance of another class is not searched for ids. */
function isListOrRecord(cell: unknown): cell is object {
	if (typeof cell !== 'object' || cell === null) {
		return false;
	}
	const prototype: unknown = Object.getPrototypeOf(cell);
	const isPlainObject = prototype === null || Object.getPrototypeOf(prototype) === null;
	return isPlainObject || Array.isArray(cell);
}

/**
 * The ids that a text may stand for: first the losses that it shows (e.g. digits that a spreadsheet rounded), then the text itself if no
 * character of it is lost, then the ids that can be read within it.
 */
function candidatesOfText(text: string): IdCandidate[] {
	// A control character may be between two parts of the id, or between the id and something else. So the text is read twice: with the
	// parts joined (`wholeText`), and with a blank between them (`spacedText`).
	const lines = text.replace(INVISIBLE, '').split(CONTROL_CHARACTERS);
	const wholeText = lines.map((line) => line.trim()).join('');
	if (wholeText === '') {
		return [];
	}
	const losses = lossesOf(wholeText);
	const isNoId =
		BROKEN.test(wholeText) || (wholeText.length <= LONGEST_ID && whyNotId(wholeText) !== undefined);
	const ids = new Set<string>();
	const addId: VisitId = (id) => {
		if (id.length <= LONGEST_ID && hasLetterOrDigit(id)) {
			ids.add(id);
		}
	};
	const isWholeTextId = !isNoId && losses.length === 0;
	if (isWholeTextId) {
		addId(phoneNumbers.idOf(wholeText) ?? wholeText);
		addId(wholeText);
	}
	const spacedText = text.replace(INVISIBLE, ' ').replace(CONTROL_CHARACTERS, ' ');
	for (const part of [...new Set([wholeText, spacedText])].flatMap(partsAroundPlaceholders)) {
		addId(part.replace(QUOTES, ''));
		visitWordSequences(part, addId);
		const asciiPart = withoutLookAlikes(part);
		if (asciiPart !== part) {
			visitWordSequences(asciiPart, addId);
		}
	}
	// If the text as a whole is not an id, a part of it counts only if another row names a customer with that id.
	const readings = Array.from(ids, (id) => (isWholeTextId ? { id } : { idOfKnownCustomer: id }));
	return [...losses, ...readings];
}

/** The words and signs of a text, in half width, with all dashes as one. Blanks only separate words and signs. */
function tokensOf(text: string): string[] {
	return toHalfWidth(text).replace(DASHES, '-').match(TOKEN) ?? [];
}

/** Calls `visitId` with each sequence of words, in three spellings: with all signs between them, with only `_` (the documented sign), and without signs. */
function visitWordSequences(text: string, visitId: VisitId): void {
	const tokens = tokensOf(text);
	const isWordAt = tokens.map((token) => WORD_START.test(token));
	for (const [firstTokenIndex, token] of tokens.entries()) {
		// Of all signs only `_` begins or ends an id.
		if (isWordAt[firstTokenIndex] || token === '_') {
			visitWordSequencesFrom(firstTokenIndex, tokens, isWordAt, visitId);
		}
	}
	// The loop above joins at most `MOST_WORDS` words. A longer text is also read with all of its words joined.
	const words = tokens.filter((_, index) => isWordAt[index]);
	if (words.length > MOST_WORDS) {
		visitJoinedWords(words.join(''), tokens[0] === '+', visitId);
	}
}

/** Calls `visitId` with the sequences of neighbouring words that begin at the token `firstTokenIndex`, each in the three spellings. */
function visitWordSequencesFrom(
	firstTokenIndex: number,
	tokens: readonly string[],
	isWordAt: readonly boolean[],
	visitId: VisitId,
): void {
	const isAfterPlus = tokens[firstTokenIndex - 1] === '+';
	const endIndex = Math.min(tokens.length, firstTokenIndex + MOST_TOKENS);
	let withAllSigns = '';
	let withUnderscores = '';
	let wordsOnly = '';
	let wordCount = 0;
	for (
		let lastTokenIndex = firstTokenIndex;
		lastTokenIndex < endIndex && wordCount < MOST_WORDS;
		lastTokenIndex++
	) {
		const token = tokens[lastTokenIndex] ?? '';
		const isWordOrUnderscore = isWordAt[lastTokenIndex] === true || token === '_';
		withAllSigns += token;
		if (isWordOrUnderscore) {
			withUnderscores += token;
		}
		if (isWordAt[lastTokenIndex]) {
			wordCount++;
			wordsOnly += token;
			visitJoinedWords(wordsOnly, isAfterPlus, visitId);
		}
		if (!isWordOrUnderscore || wordCount === 0) {
			continue;
		}
		if (withUnderscores !== wordsOnly) {
			visitId(withUnderscores);
		}
		if (withAllSigns !== withUnderscores) {
			visitId(withAllSigns);
		}
	}
}

/** Calls `visitId` with words joined without the signs between them; if they are a phone number, also with the id that this number gives. */
function visitJoinedWords(joinedWords: string, isAfterPlus: boolean, visitId: VisitId): void {
	visitId(joinedWords);
	if (!PHONE_DIGITS.test(joinedWords)) {
		return;
	}
	const phoneId = phoneNumbers.idOf(isAfterPlus ? `+${joinedWords}` : joinedWords);
	if (phoneId !== undefined) {
		visitId(phoneId);
	}
}

/**
 * Calls `visitCompound` for each id that contains another one: with the compound id, e.g. `KH0001_VIP`, and the id that is a part of it,
 * e.g. `KH0001`. A part has fewer words and signs than its compound. So if all ids have the same number of words and signs, as in most
 * sheets, no part is looked up.
 */
export function* visitCompoundIds(
	ids: ReadonlySet<string>,
	visitCompound: (compoundId: string, partId: string) => void,
): Pausing {
	const tokenCounts = new Set<number>();
	yield* forEachPausing(ids, (id) => {
		tokenCounts.add(countTokens(id));
	});
	if (tokenCounts.size < 2) {
		return;
	}
	const ascendingTokenCounts = [...tokenCounts].sort((a, b) => a - b);
	yield* forEachPausing(ids, (id) => {
		const smallerTokenCounts = ascendingTokenCounts.slice(0, ascendingTokenCounts.indexOf(countTokens(id)));
		if (smallerTokenCounts.length === 0) {
			return;
		}
		for (const partId of partIdsOf(id, smallerTokenCounts)) {
			if (ids.has(partId)) {
				visitCompound(id, partId);
			}
		}
	});
}

const DOCUMENTED_CHARACTERS = /^\w+$/;

/** How many words and signs a usable id has. Another id can be a part of this id only if the other has fewer. */
function countTokens(id: string): number {
	if (!DOCUMENTED_CHARACTERS.test(id)) {
		return tokensOf(id).length;
	}
	let tokenCount = 0;
	let isInWord = false;
	for (let index = 0; index < id.length; index++) {
		const isUnderscore = id.charCodeAt(index) === UNDERSCORE;
		if (isUnderscore || !isInWord) {
			tokenCount++;
		}
		isInWord = !isUnderscore;
	}
	return tokenCount;
}
const UNDERSCORE = 0x5f;

/**
 * The ids that may be parts of a usable id: those of `A-B` are `A`, `B`, and `AB`, another way to write `A-B`. The documented sign
 * `_` is never left out: `A_1` and `A1` are two ids.
 * @param tokenCounts how many words and signs a part of a documented id may have
 */
function partIdsOf(id: string, tokenCounts: Iterable<number>): Set<string> {
	const partIds = new Set<string>();
	if (DOCUMENTED_CHARACTERS.test(id)) {
		const tokens = id.match(/[^_]+|_/g) ?? [];
		for (const tokenCount of tokenCounts) {
			for (let firstTokenIndex = 0; firstTokenIndex + tokenCount <= tokens.length; firstTokenIndex++) {
				partIds.add(tokens.slice(firstTokenIndex, firstTokenIndex + tokenCount).join(''));
			}
		}
		const phoneId = phoneNumbers.idOf(id.replaceAll('_', ''));
		if (phoneId !== undefined) {
			partIds.add(phoneId);
		}
	} else {
		visitWordSequences(id, (partId) => partIds.add(partId));
	}
	partIds.delete(id);
	return partIds;
}
