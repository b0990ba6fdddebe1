import type { Parameters } from './parameters.mts';

/** Fields of a request; undefined when the body lacks the field or has it with another type. */
export interface RequestFacts {
	readonly Action: string | undefined;
	readonly CustomerId: string | undefined;
	readonly RequestId: string | undefined;
	readonly Timestamp: number | undefined;
	readonly Nonce: number | undefined;
}

/** The record of a request. */
export interface RequestRecord extends RequestFacts {
	/** From 0, in order of arrival, since the start or the last reset. */
	readonly index: number;
	/** True Unix time in milliseconds, whatever `clockSkewSeconds` is. */
	readonly receivedAtMs: number;
	/** Whether the signature was valid by the nested rule at that time; also set for requests with a fault. */
	readonly signatureValid: boolean;
	/** `OK`, the error's code, or `fault:` and the kind of the fault. */
	readonly outcome: string;
	/** Whether the action was carried out; with a fault, possibly without a success response. */
	readonly applied: boolean;
	/** The body's text, with `keepBodies` only. */
	readonly body: string | undefined;
}

/** Reads the facts from a body's parameters. */
export function factsOf(parameters: Parameters): RequestFacts {
	return {
		Action: stringAt(parameters, 'Action'),
		CustomerId: stringAt(parameters, 'CustomerId'),
		RequestId: stringAt(parameters, 'RequestId'),
		Timestamp: numberAt(parameters, 'Timestamp'),
		Nonce: numberAt(parameters, 'Nonce'),
	};
}

function stringAt(parameters: Parameters, name: string): string | undefined {
	const value = parameters.get(name);
	return typeof value === 'string' ? value : undefined;
}

function numberAt(parameters: Parameters, name: string): number | undefined {
	const value = parameters.get(name);
	return typeof value === 'number' ? value : undefined;
}
