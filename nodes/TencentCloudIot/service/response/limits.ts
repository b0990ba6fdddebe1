import type { OwnCode } from '../codes';
import type { JsonFacts } from './exactJson';

/** The deepest accepted nesting; this service's responses are five levels deep. */
const MAX_DEPTH = 1_000;

/** The most accepted members and elements; the longest page, 100 records, has some thousand. */
const MAX_VALUES = 50_000;

/** Why a response is not parsed. */
export interface Excess {
	code: OwnCode & ('RESPONSE_TOO_DEEP' | 'RESPONSE_TOO_LARGE');
	/** One sentence. */
	reason: string;
}

/** Why a response would cost more to parse than any of this service; undefined when it would not. */
export function excessOf({ depth, values }: JsonFacts): Excess | undefined {
	if (depth > MAX_DEPTH) {
		const levels = MAX_DEPTH.toLocaleString('en-US');
		const reason = `The response was nested more than ${levels} levels deep, more than this service ever sends.`;
		return { code: 'RESPONSE_TOO_DEEP', reason };
	}
	if (values <= MAX_VALUES) return undefined;
	const most = MAX_VALUES.toLocaleString('en-US');
	return {
		code: 'RESPONSE_TOO_LARGE',
		reason: `The response had more than ${most} values, more than this service ever sends.`,
	};
}
