import type { Field, Item, Property } from '../input/fields/field';
import { readText, text, type TextRule } from '../input/fields/fields';
import { whyNoId } from '../input/placeholder';

interface Insurance {
	item: string;
	/** The first one is the default; the list is alphabetical. */
	versions: readonly [string, ...string[]];
}

/** What can be ordered, and in which versions (product 1465, pages 59062–59079). */
const CAR: Insurance = { item: 'CarInsurance2021', versions: ['AutoBase', 'AutoUpgrade', 'AutoVIP'] };
const FIRE: Insurance = {
	item: 'FireInsurance2020',
	versions: [
		'FireBusiness',
		'FireMER100W',
		'FireMER20W',
		'FireMER50W',
		'FirePRO100W',
		'FirePRO20W',
		'FirePRO50W',
	],
};
const INSURANCES = [CAR, FIRE];

function versionsOf(
	versions: Insurance['versions'],
	hiddenFor: string,
	standard: string = versions[0],
): Property {
	return {
		displayName: 'Item Version',
		type: 'options',
		required: true,
		displayOptions: { hide: { itemId: [{ _cnd: { regex: hiddenFor } }] } },
		default: standard,
		options: versions.map((version) => ({ name: version, value: version })),
		description: 'Version of the insurance: Fire… for fire insurance, Auto… for car insurance',
	};
}

const anyOf = (insurances: readonly Insurance[]) => `(D-)?(${insurances.map(({ item }) => item).join('|')})`;
const otherThan = (insurance: Insurance) => `^(?!${anyOf([insurance])}$)`;

/** The fields of an insurance and its version. Test orders stand first and are the default. */
export const orderItem = {
	itemId: text({
		displayName: 'Item ID',
		type: 'options',
		default: 'D-FireInsurance2020',
		options: [
			{ name: 'D-CarInsurance2021 (Test)', value: 'D-CarInsurance2021' },
			{ name: 'D-FireInsurance2020 (Test)', value: 'D-FireInsurance2020' },
			{ name: 'CarInsurance2021 (Live)', value: 'CarInsurance2021' },
			{ name: 'FireInsurance2020 (Live)', value: 'FireInsurance2020' },
		],
		description: 'Insurance to order. Test orders (D-…) consume no quota.',
	}),
	/**
	 * One list for the versions of each insurance, and one for all, which is shown where the item is an expression. They are
	 * hidden by the item and not shown by it: n8n shows everything that depends on an expression.
	 */
	itemVNO: {
		properties: [
			versionsOf(CAR.versions, otherThan(CAR)),
			versionsOf(FIRE.versions, otherThan(FIRE)),
			versionsOf([...CAR.versions, ...FIRE.versions], `^${anyOf(INSURANCES)}$`, FIRE.versions[0]),
		],
		read: (value) => readText(value, whyNoId),
	} satisfies Field<string>,
};

/** The item and its version, which has to be one of that item's. New versions and items are Tencent's to know. */
export function readOrderItem(
	item: Item<typeof orderItem>,
	rule: TextRule = () => undefined,
): { ItemId: string | undefined; ItemVNO: string | undefined } {
	const ItemId = item.check('itemId', rule);
	return { ItemId, ItemVNO: item.check('itemVNO', (version) => whyNoVersionOf(ItemId ?? '', version)) };
}

function whyNoVersionOf(itemId: string, version: string): string | undefined {
	const ordered = INSURANCES.find(({ item }) => item === itemId.replace(/^D-/, ''));
	const other = INSURANCES.find(({ versions }) => versions.includes(version));
	if (ordered === undefined || other === undefined || ordered === other) return undefined;
	return `is a version of ${other.item}, not of ${itemId}: choose one of ${ordered.versions.join(', ')}`;
}
