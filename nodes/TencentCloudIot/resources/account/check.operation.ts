import { optional, text } from '../../input/fields/fields';
import type { Calls, Operation } from '../operation/operation';
import { probe } from '../../probe/probe';
import type { Conduct } from '../../service/delivery/conduct';
import { EFFECTS, HARMLESS_READ, isHarmlessReadDone } from '../../service/actions';
import { withoutFullStop } from '../../messages/text';
import { OPERATION_ADVICE } from '../../messages/operations';

const productId = optional(
	text({ displayName: 'Product ID', description: 'Product whose devices to count' }),
	'allow',
);

/** Detects how the service behaves, with requests that only read. All items share one call, since it is about the account and not about rows. */
export const checkAccount: Operation<number, { productId: typeof productId }> = {
	value: 'check',
	option: {
		name: 'Check',
		action: 'Check account',
		description: 'Find out how the service behaves, with requests that cannot write',
	},
	properties: [],
	lists: [],
	options: { productId },
	action: HARMLESS_READ.Action,
	effect: EFFECTS[HARMLESS_READ.Action],
	ownRate: 1,
	refusedAdvice: OPERATION_ADVICE.checkProduct(),
	inputReader: () => (_, itemIndex) => itemIndex,
	async toCalls(batches, { productId: ProductId }): Promise<Calls> {
		const itemIndexes: number[] = [];
		for await (const batch of batches) {
			itemIndexes.push(...batch);
		}
		const parameters = ProductId === undefined ? {} : { ProductId };
		const conduct: Conduct = async (requests) => await probe(requests, ProductId ?? '');
		return { calls: itemIndexes.length === 0 ? [] : [{ parameters, itemIndexes, conduct }], withheld: [] };
	},
	isDone: isHarmlessReadDone,
	reads: ['report'],
	toJson: (_, { data, RequestId }) => ({ ...(data.report as object), RequestId }),
	unit: 'account',
	namedBy: [],
	countPlanned: () => '1 account',
	countDone: (_, __, ___, data) => {
		const { Summary } = (data?.report ?? {}) as { Summary?: string };
		return Summary === undefined ? '0 of 1 account checked' : withoutFullStop(Summary);
	},
};
