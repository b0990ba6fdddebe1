import type { ResultFields } from './action.mts';
import type { ServiceError } from './refusal.mts';

/**
 * The envelopes seen around the gateway's responses.
 *
 * - `response`: `{"Response":{…}}`, as documented for ServiceBindDevice
 * - `outer`: `{"code":0,"msg":"","data":{…}}`; on failure `code` and `msg` name the error, as `data.Error` does
 * - `bare`: the fields with no wrapper
 */
export type Envelope = (typeof envelopes)[number];

export const envelopes = ['response', 'outer', 'bare'] as const;

/** The response body for a request that was carried out. */
export function successBody(envelope: Envelope, RequestId: string, result: ResultFields): string {
	return JSON.stringify(wrap(envelope, { RequestId, ...result }));
}

/** The response body for a request that was refused. */
export function failureBody(envelope: Envelope, RequestId: string, Error: ServiceError): string {
	return JSON.stringify(wrap(envelope, { Error, RequestId }, Error));
}

function wrap(envelope: Envelope, fields: object, error?: ServiceError): object {
	switch (envelope) {
		case 'response':
			return { Response: fields };
		case 'outer':
			return { code: error?.Code ?? 0, msg: error?.Message ?? '', data: fields };
		case 'bare':
			return fields;
	}
}
