import type { TransportErrorKind } from '../outcome';

/** Node's own error codes: the first row whose pattern matches gives the kind. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: TransportErrorKind]> = [
	[/^ENOTFOUND/, 'DNS_NOT_FOUND'],
	[/^EAI_/, 'DNS_UNAVAILABLE'],
	[/^ECONNREFUSED/, 'CONNECTION_REFUSED'],
	[/^(ETIMEDOUT|EHOST|ENET)/, 'UNREACHABLE'],
	// The server's alert about the client's certificate; our own checks of the server's have other codes.
	[/^ERR_SSL_[A-Z0-9/]+_ALERT_(\w+_)?CERTIFICATE/, 'CLIENT_CERTIFICATE'],
	[/^(\w*CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH)/, 'TLS_NOT_TRUSTED'],
	[/^(EPROTO|ERR_SSL|ERR_TLS)/, 'NO_TLS'],
	[/^HPE_HEADER_OVERFLOW/, 'RESPONSE_TOO_LARGE'],
	[/^HPE_INVALID_EOF/, 'CONNECTION_RESET'],
	[/^HPE_/, 'NOT_HTTP'],
];

/** The kind of an error code of Node's network layer, e.g. of `ECONNREFUSED`; undefined for any other. */
export function systemErrorKind(errorCode: string): TransportErrorKind | undefined {
	return KINDS.find(([pattern]) => pattern.test(errorCode))?.[1];
}
