import type { OwnCode } from '../codes';
import type { JsonFacts } from './exactJson';

/** So many lists and objects may lie in each other: those of this service are five deep. */
const MOST_LEVELS = 1_000;

/** So many members and elements may there be: the longest page, 100 records, has some thousand. */
const MOST_VALUES = 50_000;

/** Why JSON is not read at all. */
export interface Excess {
	code: OwnCode & ('ANSWER_TOO_DEEP' | 'ANSWER_TOO_LARGE');
	/** One sentence. */
	reason: string;
}

/** Why JSON costs more to read than anything of this service, or undefined where it does not. */
export function excessOf({ depth, values }: JsonFacts): Excess | undefined {
	if (depth > MOST_LEVELS) {
		const levels = MOST_LEVELS.toLocaleString('en-US');
		const reason = `The answer was nested more than ${levels} levels deep, which none of this service is.`;
		return { code: 'ANSWER_TOO_DEEP', reason };
	}
	if (values <= MOST_VALUES) return undefined;
	const most = MOST_VALUES.toLocaleString('en-US');
	return {
		code: 'ANSWER_TOO_LARGE',
		reason: `The answer had more than ${most} values, which none of this service has.`,
	};
}
