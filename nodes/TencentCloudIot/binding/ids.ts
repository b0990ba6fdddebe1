import { whyNoId, besidesPlaceholders, LONGEST_ID } from '../input/placeholder';
import { BROKEN, CONTROL, INVISIBLE, isExactInteger, MOST_DIGITS } from '../input/text';
import { because, type Why } from '../messages/findings';
import { whyLookAlike } from './lookAlikes';
import { forEachPausing, type Pausing } from './pausing';
import { halfWidth, phoneAsId } from './phone';

/** Which texts are ids of customers. */
export interface IdRules {
	/**
	 * What to do with an id that is not documented. The documentation allows letters, digits and _, at most 32 of them, for a
	 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and is silent about existing ones. Placeholders
	 * and ids that a spreadsheet damaged are refused either way.
	 */
	unusualCustomerIds: 'refuse' | 'allow';
	/** What to do with one that is a phone number as people write it, with spaces, dashes or +86. */
	phoneIds: 'digits' | 'refuse';
}

const DOCUMENTED = /^\w{1,32}$/;

/** Runs of one kind: characters of an id, or letters of a script without capitals, e.g. Han. Digits in circles are none. */
const RUN = /[\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+|[\p{Lo}\p{Lm}]+/gu;
/** One run of a script, which may have signs within. What stands before an equals sign or a colon is the name of the id. */
const ONE_RUN =
	/^(?:[\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+(?:[-.@+~$&#*!%^'][\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+)*|[\p{Lo}\p{Lm}]+)$/u;

/** A date such as 2024-01-31 is nobody's id, also where unusual ones are allowed. */
const DATE = /^(?:19|20)\d\d[-.](?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])$/;

/** The digits that a spreadsheet keeps, and the power of ten; a program may have put a prefix before them. */
const SCIENTIFIC = /(?<![\w.,])(?<prefix>\w*?)(?<digits>\d(?:[.,]\d+)?)[Ee]\+(?<power>\d+)(?!\w)/gu;

/** Most ids are this. */
const UNDAMAGED = /^[\w/-]+$/;

/** How a damaged id looks. */
const DAMAGES: ReadonlyArray<readonly [RegExp, Why['code']]> = [
	[/^.*?\d(?:[.,]\d+)?[Ee]\+\d+$/u, 'rounded'],
	[/^\d[.,]\d+[Ee]-\d+$|^\d+[.,]0+$|^\d{1,3}(?:,\d{3})+(?:\.0+)?$/, 'formatted'],
	[/^[=＝]/, 'formula'],
	[/^['"‘’“”`＇＂]|["“”＂]$/, 'quotes'],
	[/^[[{]\s*"/, 'jsonText'],
];

/** A text as the id that is meant: with 'digits' the spellings of a phone number are one id. */
export function normalizeCustomerId(text: string, { phoneIds }: IdRules): string {
	return (phoneIds === 'digits' ? phoneAsId(text) : undefined) ?? text;
}

/** Why a normalized text is no id of a customer, or undefined when it is one. */
export function checkCustomerId(id: string, { unusualCustomerIds }: IdRules): Why | undefined {
	const why = whyNoId(id);
	if (why !== undefined || DOCUMENTED.test(id)) {
		return why;
	}
	const damaged = whyDamaged(id);
	if (damaged !== undefined) {
		return damaged;
	}
	// As it is written it would be another customer than with the digits alone, also where unusual ids are allowed.
	if (phoneAsId(id) !== undefined) {
		return because('phoneSigns', undefined, 'digits');
	}
	const isOne = ONE_RUN.test(id);
	const lookAlike = whyLookAlike(id);
	if (lookAlike !== undefined) {
		return lookAlike;
	}
	if (!isOne) {
		const [sign = ''] = /[=:]/.exec(id) ?? /\W/u.exec(id) ?? [];
		return because('notAlone', { sign: signOf(sign) });
	}
	if (DATE.test(id)) {
		return because('date');
	}
	return unusualCustomerIds === 'allow' ? undefined : whyUnusual(id);
}

/** Why an id is not a documented one, which can be one where unusual ones are allowed. */
function whyUnusual(id: string): Why {
	const [sign] = /\W/u.exec(id) ?? [];
	if (sign === undefined) {
		return because('longId', { length: id.length }, 'allow');
	}
	return because('unusual', { sign: signOf(sign) }, 'allow');
}

/** Why a text is an id that a spreadsheet or an export damaged, or undefined. */
export function whyDamaged(text: string): Why | undefined {
	const code = UNDAMAGED.test(text) ? undefined : DAMAGES.find(([look]) => look.test(text))?.[1];
	return code && because(code);
}

/** A character that an id may not have, as it is named. */
export function signOf(text: string): Why {
	return /\s/.test(text) ? because('space') : because('sign', { text });
}

/**
 * An id that an unusable cell may stand for, or one that counts only if there is a customer of that id; where some of its
 * characters or digits are lost, every id to which `keyOf` gives the key.
 */
export type IdCandidate = { id: string } | { customersId: string } | LossyCandidate;

/** What several ids have in common after a loss. */
interface LossyCandidate {
	/** Candidates of the same form have the same `keyOf`. */
	form: string;
	keyOf: (id: string) => string | undefined;
	key: string;
	/** Whether some characters could not be decoded. Each such text is a form of its own. */
	isBroken?: boolean;
}

/** How deep an id is searched for in a cell that holds lists and objects, e.g. of a look-up field. */
export const DEEPEST = 3;

/** The most characters that a documented id can have lost: it has 32 at most (product 1465, pages 59062–59079). */
const MOST_LOST = 32;

/** A formula's equals sign and quotation marks around an id. */
const QUOTES = /^=?["'‘’“”`]+|(?<!["'‘’“”`])["'‘’“”`]+$/gu;
/** The most runs of a cell that are read, and that are an id together: those of a UUID. */
const MOST_RUNS = 16;
const MOST_TOGETHER = 5;
/** More than a number in JavaScript has. */
const MOST_DECIMALS = 20;

/** The ids that a cell may stand for, the likeliest first; none where it shows no id. */
export function idCandidatesOf(cell: unknown, depth = 0): IdCandidate[] {
	if (typeof cell === 'string') return candidatesOfText(cell.trim());
	if (isExactInteger(cell)) {
		return [{ id: String(cell) }];
	}
	if (typeof cell === 'number') {
		return Number.isInteger(cell) ? [roundedTo(cell, MOST_DECIMALS), truncatedTo(cell)] : [];
	}
	if (!isListOrRecord(cell) || depth === DEEPEST) return [];
	return Object.values(cell).flatMap((member) => idCandidatesOf(member, depth + 1));
}

/** The ids that could be parts of an unusual one, between signs within it: `A` and `B` of `A-B`. */
export function partsOf(id: string): readonly IdCandidate[] {
	if (DOCUMENTED.test(id)) return NONE;
	return [...new Set(readingsOf(id))].filter((part) => DOCUMENTED.test(part)).map((part) => ({ id: part }));
}
const NONE: readonly never[] = [];

/** The whole text, and every run of it that could be an id: the latter counts alone where the whole is none. */
function candidatesOfText(text: string): IdCandidate[] {
	// A control character may separate the id from something else, or two parts of the id.
	const controlled = text.replace(INVISIBLE, '').split(CONTROL);
	const whole = controlled.map((part) => part.trim()).join('');
	if (whole === '') return [];
	const parts = [...new Set([whole, text])].flatMap(besidesPlaceholders);
	const readings = parts.flatMap((part) => [part.replace(QUOTES, ''), ...readingsOf(part)]);
	const isBroken = BROKEN.test(whole);
	const lossy = isBroken
		? candidatesOfBroken(whole)
		: [...whole.matchAll(SCIENTIFIC)].slice(0, MOST_RUNS).map(candidateOfScientific);
	const isNone = isBroken || (whole.length <= LONGEST_ID && whyNoId(whole) !== undefined);
	if (isNone || lossy.length > 0) return [...lossy, ...ifKnown(readings)];
	const ids = new Set([phoneAsId(whole) ?? whole, whole, ...readings]);
	const isId = (id: string) => id.length <= LONGEST_ID && hasCharacters(id);
	return [...ids].filter(isId).map((id) => ({ id }));
}

/** What stands beside something that is no id counts only if there is a customer of that id. */
function ifKnown(texts: readonly string[]): IdCandidate[] {
	const ids = texts.flatMap((id) => [id, id.replace(/^_+|(?<!_)_+$/g, '')]).filter(hasCharacters);
	return [...new Set(ids)].map((customersId) => ({ customersId }));
}

function hasCharacters(text: string): boolean {
	return /[\p{L}\p{N}]/u.test(text);
}

/** Each run of a text, alone and with those that follow it: as it stands, without what is between them, as a phone number. */
function readingsOf(text: string): string[] {
	const plain = halfWidth(text);
	const runs = [...plain.matchAll(RUN)].slice(0, MOST_RUNS);
	const windows = runs.flatMap((first, from) =>
		runs.slice(from, from + MOST_TOGETHER).flatMap((last, more) => {
			const joined = runs.slice(from, from + more + 1).join('');
			const phone = phoneAsId(plain[first.index - 1] === '+' ? `+${joined}` : joined);
			return [joined, plain.slice(first.index, last.index + last[0].length), phone ?? joined];
		}),
	);
	return [...windows, runs.join('')];
}

/** Every number that is rounded to the same digits. */
function candidateOfScientific({ groups }: RegExpMatchArray): IdCandidate {
	const { prefix = '', power = '' } = groups!;
	const digits = groups!.digits!.replace(',', '.');
	const decimals = Math.min(Math.max(0, digits.length - 2), MOST_DECIMALS);
	return roundedTo(Number(`${digits}e${power}`), decimals, prefix);
}

function roundedTo(rounded: number, decimals: number, prefix = ''): IdCandidate {
	const keyOf = (id: string) => {
		const [number] = /(?<!\d)\d+$/.exec(id) ?? [];
		return number && `${id.slice(0, -number.length)}\n${Number(number).toExponential(decimals)}`;
	};
	return { form: `rounded-${decimals}`, keyOf, key: `${prefix}\n${rounded.toExponential(decimals)}` };
}

/** Every number of as many digits of which a workbook keeps the same first ones: it writes zeros for the others. */
function truncatedTo(number: number): IdCandidate {
	const kept = (digits: string) => `${digits.length} ${digits.slice(0, MOST_DIGITS)}`;
	const keyOf = (id: string) => {
		const digits = /^0*([1-9]\d*)$/.exec(id)?.[1];
		return digits && kept(digits);
	};
	return { form: 'truncated', keyOf, key: kept(BigInt(number).toString()) };
}

/** Broken characters before, within and after the readable parts of a text. */
const BROKEN_TEXT =
	/^(?<lead>[\p{Cs}\uFFFD]*)(?<first>[^\p{Cs}\uFFFD]+)(?:(?<gap>[\p{Cs}\uFFFD](?:.*[\p{Cs}\uFFFD])?)(?<last>[^\p{Cs}\uFFFD]+))?(?<tail>[\p{Cs}\uFFFD]*)$/su;

/** Each broken character stands for one that was lost, or for none. Of a gap only the length counts. */
function candidatesOfBroken(text: string): IdCandidate[] {
	const { lead = '', first = '', gap = '', last = '', tail = '' } = BROKEN_TEXT.exec(text)?.groups ?? {};
	const shortest = first.length + last.length;
	if (!hasCharacters(first + last) || text.length - shortest > MOST_LOST) return [];
	const isCandidate = (id: string): boolean => {
		for (let start = 0; start <= lead.length; start++) {
			if (!id.startsWith(first, start)) continue;
			const shortestEnd = Math.max(start + shortest, id.length - tail.length);
			for (let end = shortestEnd; end <= Math.min(start + shortest + gap.length, id.length); end++) {
				if (id.endsWith(last, end)) return true;
			}
		}
		return false;
	};
	const keyOf = (id: string) => (isCandidate(id) ? text : undefined);
	return [{ form: `broken ${text}`, keyOf, key: text, isBroken: true }];
}

/** Not a date or an instance of another class. */
function isListOrRecord(cell: unknown): cell is object {
	if (typeof cell !== 'object' || cell === null) return false;
	const prototype: unknown = Object.getPrototypeOf(cell);
	return Array.isArray(cell) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Lossy candidates of one form: what is asked for, and the owners that were found. */
interface FormIndex<Owner> {
	keyOf: LossyCandidate['keyOf'];
	wanted: Set<string>;
	owners: Map<string, Set<Owner>>;
}

/**
 * Finds the owners of id candidates. For each form of lossy candidates one pass over all ids keeps only the keys that are
 * asked for: an index of all ids for each form would fill the memory. First `want`, then `lookUp`, then `find`.
 */
export class OwnerIndex<Owner> {
	readonly #byId: ReadonlyMap<string, Owner>;
	readonly #byForm = new Map<string, FormIndex<Owner>>();
	/** The owner of an id as a set, one for all who ask. */
	readonly #ofId = new Map<string, ReadonlySet<Owner>>();

	constructor(byId: ReadonlyMap<string, Owner>) {
		this.#byId = byId;
	}

	/** Learns what `find` will be asked for. */
	want(candidates: readonly IdCandidate[]): void {
		for (const candidate of candidates) {
			if ('form' in candidate) {
				const { form, keyOf, key } = candidate;
				const index = this.#byForm.get(form) ?? { keyOf, wanted: new Set(), owners: new Map() };
				index.wanted.add(key);
				this.#byForm.set(form, index);
			}
		}
	}

	/** Looks up the owners of all that is wanted. */
	*lookUp(): Pausing {
		for (const { keyOf, wanted, owners } of this.#byForm.values()) {
			yield* forEachPausing(this.#byId, ([id, owner]) => {
				const key = keyOf(id);
				if (key === undefined || !wanted.has(key)) {
					return;
				}
				const found = owners.get(key);
				if (found === undefined) {
					owners.set(key, new Set([owner]));
				} else {
					found.add(owner);
				}
			});
		}
	}

	/** The set of owners of each candidate that has any; equal candidates share one set. */
	find(candidates: readonly IdCandidate[]): Array<ReadonlySet<Owner>> {
		return candidates.flatMap((candidate) => this.#ownersOf(candidate) ?? []);
	}

	#ownersOf(candidate: IdCandidate): ReadonlySet<Owner> | undefined {
		if ('form' in candidate) {
			return this.#byForm.get(candidate.form)?.owners.get(candidate.key);
		}
		const id = 'id' in candidate ? candidate.id : candidate.customersId;
		const shared = this.#ofId.get(id);
		const owner = this.#byId.get(id);
		if (shared !== undefined || owner === undefined) {
			return shared;
		}
		const owners = new Set([owner]);
		this.#ofId.set(id, owners);
		return owners;
	}
}
