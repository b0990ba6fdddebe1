import { deviceId, integer, listOf, objectOf, readOptional, readRequired, text } from './parameters.mts';
import type { Parameters, Readers, ValuesOf } from './parameters.mts';
import type { ServiceState } from './serviceState.mts';

/** The fields of a successful answer, beside its RequestId. */
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

function action<R extends Readers, O extends Readers>(entry: ActionEntry<R, O>): Action {
	return (parameters, state) => {
		const required = readRequired(parameters, entry.required);
		const optional = readOptional(parameters, entry.optional);
		return () => entry.apply({ ...required, ...optional }, state);
	};
}

// Composed readers are named: written in an entry they would defeat the inference of its parameters' types.
const deviceInfos = listOf(objectOf({ CustomerDeviceNo: text, DeviceId: deviceId, ProductName: text }));

/** The general default of Tencent Cloud's list operations; this service states none. */
const defaultLimit = 20;

/** Every action the simulator knows, by the name in `Action`. An action is added as one entry. */
export const actions: ReadonlyMap<string, Action> = new Map([
	[
		'ServiceBindDevice',
		action({
			required: { CustomerId: text, DeviceInfos: deviceInfos },
			optional: {},
			apply: ({ CustomerId, DeviceInfos }, state) => {
				state.bind(CustomerId, DeviceInfos);
				return { Status: 'OK' };
			},
		}),
	],
	[
		'ServiceGetCustomerList',
		action({
			required: {},
			optional: {
				CustomerId: text,
				CountryCode: text,
				PhoneNumber: text,
				Offset: integer(0),
				Limit: integer(0),
			},
			apply: ({ Offset = 0, Limit = defaultLimit, ...wanted }, state) => {
				const found = state.customers.filter(
					(customer) =>
						(wanted.CustomerId ?? customer.CustomerId) === customer.CustomerId &&
						(wanted.CountryCode ?? customer.CountryCode) === customer.CountryCode &&
						(wanted.PhoneNumber ?? customer.PhoneNumber) === customer.PhoneNumber,
				);
				return { Customers: found.slice(Offset, Offset + Limit), Total: found.length };
			},
		}),
	],
]);
