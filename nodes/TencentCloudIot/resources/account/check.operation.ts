import type { INodeProperties } from 'n8n-workflow';

import type { Calls, Operation } from '../../operation';
import { EFFECTS, HARMLESS_READ, isHarmlessReadDone } from '../../service/actions';

const productId: INodeProperties = {
	displayName: 'Product ID',
	name: 'productId',
	type: 'string',
	default: '',
	description: 'Product whose devices to count',
};

/** Finds out by reads how the service behaves. All items together are one call: it is about the account, not about rows. */
export const checkAccount: Operation<number> = {
	value: 'check',
	option: {
		name: 'Check',
		action: 'Check account',
		description: 'Find out by reads how the service behaves',
	},
	properties: [],
	lists: [],
	options: [productId],
	action: HARMLESS_READ.Action,
	effect: EFFECTS[HARMLESS_READ.Action],
	probes: true,
	refusedAdvice: "Check 'Product ID'",
	inputReader: () => (_, itemIndex) => itemIndex,
	async toCalls(batches, { productId: chosen }): Promise<Calls> {
		const itemIndexes: number[] = [];
		for await (const batch of batches) itemIndexes.push(...batch);
		const ProductId = typeof chosen === 'string' ? chosen.trim() : '';
		const parameters = ProductId === '' ? {} : { ProductId };
		return { calls: itemIndexes.length === 0 ? [] : [{ parameters, itemIndexes }], withheld: [] };
	},
	isDone: isHarmlessReadDone,
	reads: ['report'],
	toJson: (_, { data, RequestId }) => ({ ...(data.report as object), RequestId }),
	unit: 'account',
	namedBy: [],
	countPlanned: () => '1 account',
	countDone: (calls) => `${calls.length} of 1 account checked`,
};
