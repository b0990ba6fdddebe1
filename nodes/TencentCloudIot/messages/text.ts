/**
 * The texts of the node: templates with named facts, in English and Chinese. A text is written for a place. Only the place and the mark of a
 * fact decide whether the text shows that fact.
 *
 *     const REFUSED = say('Tencent refused {id}{?: {words}}.', '腾讯云拒绝了 {id}{?：{words}}');
 *     write(REFUSED({ id: ofRows('user_1'), words: ofService('busy') }), 'hint');
 *     // ['Tencent refused ….', '腾讯云拒绝了 …']
 *
 * In a template:
 * - `{name}` is a fact, or `…` if the fact must not be shown
 * - `{name:row}` is a number with its noun, in English: "1 row", "20,000 rows"
 * - `{name|is|are}` is the first word for 1 and else the second, in English
 * - `{?: {name}}` is left out if one of its facts is missing or must not be shown
 *
 * A template has no full stop at its end, and a clause starts in lower case: the functions that write or join texts add the full stop and
 * the capital. So the same text can be used alone, among others, or inside another one.
 */

import type { Message } from './message';
import { counted } from './words';

/**
 * Where the words of a fact come from. Words without a mark are the node's own.
 * - `rows`: ids, values and columns of the rows
 * - `service`: what the service says
 * - `plain`: from the rows or the service, but in a form that reveals nothing about a customer, such as the name of a column "Device ID"
 * - `case`: a detail of one case, such as its row. A sentence that summarizes several cases leaves it out
 */
type Mark = 'rows' | 'service' | 'plain' | 'case';

/**
 * Where a text is shown, which decides who reads it.
 * - `everything`: people who also have the rows: items, errors, receipts, a model, and reports and messages that name customers
 * - `hint`: n8n's redaction empties items and leaves hints readable, so a hint shows no words of rows or service
 * - `nameless`: reports, messages and hints with 'Name Customers' off
 */
export type Place = 'everything' | 'hint' | 'nameless';

const SHOWN_MARKS: Readonly<Record<Place, ReadonlySet<Mark>>> = {
	everything: new Set(['rows', 'service', 'plain', 'case']),
	hint: new Set(['plain']),
	nameless: new Set([]),
};

/** Words that are shown unchanged, with the mark that decides where. */
interface MarkedWords {
	words: string | Message | Text;
	/** Undefined for the node's own words. */
	mark?: Mark;
	/** What is shown if these words must not be shown; `…` if undefined. */
	instead?: Text | undefined;
}

/** A value in a text. A list is written as "a, b and c". A plain string is refused: the caller has to say whose words it has. */
export type Fact = number | MarkedWords | Text | readonly Fact[] | undefined;

export type Facts = Readonly<Record<string, Fact>>;

/** A template with its facts. */
interface FilledTemplate {
	template: Message;
	facts: Facts;
	/** The full stop of each language, or `''` for a text that has none when it stands alone. */
	fullStop: Message;
}

/** Several texts in one. Texts that are empty at the place where they are shown are left out. */
interface JoinedTexts {
	joined: readonly Text[];
	by: keyof typeof JOINTS;
}

/** A text that summarizes several cases. It leaves out facts that `ofCase` has marked. */
interface SummedUpText {
	summed: Text;
}

/** A text whose place is not decided yet. `write` turns it into words for a place. */
export type Text = FilledTemplate | JoinedTexts | SummedUpText;

/** The characters of `Part` before the first `End`, or all of them if it has none. */
type Before<Part extends string, End extends string> = Part extends `${infer Front}${End}${string}`
	? Front
	: Part;

/** The name of a fact: `ids` of `? ({ids`, `count` of `count:row` and of `count|is|are`. */
type Name<Part extends string> = Part extends `${string}{${infer Inner}`
	? Name<Inner>
	: Before<Before<Part, ':'>, '|'>;

/** The names of the facts in a template. */
type NamesIn<Template extends string> = Template extends `${string}{${infer Part}}${infer Remainder}`
	? Name<Part> | NamesIn<Remainder>
	: never;

/** Like `Name`, but `never` for a fact that only chooses a word, as in `{name|is|are}`. */
type ShownName<Part extends string> = Part extends `${string}|${string}` ? never : Name<Part>;

/** The names of the facts whose values a template shows: not of those that only choose a word, as in `{name|is|are}`. */
type ShownIn<Template extends string> = Template extends `${string}{${infer Part}}${infer Remainder}`
	? ShownName<Part> | ShownIn<Remainder>
	: never;

type OnlyIn<Template extends string, Other extends string> = Exclude<ShownIn<Template>, ShownIn<Other>>;

