import type { IExecuteFunctions } from 'n8n-workflow';

import type { Call, Calls, HeldBack, Operation } from '../operation';
import { CREATE_ORDER, isLiveItem } from '../service/liveOrder';
import { connectionOf } from './connectionOf';

/**
 * Holds back live orders where the credential is limited to test orders.
 * @throws NotSendable when there are live orders, and no usable credential
 */
export async function holdBackLiveOrders(
	context: IExecuteFunctions,
	{ calls, heldBack }: Calls,
	operation: Pick<Operation<unknown>, 'action'>,
): Promise<Calls> {
	const isLive = ({ action = operation.action, parameters }: Call) =>
		action === CREATE_ORDER && isLiveItem(parameters.ItemId);
	const live = calls.filter(isLive);
	if (live.length === 0 || !(await connectionOf(context)).testOrdersOnly) return { calls, heldBack };
	return { calls: calls.filter((call) => !isLive(call)), heldBack: [...heldBack, ...live.map(toHeldBack)] };
}

function toHeldBack({ parameters, itemIndexes }: Call): HeldBack {
	const text =
		'is a live item, and the credential is limited to test orders: give a test item (D-…), or choose another credential in the node';
	const findings = itemIndexes.map((itemIndex) => ({ itemIndex, field: 'Item ID', text }));
	return { parameters, itemIndexes, findings };
}
