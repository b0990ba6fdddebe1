import { perItemOperation } from '../perItemOperation';
import { customerId, readCustomerId } from '../customerId';
import { itemId } from '../orderItems';

/** ServiceGetInsurancePageURL. */
export const getInsurancePageUrl = perItemOperation({
	value: 'getUrl',
	option: {
		name: 'Get URL',
		action: 'Get insurance page link',
		description: 'Get the address of the page where a customer takes out the insurance',
	},
	properties: [customerId, itemId],
	action: 'ServiceGetInsurancePageURL',
	repeatable: true,
	readsOnly: true,
	parameters: (item) => ({ CustomerId: readCustomerId(item), ItemId: item.text('itemId') }),
	isDone: ({ URL }) => typeof URL === 'string' && URL !== '',
	toJson: ({ CustomerId, ItemId }, { URL }) => ({ CustomerId, ItemId, URL: String(URL) }),
	unit: 'link',
	done: 'read',
});
