import { whyNotId } from '../input/placeholder';
import { because, quotedCharacter, type Why } from '../messages/findings';
import { whyLookAlike } from './lookAlikes';
import { phoneNumbers } from './phone';
import { ofRows } from '../messages/text';

/** The options that decide which texts can be CustomerIds. */
export interface IdRules {
	/**
	 * What to do with an id that is not documented. The documentation allows letters, digits and _, at most 32 of them, for a
	 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and is silent about existing customers. Placeholders
	 * and ids that a spreadsheet damaged are refused either way.
	 */
	unusualCustomerIds: 'refuse' | 'allow';
	/** What to do with an id that is a phone number with spaces, dashes or +86: use its digits alone, or refuse it. */
	phoneIds: 'digits' | 'refuse';
}

const DOCUMENTED_ID = /^\w{1,32}$/;

/**
 * One word. In a script with capitals it has letters, digits, and signs between them; in a script without capitals, e.g. Han, only letters. The
 * equals sign and the colon are not among the signs, because they separate the name of an id from the id, as in `id=7`.
 */
const SINGLE_WORD =
	/^(?:[\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+(?:[-.@+~$&#*!%^'][\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+)*|[\p{Lo}\p{Lm}]+)$/u;

/**
 * A date is nobody's id, even if unusual ids are allowed. The second and the third form are those that Excel makes of ids such as `1-31`.
 * A form with a number for the month and the year at its end is no date here: `12-2-2001` is the number of a flat.
 */
const DATES: readonly RegExp[] = [
	/^(?:19|20)\d\d[-.](?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])$/,
	/^(?:0?[1-9]|[12]\d|3[01])-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:-\d\d(?:\d\d)?)?$/,
	/^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d\d$/,
];

/** Matches most ids. An id of only these characters matches no pattern of `DAMAGES`, and needs no further check. */
const UNDAMAGED = /^[\w/-]+$/;

/** Patterns of ids that a spreadsheet or an export has damaged, each with the code of the finding. */
const DAMAGES: ReadonlyArray<readonly [RegExp, Why['code']]> = [
	[/^.*?\d(?:[.,]\d+)?[Ee]\+\d+$|^\d[.,]\d+[Ee]\d+$/u, 'rounded'],
	[/^\d[.,]\d+[Ee]-\d+$|^\d+[.,]0+$|^\d{1,3}(?:,\d{3})+(?:\.0+)?$/, 'formatted'],
	[/^[=＝]/, 'formula'],
	[/^['"‘’“”`＇＂]|["“”＂]$/, 'quotes'],
	[/^[[{]\s*"/, 'jsonText'],
];

/** The id that a text means. If `phoneIds` is `digits`, all spellings of a phone number give the same id. */
export function normalizeCustomerId(text: string, { phoneIds }: IdRules): string {
	return (phoneIds === 'digits' ? phoneNumbers.idOf(text) : undefined) ?? text;
}

/** Why a normalized text is not the id of a customer, or undefined when it is one. */
export function checkCustomerId(id: string, { unusualCustomerIds }: IdRules): Why | undefined {
	const why = whyNotId(id);
	if (why !== undefined || DOCUMENTED_ID.test(id)) {
		return why;
	}
	const damage = whyDamaged(id);
	if (damage !== undefined) {
		return damage;
	}
	// A phone number with signs is refused even if unusual ids are allowed: the same number without signs would be another customer.
	const phoneDigits = phoneNumbers.idOf(id);
	if (phoneDigits !== undefined) {
		return because('phoneSigns', { digits: ofRows(phoneDigits) }, 'digits');
	}
	const isSingleWord = SINGLE_WORD.test(id);
	const lookAlike = whyLookAlike(id);
	if (lookAlike !== undefined) {
		return lookAlike;
	}
	if (!isSingleWord) {
		return because('notAlone', { character: quotedCharacter(separatorIn(id)) });
	}
	if (DATES.some((pattern) => pattern.test(id))) {
		return because('date');
	}
	return unusualCustomerIds === 'allow' ? undefined : whyUnusual(id);
}

/**
 * The character that makes a text more than one word: in `T-0041 (old)` the space, since an id may have the dash; in `12.5%` the sign at the
 * end, since a sign may only be between letters or digits.
 */
function separatorIn(text: string): string {
	const labelEnd = /[=:]/.exec(text);
	const neverInWord = /[^\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_\-.@+~$&#*!%^']/u.exec(text);
	const misplacedSign = /^[-.@+~$&#*!%^']|[-.@+~$&#*!%^'](?=[-.@+~$&#*!%^']|$)/.exec(text);
	const [character = ''] = labelEnd ?? neverInWord ?? misplacedSign ?? [];
	return character;
}

/** Why an undocumented CustomerId is refused. The finding advises the user to allow unusual ids, which would make it usable. */
function whyUnusual(customerId: string): Why {
	const [character] = /\W/u.exec(customerId) ?? [];
	if (character === undefined) {
		return because('longId', { length: customerId.length }, 'allow');
	}
	return because('unusual', { character: quotedCharacter(character) }, 'allow');
}

/** How a spreadsheet or an export has damaged an id, or undefined if it has not. */
export function whyDamaged(text: string): Why | undefined {
	const code = UNDAMAGED.test(text) ? undefined : DAMAGES.find(([pattern]) => pattern.test(text))?.[1];
	return code && because(code);
}
