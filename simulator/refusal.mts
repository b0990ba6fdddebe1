/** How the service names an error: a fixed code for programs and a sentence for people. */
export interface ServiceError {
	readonly Code: string;
	readonly Message: string;
}

/** Thrown to refuse a request, before anything was changed. */
export class Refusal extends Error {
	override readonly name = 'Refusal';
	readonly serviceError: ServiceError;

	constructor(Code: string, Message: string) {
		super(`${Code}: ${Message}`);
		this.serviceError = { Code, Message };
	}
}

/** A parameter has the wrong type, form or value; the message starts with the parameter's name. */
export function invalidParameter(name: string, problem?: string): Refusal {
	return new Refusal('InvalidParameterValue', problem ? `${name} 无效: ${problem}` : `${name} 无效`);
}
