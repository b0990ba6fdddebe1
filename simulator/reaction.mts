import type { Envelope } from './envelope.mts';
import { failureBody } from './envelope.mts';
import type { Fault } from './faults.mts';
import type { RateLimit } from './options.mts';

/** What happens on the connection once a request was handled and `until` has settled. */
export type Reaction = (HttpReply | { readonly kind: 'reset' | 'silence' }) & {
	readonly until?: Promise<unknown>;
};

/** An HTTP response. */
export interface HttpReply {
	readonly kind: 'answer';
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

/** A response of the service itself: always HTTP 200. */
export function serviceReply(body: string | Uint8Array): HttpReply {
	return {
		kind: 'answer',
		status: 200,
		headers: { 'content-type': 'application/json; charset=utf-8' },
		body,
	};
}

/** The response of the gateway in front of the service to a request above the rate limit. */
export function tooManyRequests({ retryAfter }: RateLimit): HttpReply {
	const headers = retryAfter === undefined ? undefined : { 'retry-after': retryAfter };
	return plainReply(429, headers, 'Too Many Requests');
}

/** What a fault does instead of the usual response. */
export function reactionTo(
	fault: Exclude<Fault, { kind: 'late' }>,
	envelope: Envelope,
	requestId: string,
): Reaction {
	switch (fault.kind) {
		case 'reset':
		case 'applyThenReset':
			return { kind: 'reset' };
		case 'silence':
			return { kind: 'silence' };
		case 'status':
			return plainReply(fault.status, fault.headers, fault.body);
		case 'error':
			return serviceReply(failureBody(envelope, requestId, { Code: fault.Code, Message: fault.Message }));
		case 'body':
			return serviceReply(fault.body);
	}
}

function plainReply(
	status: number,
	headers: HttpReply['headers'] = {},
	body: HttpReply['body'] = '',
): HttpReply {
	return { kind: 'answer', status, headers, body };
}
