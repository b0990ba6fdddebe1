import type { DisplayCondition } from 'n8n-workflow';
import type { Field, ItemFields, Property } from '../../input/fields/field';
import { readText, text } from '../../input/fields/fields';
import { whyNotId } from '../../input/placeholder';
import { because, type Why } from '../../messages/findings';
import { inCommas, ofRows, ours } from '../../messages/text';

interface Insurance {
	/** The ItemId of live orders. For test orders it starts with `D-`. */
	itemId: string;
	/** The versions in alphabetical order. The first one is the default. */
	versions: readonly [string, ...string[]];
}

/** The insurances that can be ordered, and their versions (product 1465, pages 59062–59079). */
const CAR: Insurance = { itemId: 'CarInsurance2021', versions: ['AutoBase', 'AutoUpgrade', 'AutoVIP'] };
const FIRE: Insurance = {
	itemId: 'FireInsurance2020',
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

const testItemIdOf = ({ itemId }: Insurance) => `D-${itemId}`;

export const orderNumber = (description: string) =>
	text({ displayName: 'Order Number', placeholder: 'e.g. 2026-000123', description });

function versionsOf(versions: Insurance['versions'], hiddenFor: Array<string | DisplayCondition>): Property {
	return {
		displayName: 'Item Version',
		type: 'options',
		required: true,
		displayOptions: { hide: { itemId: hiddenFor } },
		default: versions[0],
		options: versions.map((version) => ({ name: version, value: version })),
		description: 'Version of the insurance',
	};
}

const anyItemExcept = (itemId: string): DisplayCondition => ({ _cnd: { not: itemId } });

/** The fields of an insurance and its version. Test orders come first and are the default. */
export const orderItemFields = {
	itemId: text({
		displayName: 'Item ID',
		type: 'options',
		default: testItemIdOf(FIRE),
		options: [
			...INSURANCES.map(testItemIdOf).map((value) => ({ name: `${value} (Test)`, value })),
			...INSURANCES.map(({ itemId: value }) => ({ name: `${value} (Live)`, value })),
		],
		description: 'Insurance to order. Test orders (D-…) consume no quota.',
	}),
	/**
	 * One list of versions for each item, and one of all versions for an unknown item or an expression. An item hides the other lists
	 * rather than showing its own, because n8n shows every field that depends on an expression. No condition uses a regular expression:
	 * n8n stops one after 250 ms, and refuses the workflow if that happens on a busy server. The list of the default item comes first,
	 * because n8n's AI builder reads only the first list.
	 */
	itemVNO: {
		properties: [
			versionsOf(FIRE.versions, [anyItemExcept(testItemIdOf(FIRE))]),
			versionsOf(FIRE.versions, [anyItemExcept(FIRE.itemId)]),
			versionsOf(CAR.versions, [anyItemExcept(testItemIdOf(CAR))]),
			versionsOf(CAR.versions, [anyItemExcept(CAR.itemId)]),
			{
				...versionsOf(
					[...CAR.versions, ...FIRE.versions],
					INSURANCES.flatMap((insurance) => [testItemIdOf(insurance), insurance.itemId]),
				),
				default: FIRE.versions[0],
				description: 'Version of the insurance: Fire… for fire insurance, Auto… for car insurance',
			},
		],
		read: (value) => readText(value, whyNotId),
	} satisfies Field<string>,
};

/**
 * Reads an insurance and its version. Refuses a version that Tencent documents for another insurance, and accepts insurances and versions
 * that are newer than this package.
 * @param rule a further rule for the ItemId
 */
export function readOrderItem(
	item: ItemFields<typeof orderItemFields>,
	rule: (itemId: string) => Why | undefined = () => undefined,
): { ItemId: string | undefined; ItemVNO: string | undefined } {
	const ItemId = item.check('itemId', rule);
	return { ItemId, ItemVNO: item.check('itemVNO', (version) => whyOtherVersion(ItemId ?? '', version)) };
}

function whyOtherVersion(itemId: string, version: string): Why | undefined {
	const insuranceOfItem = INSURANCES.find((insurance) => insurance.itemId === itemId.replace(/^D-/, ''));
	const insuranceOfVersion = INSURANCES.find(({ versions }) => versions.includes(version));
	if (
		insuranceOfItem === undefined ||
		insuranceOfVersion === undefined ||
		insuranceOfItem === insuranceOfVersion
	) {
		return undefined;
	}
	const versions = inCommas(insuranceOfItem.versions.map((offered) => ours(offered)));
	return because('otherVersion', { other: ours(insuranceOfVersion.itemId), item: ofRows(itemId), versions });
}
