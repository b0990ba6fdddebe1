import { phoneNumbers } from '../../binding/phone';
import { editorLists } from '../../editor/lists';
import type { Field, ItemFields, Property } from '../../input/fields/field';
import { picker, setting, text } from '../../input/fields/fields';

/** A customer that Tencent already has. The user picks it from a list or types any id. */
export const customerId = picker({
	displayName: 'Customer ID',
	description: "Your application's own ID for the customer",
	placeholder: 'e.g. user_1024',
	list: editorLists.customers,
});

/** A CustomerId that the user types: the id of a new customer, or a filter for a list of customers. */
export const typedCustomerId = (description: string) =>
	text({ displayName: 'Customer ID', placeholder: 'e.g. user_1024', description });

/** Makes an option with the choices 'refuse', which is the default, and 'allow'. */
export const refusedUnlessAllowed = (property: { displayName: string; description: string }) =>
	setting({
		...property,
		default: 'refuse',
		whenAdded: 'allow',
		options: [
			{ name: 'Allow', value: 'allow' },
			{ name: 'Refuse', value: 'refuse' },
		],
	});

/** The option to allow ids of an unusual form, for operations that send new ids to Tencent. */
export const unusualCustomerIds = refusedUnlessAllowed({
	displayName: 'Unusual Customer IDs',
	description: 'Refuse IDs other than 1 to 32 letters, digits or _ (default), or allow them',
});

export const phoneIds = setting({
	displayName: 'Phone Numbers as IDs',
	default: 'refuse',
	whenAdded: 'digits',
	options: [
		{ name: 'Digits Only', value: 'digits', description: '13712345678, without spaces, dashes and +86' },
		{ name: 'Refuse', value: 'refuse' },
	],
	description: 'Refuse IDs like +86 137-1234-5678 (default), or use their digits without +86',
});

type PhoneProperty = Partial<Property> & { description: string };

export const countryCode = (property: PhoneProperty) =>
	text({
		displayName: 'Country Code',
		placeholder: 'e.g. 86',
		rule: phoneNumbers.whyNotCountryCode,
		...property,
	});

export const phoneNumber = (property: PhoneProperty) =>
	text({
		displayName: 'Phone Number',
		placeholder: 'e.g. 13800138000',
		rule: phoneNumbers.whyNotPhone,
		...property,
	});

type PhoneFields = Record<'countryCode' | 'phoneNumber', Field<string | undefined>>;

/**
 * Reads country code and number as the service wants them: separate, digits only.
 * @returns undefined for a part that the item does not have
 */
export function readPhone(
	item: ItemFields<PhoneFields>,
): Partial<Record<'CountryCode' | 'PhoneNumber', string | undefined>> {
	const code = item.countryCode === undefined ? undefined : phoneNumbers.bareCountryCode(item.countryCode);
	if (item.phoneNumber === undefined) {
		return { CountryCode: code, PhoneNumber: undefined };
	}
	const { why, ...phone } = phoneNumbers.split(item.phoneNumber, code);
	if (why !== undefined) {
		item.refuse('phoneNumber', why);
	}
	return phone;
}
