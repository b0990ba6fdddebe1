import { readOptional, readRequired } from './parameters.mts';
import type { Parameters, Readers, ValuesOf } from './parameters.mts';
import type { ServiceState } from './serviceState.mts';

/** The fields of a successful response, besides its RequestId. */
export type ResultFields = Readonly<Record<string, unknown>>;

/**
 * Checks an action's own parameters and returns the function that carries the action out. Only that function changes the state.
 *
 * @throws Refusal naming the first parameter that is missing or wrong
 */
export interface Action {
	(parameters: Parameters, state: ServiceState): () => ResultFields;
	/** Its own parameters, as Tencent documents them (product 1465, pages 59062–59079). */
	readonly parameterNames: readonly string[];
	/** Whether it changes something, or lets a device do something. */
	readonly writes: boolean;
}

interface ActionEntry<R extends Readers, O extends Readers> {
	/** False when left out. */
	readonly writes?: boolean;
	readonly required: R;
	readonly optional: O;
	readonly apply: (parameters: ValuesOf<R> & Partial<ValuesOf<O>>, state: ServiceState) => ResultFields;
}

export function action<R extends Readers, O extends Readers>(entry: ActionEntry<R, O>): Action {
	const readAndApply = (parameters: Parameters, state: ServiceState) => {
		const required = readRequired(parameters, entry.required);
		const optional = readOptional(parameters, entry.optional);
		return () => entry.apply({ ...required, ...optional }, state);
	};
	const parameterNames = [...Object.keys(entry.required), ...Object.keys(entry.optional)];
	return Object.assign(readAndApply, { parameterNames, writes: entry.writes ?? false });
}
