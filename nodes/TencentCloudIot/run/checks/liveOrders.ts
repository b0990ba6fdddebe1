import type { Call, Withheld } from '../../operation';
import { CREATE_ORDER, isLiveItem } from '../../service/liveOrder';
import { connectionOf } from '../host/connection';
import type { Check } from './check';

/** Withholds live orders where the credential is limited to test orders. */
export const liveOrders: Check = async ({ calls, withheld }, { context, operation }) => {
	const isLive = ({ action = operation.action, parameters }: Call) =>
		action === CREATE_ORDER && isLiveItem(parameters.ItemId);
	const live = calls.filter(isLive);
	if (live.length === 0 || !(await connectionOf(context)).testOrdersOnly) return {};
	return { calls: calls.filter((call) => !isLive(call)), withheld: [...withheld, ...live.map(withhold)] };
};

function withhold({ parameters, itemIndexes }: Call): Withheld {
	const text =
		'is a live item, and the credential is limited to test orders: give a test item (D-…), or choose another credential in the node';
	const findings = itemIndexes.map((itemIndex) => ({ itemIndex, field: 'Item ID', text }));
	return { parameters, itemIndexes, findings };
}
