import type { OwnCode } from '../codes';
import type { Failure } from '../outcome';
import { CHECK_ENDPOINT, SERVER_ERROR, THROTTLED } from './serviceError';

/** HTTP defines no 4xx status beyond it; proxies use e.g. 499 for clients that closed the connection. */
const LAST_REFUSING_STATUS = 451;

const SEND_LESS =
	'The request was too large: send fewer devices or shorter texts in it, or have the limit of the endpoint raised';

/** 301, 302, 307 and 308 mean that the request belongs elsewhere; with the others it may have been applied. */
export function classifyRedirect(status: number): Failure {
	const reason = 'The endpoint redirects elsewhere; requests are never forwarded.';
	const failure = httpFailure('REDIRECT', reason, 'run');
	return [301, 302, 307, 308].includes(status) ? failure : { ...failure, outcome: 'UNKNOWN' };
}

/** Classifies a status other than 2xx and 3xx without a response of the service. */
export function classifyStatus(status: number): Failure {
	const code = `HTTP_${status}` as const;
	const reason = `The endpoint responded with HTTP status ${status}.`;
	if (status === 429) return { ...THROTTLED, code, reason };
	const isRefusal = status >= 400 && status <= LAST_REFUSING_STATUS && status !== 408;
	if (!isRefusal) return { ...SERVER_ERROR, code, reason };
	const failure = httpFailure(code, reason, status === 401 ? 'run' : 'call');
	return status === 413 ? { ...failure, advice: SEND_LESS } : failure;
}

function httpFailure(code: OwnCode | `HTTP_${number}`, reason: string, scope: Failure['scope']): Failure {
	return { outcome: 'REFUSED', code, reason, advice: CHECK_ENDPOINT, retry: 'never', scope };
}
