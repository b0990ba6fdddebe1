import type { ServiceError } from './refusal.mts';

/** Why a request was refused: the causes that services handle differently. */
export type RefusalCause = 'signature' | 'timestamp' | 'nonce' | 'action' | 'missing' | 'other';

/** A response body with its HTTP status. */
export interface WrittenResponse {
	readonly status: number;
	readonly body: string;
}

/** Behaviour that the documentation leaves open. */
export interface Habits {
	/** Action → the error for all its requests with a valid key, signature and Timestamp. */
	readonly refuseActions?: Readonly<Record<string, ServiceError>> | undefined;
	/** Whether every signature over a list is refused, whatever its scheme; off by default. */
	readonly refusesLists?: boolean | undefined;
	/** Whether requests without a required parameter succeed with an empty result; off by default. */
	readonly ignoresMissing?: boolean | undefined;
	/** Whether any Timestamp is accepted, and whether a used pair of Timestamp and Nonce is; off by default. */
	readonly takesOldTimestamps?: boolean | undefined;
	readonly takesRepeatedNonces?: boolean | undefined;
	/** Whether responses have no Date header; off by default. */
	readonly hidesDate?: boolean | undefined;
	/** Write responses instead of the envelope. */
	readonly writeSuccess?: ((requestId: string, result: object) => string) | undefined;
	readonly writeFailure?:
		| ((requestId: string, error: ServiceError, cause: RefusalCause) => WrittenResponse)
		| undefined;
}

/** The error for an Action that does not exist. */
export const NO_SUCH_ACTION: ServiceError = { Code: 'InvalidAction', Message: 'Action 非法' };

/** The cause behind one of the simulator's own errors. */
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
