import type { FaultKind } from '../../fault';
import { systemFaultKind } from '../systemFault';

/** undici's own errors, by "code message": the first row whose pattern fits says what the fault is. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: FaultKind]> = [
	[/^UND_ERR_CONNECT_TIMEOUT/, 'UNREACHABLE'],
	[/^UND_ERR_PRX_TLS/, 'TLS_NOT_TRUSTED'],
	[/^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)/, 'ANSWER_TIMEOUT'],
	[/^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE)/, 'ANSWER_TOO_LARGE'],
	// These have no code that tells them apart.
	[/ Proxy response \(407\)/, 'PROXY_LOGIN'],
	[/ Proxy response \(/, 'PROXY_REFUSED'],
	[/ Response does not match the HTTP/, 'NOT_HTTP'],
];

/** What an error of undici, or of the socket below it, means. Its message may hold addresses and goes nowhere else. */
export function poolFaultKind(error: Error & { code?: unknown }): FaultKind {
	const code = typeof error.code === 'string' ? error.code : '';
	const text = `${code} ${error.message}`;
	return systemFaultKind(code) ?? KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'CONNECTION_RESET';
}
