import type { RefusalCause, WrittenResponse } from '../habits.mts';
import { isObject } from '../parameters.mts';
import type { ServiceError } from '../refusal.mts';
import type { Exchange } from './transcript.mts';

const REQUEST_ID = '{RequestId}';
const RECORDS = ['Customers', 'Orders', 'Devices', 'Total'];

/** A refusal for each cause that occurred. */
export type Samples = Readonly<Partial<Record<RefusalCause, Exchange | undefined>>>;

/** Whether a response has the records of a list. */
export function isSuccess({ response }: Exchange): boolean {
	return pathToRecords(response?.body) !== undefined;
}

/** Writes success responses in the form of this one. */
export function writeLike({ response }: Exchange): (requestId: string, result: object) => string {
	const path = pathToRecords(response?.body) ?? [];
	return (requestId, result) => withRequestId(replaced(response?.body, path, result), requestId);
}

/** Writes refusals in the form of the received ones with the same cause, or of any if there is none. */
export function writeFailuresLike(
	samples: Samples,
	any: Exchange,
): (requestId: string, error: ServiceError, cause: RefusalCause) => WrittenResponse {
	return (requestId, error, cause) => {
		const sample = samples[cause];
		const { status = 200, body } = (sample ?? any).response ?? {};
		const named = /: (\w+)$/.exec(error.Message)?.[1];
		const text = withRequestId(sample === undefined ? withError(body, error) : body, requestId);
		const isOwn = cause === 'missing' && sample !== undefined && named !== undefined;
		return { status, body: isOwn ? text.replaceAll('ProductId', named) : text };
	};
}

/** The body as text, with this RequestId wherever the service repeated the request's. */
export function withRequestId(body: unknown, requestId: string): string {
	return JSON.stringify(body).replaceAll(REQUEST_ID, JSON.stringify(requestId).slice(1, -1));
}

/** The names that lead to the object with the records. */
function pathToRecords(body: unknown): string[] | undefined {
	if (!isObject(body)) {
		return undefined;
	}
	if (RECORDS.some((name) => Object.hasOwn(body, name))) {
		return [];
	}
	for (const [name, member] of Object.entries(body)) {
		const path = pathToRecords(member);
		if (path !== undefined) {
			return [name, ...path];
		}
	}
	return undefined;
}

function replaced(body: unknown, [next, ...further]: readonly string[], result: object): object {
	const members = isObject(body) ? body : {};
	if (next !== undefined) {
		return { ...members, [next]: replaced(members[next], further, result) };
	}
	const kept = Object.entries(members).filter(([name]) => !RECORDS.includes(name));
	return { ...Object.fromEntries(kept), ...result };
}

/** The body of a refusal with the texts of another error. */
function withError(body: unknown, error: ServiceError): unknown {
	if (!isObject(body)) {
		return body;
	}
	return Object.fromEntries(
		Object.entries(body).map(([name, member]) => {
			if (typeof member !== 'string') {
				return [name, withError(member, error)];
			}
			if (/^code$/i.test(name)) {
				return [name, error.Code];
			}
			return [name, /^(message|msg)$/i.test(name) ? error.Message : member];
		}),
	);
}
