import { whyNoId } from '../input/placeholder';
import { because, signOf, type Why } from '../messages/findings';
import { whyLookAlike } from './lookAlikes';
import { phoneAsId } from './phone';
import { ofRows } from '../messages/text';

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

/** A single word of one script, which may have signs within. What stands before an equals sign or a colon is the name of the id. */
const SINGLE_WORD =
	/^(?:[\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+(?:[-.@+~$&#*!%^'][\p{Lu}\p{Ll}\p{Lt}\p{M}\p{Nd}_]+)*|[\p{Lo}\p{Lm}]+)$/u;

/** A date such as 2024-01-31 is nobody's id, also where unusual ones are allowed. */
const DATE = /^(?:19|20)\d\d[-.](?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])$/;

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
	const digits = phoneAsId(id);
	if (digits !== undefined) {
		return because('phoneSigns', { digits: ofRows(digits) }, 'digits');
	}
	const isSingleWord = SINGLE_WORD.test(id);
	const lookAlike = whyLookAlike(id);
	if (lookAlike !== undefined) {
		return lookAlike;
	}
	if (!isSingleWord) {
		return because('notAlone', { sign: signOf(separatorIn(id)) });
	}
	if (DATE.test(id)) {
		return because('date');
	}
	return unusualCustomerIds === 'allow' ? undefined : whyUnusual(id);
}

/** The sign by which a text is more than one run: of `T-0041 (old)` the space, as an id may have the dash. */
function separatorIn(text: string): string {
	const [sign = ''] = /[=:]/.exec(text) ?? /[^\w\-.@+~$&#*!%^']/u.exec(text) ?? /\W/u.exec(text) ?? [];
	return sign;
}

/** Why an id that is not as documented is refused. It can be used where unusual ids are allowed. */
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
