import { action } from './action.mts';
import { matches } from './customerActions.mts';
import { byOffset, offsetPage } from './page.mts';
import { integer, oneOf, text } from './parameters.mts';
import { invalidParameter } from './refusal.mts';
import type { Order } from './serviceState.mts';

const itemIds = ['FireInsurance2020', 'CarInsurance2021'].flatMap((item) => [item, `D-${item}`]);
const fireVersions = ['Business', 'MER20W', 'MER50W', 'MER100W', 'PRO20W', 'PRO50W', 'PRO100W'];
const itemVersions = [
	...fireVersions.map((version) => `Fire${version}`),
	'AutoBase',
	'AutoUpgrade',
	'AutoVIP',
];
const itemId = oneOf(itemIds);

export const createOrder = action({
	required: {
		CustomerId: text,
		OrderNo: text,
		ItemId: itemId,
		ItemVNO: oneOf(itemVersions),
		ItemNum: integer(1),
	},
	optional: {},
	apply: (order, state) => {
		// Sent twice it is there twice: whether the service refuses that is not documented.
		state.orders.push(order);
		return { Status: 'OK' };
	},
});

export const getOrderList = action({
	required: {},
	optional: { CustomerId: text, OrderNo: text, ...byOffset },
	apply: ({ CustomerId, OrderNo, ...page }, state) => {
		const wanted: Partial<Order> = {
			...(CustomerId !== undefined && { CustomerId }),
			...(OrderNo !== undefined && { OrderNo }),
		};
		const found = state.orders.filter((order) => matches(order, wanted));
		return { Orders: offsetPage(found, page), Total: found.length };
	},
});

export const getInsurancePageUrl = action({
	required: { CustomerId: text, ItemId: itemId },
	optional: {},
	apply: ({ CustomerId, ItemId }, state) => {
		if (!state.customers.some((customer) => customer.CustomerId === CustomerId)) {
			throw invalidParameter('CustomerId', '用户不存在');
		}
		return { URL: `https://insurance.example/${ItemId}?customer=${encodeURIComponent(CustomerId)}` };
	},
});
