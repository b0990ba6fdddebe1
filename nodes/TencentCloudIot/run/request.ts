import type { Call, Operation } from '../operation';
import type { Parameters } from '../service/signing/signature';

/** The Action and the call's parameters: all that a request carries of its own. */
export function requestOf(
	{ action, parameters }: Call,
	operation: Pick<Operation<unknown>, 'action'>,
): Parameters {
	return { Action: action ?? operation.action, ...parameters };
}
