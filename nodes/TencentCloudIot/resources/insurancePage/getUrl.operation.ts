import type { ResponseData } from '../../service/outcome';
import { customerId } from '../fields/customerFields';
import { orderItemFields, readOrderItem } from '../fields/orderItems';
import { perItemOperation } from '../operation/perItemOperation';
import { pick } from '../operation/responseValues';

/**
 * ServiceGetInsurancePageURL (product 1465, page 59077). According to the integration guide (page 59046) the page is an H5 page
 * at a URL for test orders and for FireBusiness, and otherwise a page of a WeChat mini-program, at its app id and path.
 */
export const getInsurancePageUrl = perItemOperation({
	value: 'getUrl',
	option: {
		name: 'Get URL',
		action: 'Get insurance page link',
		description: 'Get the page where a customer takes out the insurance: a URL or a WeChat mini-program',
	},
	fields: { customerId, ...orderItemFields },
	action: 'ServiceGetInsurancePageURL',
	parameters: (item) => ({ CustomerId: item.customerId, ...readOrderItem(item) }),
	isDone: (data) => {
		const { URL, MpAppId, MpAppPath } = addressIn(data);
		return URL !== undefined || (MpAppId !== undefined && MpAppPath !== undefined);
	},
	reads: ['URL', 'MpAppId', 'MpAppPath'],
	shown: ['CustomerId', 'ItemId'],
	toJson: addressIn,
	unit: 'link',
	namedBy: ['CustomerId'],
	done: 'read',
});

/** The members that hold the page's address, without empty ones. */
function addressIn(data: ResponseData): ReturnType<typeof pick> {
	const names = ['URL', 'MpAppId', 'MpAppPath'].filter(
		(name) => typeof data[name] === 'string' && data[name] !== '',
	);
	return pick(data, names);
}
