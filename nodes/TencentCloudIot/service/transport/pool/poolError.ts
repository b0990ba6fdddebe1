import type { TransportErrorKind } from '../../transportError';
import { systemErrorKind } from '../systemError';

/** undici's own errors, by "code message": the first row whose pattern matches gives the kind. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: TransportErrorKind]> = [
	[/^UND_ERR_CONNECT_TIMEOUT/, 'UNREACHABLE'],
	[/^UND_ERR_PRX_TLS/, 'TLS_NOT_TRUSTED'],
	[/^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)/, 'RESPONSE_TIMEOUT'],
	[/^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE)/, 'RESPONSE_TOO_LARGE'],
	// These have no distinct code.
	[/ Proxy response \(407\)/, 'PROXY_LOGIN'],
	[/ Proxy response \(/, 'PROXY_REFUSED'],
	[/ Response does not match the HTTP/, 'NOT_HTTP'],
];

/** The kind of an error of undici or of its socket. The error's message may hold addresses and is shown nowhere. */
export function poolErrorKind(error: Error & { code?: unknown }): TransportErrorKind {
	const code = typeof error.code === 'string' ? error.code : '';
	const text = `${code} ${error.message}`;
	return systemErrorKind(code) ?? KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'CONNECTION_RESET';
}
