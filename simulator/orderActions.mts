import { action } from './action.mts';
import { matches } from './customerActions.mts';
import { byOffset, offsetPage } from './page.mts';
import { integer, oneOf, text } from './parameters.mts';
import { invalidParameter } from './refusal.mts';
import type { Order } from './serviceState.mts';

/** Item → its versions; items with the prefix `D-` are test orders. */
const versions: ReadonlyMap<string, readonly string[]> = new Map([
	[
		'FireInsurance2020',
		['FireBusiness', 'FireMER20W', 'FireMER50W', 'FireMER100W', 'FirePRO20W', 'FirePRO50W', 'FirePRO100W'],
	],
	['CarInsurance2021', ['AutoBase', 'AutoUpgrade', 'AutoVIP']],
]);
const itemId = oneOf([...versions.keys()].flatMap((item) => [item, `D-${item}`]));

function checkVersion({ ItemId, ItemVNO }: Pick<Order, 'ItemId' | 'ItemVNO'>): void {
	const versionsOfItem = versions.get(ItemId.replace(/^D-/, '')) ?? [];
	if (!versionsOfItem.includes(ItemVNO)) {
		throw invalidParameter('ItemVNO', `应为 ${versionsOfItem.join('、')} 之一`);
	}
}

export const orderActions = {
	ServiceCreateOrder: action({
		writes: true,
		required: {
			CustomerId: text,
			OrderNo: text,
			ItemId: itemId,
			ItemVNO: text,
			ItemNum: integer(1),
		},
		optional: {},
		apply: (order, state) => {
			checkVersion(order);
			// An order that is sent twice exists twice: whether the service refuses that is not documented.
			state.orders.push(order);
			return { Status: 'OK' };
		},
	}),
	ServiceGetOrderList: action({
		required: {},
		optional: { CustomerId: text, OrderNo: text, ...byOffset },
		apply: ({ Offset, Limit, ...wanted }, state) => {
			const found = state.orders.filter((order) => matches(order, wanted));
			return { Orders: offsetPage(found, Offset, Limit), Total: found.length };
		},
	}),
	/** A web page for test orders and FireBusiness, otherwise a page of a mini-program, as in the guide. */
	ServiceGetInsurancePageURL: action({
		required: { CustomerId: text, ItemId: itemId, ItemVNO: text },
		optional: {},
		apply: ({ CustomerId, ItemId, ItemVNO }, state) => {
			checkVersion({ ItemId, ItemVNO });
			if (!state.customers.some((customer) => customer.CustomerId === CustomerId)) {
				throw invalidParameter('CustomerId', '用户不存在');
			}
			const customer = encodeURIComponent(CustomerId);
			return ItemId.startsWith('D-') || ItemVNO === 'FireBusiness'
				? { URL: `https://insurance.example/${ItemId}?customer=${customer}`, MpAppId: '', MpAppPath: '' }
				: { URL: '', MpAppId: 'wx0000000000000000', MpAppPath: `pages/${ItemVNO}?customer=${customer}` };
		},
	}),
};
