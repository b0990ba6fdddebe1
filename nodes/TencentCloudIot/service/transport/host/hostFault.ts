import type { Fault, FaultKind } from '../../fault';
import { systemFaultKind } from '../systemFault';

/** The host's own codes for a request that took too long. */
const TOO_LATE = /^(ECONNABORTED|ERR_CANCELED)$/;

/** Faults of finding the host or its certificate: no byte of a request leaves before these are over. */
const BEFORE_WRITING: ReadonlySet<FaultKind> = new Set([
	'CONNECTION_REFUSED',
	'DNS_NOT_FOUND',
	'DNS_UNAVAILABLE',
	'TLS_NOT_TRUSTED',
]);

/**
 * What an error of the host's request function means. It tells nothing of the bytes that were written, so that only
 * what can happen before the first one proves that nothing was sent.
 */
export function hostFault(error: unknown): Fault {
	const code = memberOf(error, 'code');
	const kind = TOO_LATE.test(code) ? 'ANSWER_TIMEOUT' : (systemFaultKind(code) ?? 'CONNECTION_RESET');
	// The same code is that of a connection which went silent while it was used.
	const isConnecting = kind === 'UNREACHABLE' && memberOf(error, 'syscall') === 'connect';
	return { kind, written: !BEFORE_WRITING.has(kind) && !isConnecting };
}

/** A member of the error, or else of what caused it. */
function memberOf(error: unknown, name: 'code' | 'syscall'): string {
	if (typeof error !== 'object' || error === null) return '';
	const value: unknown = name in error ? (error as Record<typeof name, unknown>)[name] : undefined;
	if (typeof value === 'string') return value;
	return 'cause' in error ? memberOf(error.cause, name) : '';
}
