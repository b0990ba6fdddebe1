import type { ServiceError } from './refusal.mts';

/** Why a request was refused, as far as a service's habits differ by it. */
export type RefusalCause = 'signature' | 'timestamp' | 'nonce' | 'action' | 'missing' | 'other';

/** A response body with its HTTP status. */
export interface WrittenResponse {
	readonly status: number;
	readonly body: string;
}

/** How a service may differ that the documentation leaves open. */
export interface Habits {
	/** Action → the error that all its requests get, once key, signature and clock are right. */
	readonly refuseActions?: Readonly<Record<string, ServiceError>> | undefined;
	/** Whether a signature over a list is refused, however it is made; off by default. */
	readonly refusesLists?: boolean | undefined;
	/** Whether requests without a required parameter are carried out, with nothing to show for it; off by default. */
	readonly ignoresMissing?: boolean | undefined;
	/** Whether a request of any Timestamp is taken, and one whose Timestamp and Nonce were used; off by default. */
	readonly takesOldTimestamps?: boolean | undefined;
	readonly takesRepeatedNonces?: boolean | undefined;
	/** Whether responses have no Date header; off by default. */
	readonly hidesDate?: boolean | undefined;
	/** Writes responses in place of the envelope. */
	readonly writeSuccess?: ((requestId: string, result: object) => string) | undefined;
	readonly writeFailure?:
		| ((requestId: string, error: ServiceError, cause: RefusalCause) => WrittenResponse)
		| undefined;
}

/** The error of an Action that does not exist. */
export const NO_SUCH_ACTION: ServiceError = { Code: 'InvalidAction', Message: 'Action 非法' };

/** What the simulator's own error is about. */
export function causeOf({ Code, Message }: ServiceError): RefusalCause {
	if (Code === 'InvalidAction') {
		return 'action';
	}
	if (Code === 'ErrorRequiredParamNotFound') {
		return 'missing';
	}
	if (Message.startsWith('Signature ')) {
		return 'signature';
	}
	if (Message.startsWith('Timestamp ')) {
		return 'timestamp';
	}
	return Message.startsWith('Nonce ') ? 'nonce' : 'other';
}
