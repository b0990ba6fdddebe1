import type { TransportError, TransportErrorKind } from '../../transportError';
import { systemErrorKind } from '../systemError';

/** The host's own codes for a timeout. */
const TIMEOUT_CODE = /^(ECONNABORTED|ERR_CANCELED)$/;

/** Errors of name lookup, connect and certificate: they occur before any byte of a request is written. */
const BEFORE_WRITING: ReadonlySet<TransportErrorKind> = new Set([
	'CONNECTION_REFUSED',
	'DNS_NOT_FOUND',
	'DNS_UNAVAILABLE',
	'TLS_NOT_TRUSTED',
]);

/**
 * Classifies an error of the host's request function. The error does not show which bytes were written, so only an error
 * that occurs before the first byte proves that nothing was sent.
 */
export function hostError(error: unknown): TransportError {
	const code = memberOf(error, 'code');
	const kind = TIMEOUT_CODE.test(code) ? 'RESPONSE_TIMEOUT' : (systemErrorKind(code) ?? 'CONNECTION_RESET');
	// An open connection that went silent has the same code.
	const isConnecting = kind === 'UNREACHABLE' && memberOf(error, 'syscall') === 'connect';
	return { kind, written: !BEFORE_WRITING.has(kind) && !isConnecting };
}

/** A member of the error, or else of its cause. */
function memberOf(error: unknown, name: 'code' | 'syscall'): string {
	if (typeof error !== 'object' || error === null) return '';
	const value: unknown = name in error ? (error as Record<typeof name, unknown>)[name] : undefined;
	if (typeof value === 'string') return value;
	return 'cause' in error ? memberOf(error.cause, name) : '';
}