/** Makes a declaration fail to compile if its English and its Chinese template name different facts. */
type SameFacts<English extends string, Chinese extends string> = [
	OnlyIn<English, Chinese> | OnlyIn<Chinese, English>,
] extends [never]
	? unknown
	: { onlyInEnglish: OnlyIn<English, Chinese>; onlyInChinese: OnlyIn<Chinese, English> };

/** Makes a declaration fail to compile if its template ends with a full stop. */
type WithoutFullStop<Template extends string> = Template extends `${string}.` | `${string}。`
	? { endsWithFullStop: Template }
	: unknown;

/** A function that makes a text from the facts that its template names. `say`, `saySentence` and `sayReason` return one. */
export type Say<Names extends string = never> = ([Names] extends [never]
	? () => Text
	: (facts: Readonly<Record<Names, Fact>>) => Text) & { template: Message };

/** Any function that makes a text, whichever facts its template names. */
export type AnySay = (facts: never) => Text;

/** The argument of such a function: the facts that its template names. */
export type FactsOf<One> = One extends () => Text
	? object
	: One extends (facts: infer Named) => Text
		? Named
		: object;

/** Turns an English and a Chinese template into a `Say`. Both must name the same facts and end without a full stop. */
type DeclareText = <const English extends string, const Chinese extends string>(
	english: English & WithoutFullStop<English>,
	chinese: Chinese & SameFacts<English, Chinese> & WithoutFullStop<Chinese>,
) => Say<NamesIn<English>>;

/** Makes `say`, `saySentence` and `sayReason`. @param fullStop what each language adds to a text that stands alone */
function sayWithFullStop(fullStop: Message): DeclareText {
	return (english, chinese) => {
		const template: Message = [english, chinese];
		const make = (facts: Facts = {}): Text => ({ template, facts, fullStop });
		// Only the types know the names of the facts.
		return Object.assign(make, { template }) as never;
	};
}

/** Declares words, a clause or advice. Such a text gets no full stop when it stands alone. */
export const say = sayWithFullStop(['', '']);

/** Declares one or several whole sentences. */
export const saySentence = sayWithFullStop(['.', '。']);

/** Declares a reason. In English a reason is a sentence. In Chinese it is a clause, because the text that follows it is in brackets. */
export const sayReason = sayWithFullStop(['.', '']);

/** The node's own words, such as the label of a field, which every reader may see. A plain string is the same in both languages. */
export function ours(words: string | Message): MarkedWords {
	return { words };
}

/** An id, a value or a column of the rows. @param instead what is shown if it must not be shown; by default `…` */
export function ofRows(words: string | Message | Text, instead?: Text): MarkedWords {
	return { words, mark: 'rows', instead };
}

/** Words of the service, such as its error message. */
export function ofService(words: string | Message): MarkedWords {
	return { words, mark: 'service' };
}

/** Drops the full stop from words of the service or n8n, because the sentence that quotes them has its own. */
export function withoutFullStop(words: string): string {
	return words.replace(/[.。]$/, '');
}

/** Words of the rows or of the service that reveal nothing about a customer, such as the name of a column "Device ID". A hint shows them. */
export function plain(words: string | Message | Text, instead?: Text): MarkedWords {
	return { words, mark: 'plain', instead };
}

/** A detail of one case, such as its row. A text that summarizes several cases leaves it out. */
export function ofCase(words: string | Text, instead?: Text): MarkedWords {
	return { words, mark: 'case', instead };
}

/** Puts words in quotes, each of them only once. In a template the list reads "'a', 'b' and 'c'". */
export function inQuotes(facts: readonly MarkedWords[]): readonly Fact[] {
	const factByWords = new Map(facts.map((fact) => [JSON.stringify(fact.words), fact]));
	return Array.from(factByWords.values(), (fact) => QUOTED({ fact }));
}

const QUOTED = say("'{fact}'", '{fact}');

/** Ids, values or columns of the rows as one fact: "'a', 'b' and 'c'". Undefined for an empty list. */
export function quotedOfRows(words: readonly string[], areMore = false): Fact {
	if (words.length === 0) {
		return undefined;
	}
	const quoted = inQuotes(words.map((word) => ours(word)));
	return ofRows(LISTED({ list: areMore ? [...quoted, ours('…')] : quoted }));
}

const LISTED = say('{list}', '{list}');

/** Joins sentences, each language with its own punctuation: "It failed. Try again". */
export function inSentences(joined: readonly Text[]): Text {
	return { joined, by: 'sentences' };
}

/** Joins sentences into one reason: sentences in English, clauses of one sentence in Chinese. */
export function inReasons(joined: readonly Text[]): Text {
	return { joined, by: 'reasons' };
}

/** Joins clauses: "2 not sent; 1 unclear". */
export function inClauses(joined: readonly Text[]): Text {
	return { joined, by: 'clauses' };
}

