import type { AnswerData } from '../../service/response/answer';
import { customerId } from '../customerId';
import { orderItem, readOrderItem } from '../orderItems';
import { perItemOperation } from '../perItemOperation';
import { pick } from '../../responseValues';

/**
 * ServiceGetInsurancePageURL (product 1465, page 59077). By the integration guide (page 59046) the page is an H5 page at a
 * URL for test orders and for FireBusiness, and otherwise one of a WeChat mini-program, at its app id and path.
 */
export const getInsurancePageUrl = perItemOperation({
	value: 'getUrl',
	option: {
		name: 'Get URL',
		action: 'Get insurance page link',
		description:
			'Get the address of the page where a customer takes out the insurance: a URL, or the app ID and path of a WeChat mini-program',
	},
	fields: { customerId, ...orderItem },
	action: 'ServiceGetInsurancePageURL',
	effect: 'read',
	parameters: (item) => ({ CustomerId: item.customerId, ...readOrderItem(item) }),
	isDone: (answer) => {
		const { URL, MpAppId, MpAppPath } = addressIn(answer);
		return URL !== undefined || (MpAppId !== undefined && MpAppPath !== undefined);
	},
	reads: ['URL', 'MpAppId', 'MpAppPath'],
	toJson: ({ CustomerId, ItemId }, answer) => ({ CustomerId, ItemId, ...addressIn(answer) }),
	unit: 'link',
	done: 'read',
});

/** The members that say where the page is; an empty one says nothing. */
function addressIn(answer: AnswerData): ReturnType<typeof pick> {
	const names = ['URL', 'MpAppId', 'MpAppPath'].filter(
		(name) => typeof answer[name] === 'string' && answer[name] !== '',
	);
	return pick(answer, names);
}
