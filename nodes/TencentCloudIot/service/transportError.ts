import { notSent, type RequestFailure } from './outcome';

/** A request without a complete response. */
export interface TransportError {
	kind: TransportErrorKind;
	/** False when no byte of the request was written, which proves that nothing was applied. */
	written: boolean;
}

/** A retry can help. */
const mayRetry = { retry: 'transient', scope: 'call' } as const;
/** A retry cannot help this call; other calls may succeed. */
const failsCall = { retry: 'never', scope: 'call' } as const;
/** Every other request would fail in the same way. */
const failsRun = { retry: 'never', scope: 'run' } as const;

const CLASSES = {
	RESPONSE_TIMEOUT: mayRetry,
	RESPONSE_TOO_LARGE: failsCall,
	CANCELLED: failsRun,
	CLIENT_CERTIFICATE: failsRun,
	CONNECTION_REFUSED: mayRetry,
	CONNECTION_RESET: mayRetry,
	DNS_NOT_FOUND: failsRun,
	DNS_UNAVAILABLE: mayRetry,
	NOT_HTTP: failsCall,
	NO_TLS: failsRun,
	PROXY_LOGIN: failsRun,
	PROXY_REFUSED: mayRetry,
	TLS_NOT_TRUSTED: failsRun,
	UNREACHABLE: mayRetry,
};

/** Why no complete response arrived; also the code of the outcome. */
export type TransportErrorKind = keyof typeof CLASSES;

/** Classifies a transport error: `NOT_SENT` when provably no byte was written, `UNKNOWN` otherwise. */
export function classifyTransportError({ kind, written }: TransportError): RequestFailure {
	return { ...notSent(kind), ...CLASSES[kind], outcome: written ? 'UNKNOWN' : 'NOT_SENT' };
}

/** The failure of a call whose execution was cancelled before a request was made. */
export const CANCELLED = classifyTransportError({ kind: 'CANCELLED', written: false });
