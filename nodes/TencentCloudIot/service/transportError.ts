import { notSent, type RequestFailure } from './outcome';

/** A request without a complete response. */
export interface TransportError {
	kind: TransportErrorKind;
	/** False when no byte of the request was written, which proves that nothing was applied. */
	written: boolean;
}

/** A retry can help. */
const transient = { retry: 'transient', scope: 'call' } as const;
/** A retry cannot help this call; other calls may succeed. */
const ofCall = { retry: 'never', scope: 'call' } as const;
/** Every other request would fail in the same way. */
const ofRun = { retry: 'never', scope: 'run' } as const;

const CLASSES = {
	RESPONSE_TIMEOUT: transient,
	RESPONSE_TOO_LARGE: ofCall,
	CANCELLED: ofRun,
	CLIENT_CERTIFICATE: ofRun,
	CONNECTION_REFUSED: transient,
	CONNECTION_RESET: transient,
	DNS_NOT_FOUND: ofRun,
	DNS_UNAVAILABLE: transient,
	NOT_HTTP: ofCall,
	NO_TLS: ofRun,
	PROXY_LOGIN: ofRun,
	PROXY_REFUSED: transient,
	TLS_NOT_TRUSTED: ofRun,
	UNREACHABLE: transient,
};

/** Why no complete response arrived; also the code of the outcome. */
export type TransportErrorKind = keyof typeof CLASSES;

/** Classifies a transport error: `NOT_SENT` when provably no byte was written, `UNKNOWN` otherwise. */
export function classifyTransportError({ kind, written }: TransportError): RequestFailure {
	return { ...notSent(kind), ...CLASSES[kind], outcome: written ? 'UNKNOWN' : 'NOT_SENT' };
}

/** The failure of a call whose execution was cancelled before a request was made. */
export const CANCELLED = classifyTransportError({ kind: 'CANCELLED', written: false });