/** Joins facts with commas: "a, b, c". Facts that must not be shown are left out. */
export function inCommas(facts: readonly Fact[]): Text {
	return { joined: facts.map((fact) => IF_SHOWN({ fact })), by: 'commas' };
}

/** Joins counts: "2 new, 1 withheld". */
export function inCounts(joined: readonly Text[]): Text {
	return { joined, by: 'counts' };
}

/** Joins the facts that say where something is: "row 3, c017" and `第 3 行 c017`. Facts that must not be shown are left out. */
export function asPlace(facts: readonly Fact[]): Text {
	return { joined: facts.map((fact) => IF_SHOWN({ fact })), by: 'places' };
}

const IF_SHOWN = say('{?{fact}}', '{?{fact}}');

/** Makes a text about one case into a text about several: it leaves out the facts that `ofCase` has marked. */
export function summedUp(text: Text): Text {
	return { summed: text };
}

/** A text that writes nothing. */
export const NO_TEXT: Text = { joined: [], by: 'clauses' };

type Language = 0 | 1;

/** The separator in each language, and whether the texts after the first one start a sentence and so get a capital. */
const JOINTS = {
	sentences: { between: ['. ', '。'], areSentences: true },
	reasons: { between: ['. ', '；'], areSentences: true },
	clauses: { between: ['; ', '；'], areSentences: false },
	commas: { between: [', ', '、'], areSentences: false },
	counts: { between: [', ', '，'], areSentences: false },
	places: { between: [', ', ' '], areSentences: false },
} as const;

/** How one text, or a part of it, is written. */
interface Manner {
	language: Language;
	place: Place;
	/** Whether the text starts a sentence, so that its first word gets a capital. */
	startsSentence: boolean;
}

/** The words of a text at a place, in English and Chinese. Joined texts have no full stop at their end. */
export function write(text: Text, place: Place): Message {
	return [writeAlone(text, 0, place), writeAlone(text, 1, place)];
}

/** The words of several sentences at a place, each language with a full stop at the end; `''` for none. */
export function writeSentences(sentences: readonly Text[], place: Place): Message {
	const [english, chinese] = write(inSentences(sentences), place);
	return english === '' ? ['', ''] : [`${english}.`, `${chinese}。`];
}

/** The English words of a text at a place, for n8n's own screens, which are English. */
export function writeEnglish(text: Text, place: Place): string {
	return writeAlone(text, 0, place);
}

function withinSentence(manner: Manner): Manner {
	return manner.startsSentence ? { ...manner, startsSentence: false } : manner;
}

function writeAlone(text: Text, language: Language, place: Place): string {
	const startsSentence = 'joined' in text && JOINTS[text.by].areSentences;
	const written = writeIn(text, { language, place, startsSentence });
	return written === '' ? '' : `${written}${fullStopOf(text)[language]}`;
}

function fullStopOf(text: Text): Message {
	if ('summed' in text) {
		return fullStopOf(text.summed);
	}
	return 'joined' in text ? ['', ''] : text.fullStop;
}

function writeIn(text: Text, manner: Manner): string {
	if ('summed' in text) {
		return writeIn(text.summed, manner.place === 'everything' ? { ...manner, place: 'hint' } : manner);
	}
	if ('joined' in text) {
		return writeJoined(text, manner);
	}
	return writeParts(partsOf(text.template[manner.language]), text.facts, manner);
}

function writeJoined({ joined, by }: JoinedTexts, manner: Manner): string {
	const { between, areSentences } = JOINTS[by];
	const laterManner = { ...manner, startsSentence: areSentences };
	const written: string[] = [];
	for (const text of joined) {
		const part = writeIn(text, written.length === 0 ? manner : laterManner);
		if (part !== '') {
			written.push(part);
		}
	}
	return written.join(between[manner.language]);
}

function writeParts(parts: readonly Part[], facts: Facts, manner: Manner): string {
	const { language, place } = manner;
	const laterManner = withinSentence(manner);
	let written = '';
	for (const part of parts) {
		const partManner = written === '' ? manner : laterManner;
		if (typeof part === 'string') {
			written += partManner.startsSentence && language === 0 ? capitalized(part) : part;
		} else if ('optional' in part) {
			const isComplete = part.optional.every((each) => {
				return typeof each === 'string' || 'optional' in each || isShown(facts[each.name], place);
			});
			written += isComplete ? writeParts(part.optional, facts, partManner) : '';
		} else {
			written += writeNamed(part, facts[part.name], partManner);
		}
	}
	return written;
}

/** n8n writes its name without a capital, even at the start of a sentence. */
const NAME_WITHOUT_CAPITAL = 'n8n';

