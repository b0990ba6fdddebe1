import type { Message } from '../../nodes/TencentCloudIot/messages/message';
import {
	ours,
	type Place,
	say,
	sayReason,
	type Text,
	withoutFullStop,
	write,
} from '../../nodes/TencentCloudIot/messages/text';
import type { Failure, Outcome, RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';

const WORDS = say('{words}', '{words}');

/** A text without facts, the same in both languages unless a test says otherwise. */
export function textOf(english: string, chinese = english): Text {
	return WORDS({ words: ours([english, chinese]) });
}

const SENTENCE = sayReason('{words}', '{words}');

/** A reason without facts, the same in both languages unless a test says otherwise. */
export function reasonOf(english: string, chinese = english): Text {
	return SENTENCE({ words: ours([withoutFullStop(english), chinese]) });
}

/** The members of a failure that a test sets. */
export interface FailureChanges extends Omit<Partial<RequestFailure>, 'reason' | 'advice'> {
	reason?: string | Text;
	advice?: string | Text;
}

/** A failure of a request, with default values for everything that a test does not set. */
export function failureWith({ reason, advice, ...facts }: FailureChanges = {}): RequestFailure {
	return {
		outcome: 'UNKNOWN',
		code: 'CODE',
		reason: typeof reason === 'string' ? reasonOf(reason) : (reason ?? reasonOf('Reason.', '原因')),
		advice: typeof advice === 'string' ? textOf(advice) : (advice ?? textOf('Advice', '建议')),
		retry: 'transient',
		scope: 'call',
		...facts,
	};
}

/** The texts of a failure as they are shown at a place: `{ reason, reasonZh, advice, adviceZh }`. */
export function wordsOf({ reason, advice }: Pick<Failure, 'reason' | 'advice'>, place: Place = 'everything') {
	const [english, chinese]: Message = write(reason, place);
	const [todo, todoZh]: Message = write(advice, place);
	return { reason: english, reasonZh: chinese, advice: todo, adviceZh: todoZh };
}

/** The failure of an outcome. Throws if the outcome is OK. */
export function failureOf<Failed extends Failure>(
	outcome: Extract<Outcome, { outcome: 'OK' }> | Failed,
): Failed {
	if (outcome.outcome === 'OK') {
		throw new Error('This outcome is OK.');
	}
	return outcome;
}
