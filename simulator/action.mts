import { readOptional, readRequired } from './parameters.mts';
import type { Parameters, Readers, ValuesOf } from './parameters.mts';
import type { ServiceState } from './serviceState.mts';

/** The fields of a successful response, beside its RequestId. */
export type ResultFields = Readonly<Record<string, unknown>>;

/**
 * Checks an action's own parameters and gives what carries it out; only calling that changes the state.
 *
 * @throws Refusal naming the first parameter that is missing or wrong
 */
export type Action = (parameters: Parameters, state: ServiceState) => () => ResultFields;

interface ActionEntry<R extends Readers, O extends Readers> {
	readonly required: R;
	readonly optional: O;
	readonly apply: (parameters: ValuesOf<R> & Partial<ValuesOf<O>>, state: ServiceState) => ResultFields;
}

export function action<R extends Readers, O extends Readers>(entry: ActionEntry<R, O>): Action {
	return (parameters, state) => {
		const required = readRequired(parameters, entry.required);
		const optional = readOptional(parameters, entry.optional);
		return () => entry.apply({ ...required, ...optional }, state);
	};
}