function capitalized(words: string): string {
	return words.startsWith(NAME_WITHOUT_CAPITAL) ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

function writeNamed({ noun, singular, plural }: NamedFact, fact: Fact, manner: Manner): string {
	if (singular !== undefined) {
		return (fact === 1 ? singular : plural) ?? '';
	}
	if (noun !== undefined && typeof fact === 'number') {
		return counted(fact, noun);
	}
	return writeFact(fact, manner);
}

/** A fact in a template: `{name}`, `{name:noun}` or `{name|singular|plural}`. */
interface NamedFact {
	name: string;
	noun: string | undefined;
	singular: string | undefined;
	plural: string | undefined;
}

/** A part of a template. An optional one is between `{?` and `}`. */
type Part = string | NamedFact | { optional: readonly Part[] };

const FACT = /\{(\w+)(?::([\w ]+)|\|([^|{}]*)\|([^|{}]*))?\}/g;
const OPTIONAL = /\{\?((?:[^{}]|\{[^{}]*\})*)\}/g;

/** Each template is parsed once: a run that refuses 100,000 rows writes some templates 100,000 times. */
const partsOfTemplates = new Map<string, readonly Part[]>();

function partsOf(template: string): readonly Part[] {
	const parts = partsOfTemplates.get(template) ?? parseTemplate(template);
	partsOfTemplates.set(template, parts);
	return parts;
}

function parseTemplate(template: string): readonly Part[] {
	const parts: Part[] = [];
	let end = 0;
	for (const { 0: whole, 1: optional = '', index } of template.matchAll(OPTIONAL)) {
		parts.push(...factsIn(template.slice(end, index)), { optional: factsIn(optional) });
		end = index + whole.length;
	}
	parts.push(...factsIn(template.slice(end)));
	return parts;
}

function factsIn(text: string): Part[] {
	const parts: Part[] = [];
	let end = 0;
	for (const match of text.matchAll(FACT)) {
		const [whole, name = '', noun, singular, plural] = match;
		parts.push(text.slice(end, match.index), { name, noun, singular, plural });
		end = match.index + whole.length;
	}
	parts.push(text.slice(end));
	return parts;
}

function isShown(fact: Fact, place: Place): boolean {
	if (fact === undefined) {
		return false;
	}
	if (isList(fact)) {
		return fact.some((element) => isShown(element, place));
	}
	if (typeof fact === 'object' && 'words' in fact) {
		const { mark, words, instead } = fact;
		return words !== '' && (mark === undefined || SHOWN_MARKS[place].has(mark) || instead !== undefined);
	}
	return true;
}

function isList(fact: Fact): fact is readonly Fact[] {
	return Array.isArray(fact);
}

/** Replaces words that must not be shown. */
const HIDDEN = '…';

function writeFact(fact: Fact, manner: Manner): string {
	const { language, place } = manner;
	if (fact === undefined) {
		return '';
	}
	if (typeof fact === 'number') {
		return language === 0 ? fact.toLocaleString('en-US') : String(fact);
	}
	if (isList(fact)) {
		const laterManner = withinSentence(manner);
		const words = fact.map((element, index) => writeFact(element, index === 0 ? manner : laterManner));
		return language === 0 ? enumerate(words) : words.join('、');
	}
	if (!('words' in fact)) {
		return writeIn(fact, manner);
	}
	const { mark, words, instead } = fact;
	if (mark !== undefined && !SHOWN_MARKS[place].has(mark)) {
		return instead === undefined ? HIDDEN : writeIn(instead, manner);
	}
	if (typeof words === 'string') {
		return words;
	}
	return isMessage(words) ? words[language] : writeIn(words, manner);
}

/** @returns an enumeration: "CustomerId, DeviceId and ProductName" */
function enumerate(words: readonly string[]): string {
	const before = words.slice(0, -1).join(', ');
	return before === '' ? words.join() : `${before} and ${words.at(-1)}`;
}

function isMessage(words: Message | Text): words is Message {
	return Array.isArray(words);
}

/** Whether a fact is itself a quote from the rows, rather than a text that contains one. */
export function isQuoteOfRows(fact: Fact): boolean {
	return typeof fact === 'object' && 'words' in fact && fact.mark === 'rows';
}

/** Whether a text was made from this template. */
export function isOfTemplate(text: Text, template: Message): boolean {
	return 'template' in text && text.template === template;
}

/** Whether a text has a fact that consists of exactly these words of the node's own, such as a code. */
export function hasOwnWords(text: Text, words: string): boolean {
	if (!('facts' in text)) {
		return false;
	}
	return Object.values(text.facts).some((fact) => {
		return typeof fact === 'object' && 'words' in fact && fact.mark === undefined && fact.words === words;
	});
}

/** Where a run shows its texts, by the option 'Name Customers': the place of its report and messages, and the place of its hint. */
export function placesOf(namesCustomers: boolean): Record<'report' | 'hint', Place> {
	return namesCustomers ? { report: 'everything', hint: 'hint' } : { report: 'nameless', hint: 'nameless' };
}
