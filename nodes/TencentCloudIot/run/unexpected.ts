import { notSent, type Failure } from '../service/outcome';
import { sanitizeServerText } from '../service/response/serverText';
import type { Progress } from './run';

/** A cause that no one foresaw: once requests are in flight, nothing is known to be stored, nor not to be. */
export function unexpected(cause: unknown, { isSending }: Progress): Failure {
	const text = cause instanceof Error ? cause.message : 'no reason was given';
	const advice = `Report this to the node's authors: ${sanitizeServerText(text)}`;
	const failure = notSent('UNEXPECTED', 'Unexpected error in the node.', advice);
	return isSending ? { ...failure, outcome: 'UNKNOWN' } : failure;
}
