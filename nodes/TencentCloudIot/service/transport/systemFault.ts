import type { FaultKind } from '../fault';

/** Node's own error codes: the first row whose pattern fits says what the fault is. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: FaultKind]> = [
	[/^ENOTFOUND/, 'DNS_NOT_FOUND'],
	[/^EAI_/, 'DNS_UNAVAILABLE'],
	[/^ECONNREFUSED/, 'CONNECTION_REFUSED'],
	[/^(ETIMEDOUT|EHOST|ENET)/, 'UNREACHABLE'],
	[/^(\w*CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH)/, 'TLS_NOT_TRUSTED'],
	[/^(EPROTO|ERR_SSL|ERR_TLS)/, 'NO_TLS'],
	[/^HPE_HEADER_OVERFLOW/, 'ANSWER_TOO_LARGE'],
	[/^HPE_INVALID_EOF/, 'CONNECTION_RESET'],
	[/^HPE_/, 'NOT_HTTP'],
];

/** What a code of Node's network layer means; undefined for any other. */
export function systemFaultKind(errorCode: string): FaultKind | undefined {
	return KINDS.find(([pattern]) => pattern.test(errorCode))?.[1];
}
