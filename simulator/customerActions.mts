import { action } from './action.mts';
import { byOffset, offsetPage } from './page.mts';
import { text } from './parameters.mts';
import type { Reader } from './parameters.mts';
import { invalidParameter } from './refusal.mts';

const customerId: Reader<string> = (value, name) => {
	const id = text(value, name);
	if (!/^\w{1,32}$/.test(id)) {
		throw invalidParameter(name, '应为 32 个以内的字母、数字或下划线');
	}
	return id;
};

/** Whether a record has all wanted members with exactly these values. */
export function matches<T extends object>(record: T, wanted: Partial<T>): boolean {
	return Object.entries(wanted).every(([name, value]) => record[name as keyof T] === value);
}

export const customerActions = {
	ServiceCreateCustomer: action({
		writes: true,
		required: { CustomerId: customerId, CountryCode: text, PhoneNumber: text },
		optional: {},
		apply: (customer, state) => {
			state.addCustomer(customer);
			return { Status: 'OK' };
		},
	}),
	ServiceGetCustomerList: action({
		required: {},
		optional: { CustomerId: text, CountryCode: text, PhoneNumber: text, ...byOffset },
		apply: ({ Offset, Limit, ...wanted }, state) => {
			const found = state.customers.filter((customer) => matches(customer, wanted));
			return { Customers: offsetPage(found, Offset, Limit), Total: found.length };
		},
	}),
};
