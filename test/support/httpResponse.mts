import type { Failure, ResponseData } from '../../nodes/TencentCloudIot/service/outcome';
import { classifyResponse, type Expected } from '../../nodes/TencentCloudIot/service/response/classify';
import type { HttpResponse } from '../../nodes/TencentCloudIot/service/response/httpResponse';
import { failureOf } from './failures.mts';

/** When the responses of these tests arrived. Unix milliseconds. */
export const RECEIVED_AT_MS = Date.UTC(2024, 1, 29, 12, 0, 0);

/** An HTTP response as the client returns it. A body that is not bytes is encoded as its text, or as JSON. */
export function httpAnswer(
	body: unknown,
	{ status = 200, ...headers }: Partial<Omit<HttpResponse, 'body'>> = {},
): HttpResponse {
	return {
		status,
		body: toBytes(body),
		contentType: 'application/json',
		date: '',
		age: '',
		retryAfter: '',
		receivedAtMs: RECEIVED_AT_MS,
		...headers,
	};
}

export function toBytes(body: unknown): Buffer {
	if (body instanceof Uint8Array) {
		return Buffer.from(body);
	}
	return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The RequestId of all requests in these tests. */
export const REQUEST_ID = 'request-1';

/** Their Signature, from the vectors. */
export const SIGNATURE = 'P206d+JzP37FLKBDkD689wqnl4k=';

/** What the response to such a request has to prove. */
export function asked(isDone: (data: ResponseData) => boolean): Expected {
	return { requestId: REQUEST_ID, signature: SIGNATURE, isDone, reads: ['Status', 'RequestId'] };
}

/** A push is done when Status is OK. */
export const pushed = asked(({ Status }) => Status === 'OK');

/** How the node classifies a refusal. */
export function refusedBy(...args: Parameters<typeof refusal>): Failure {
	return failureOf(classifyResponse(httpAnswer(refusal(...args)), pushed));
}

/** A refusal in the documented envelope. */
export function refusal(Code: string, Message = 'Message'): object {
	return { Response: { Error: { Code, Message }, RequestId: REQUEST_ID } };
}
