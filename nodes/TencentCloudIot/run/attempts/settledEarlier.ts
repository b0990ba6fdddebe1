import type { Withheld } from '../../operation';
import type { Check } from '../checks/check';
import { ledgerState } from '../host/ledgerState';
import { requestOf } from '../request';
import { Ledger } from './ledger';

/** Looks up what earlier attempts of the run have settled: that is not sent again, whatever the items have become since. */
export const settledEarlier: Check = (plan, { context, operation, items, options }) => {
	const { effect } = operation;
	const earlier = plan.calls.map(() => undefined);
	if (options.dryRun || effect === 'read') return { earlier };
	const ledger = new Ledger(ledgerState(context, items), effect === 'idempotent');
	if (ledger.isFirstAttempt) return { earlier, ledger };
	const sent = new Set(plan.calls.map(({ customer }) => customer?.id));
	const calls = [...plan.calls];
	const withheld = plan.withheld.flatMap((held): Withheld[] => {
		const settled = ledger.findForGood(held);
		if (settled !== undefined) {
			calls.push(settled.call);
			return [];
		}
		// The rest of a customer that is sent is not what was sent of it.
		const isRest = held.customerId !== undefined && sent.has(held.customerId);
		return [{ ...held, mayBeStored: !isRest && ledger.mayHold(held) }];
	});
	if (calls.length > plan.calls.length) calls.sort((a, b) => a.itemIndexes[0]! - b.itemIndexes[0]!);
	const settled = calls.map((call) => ledger.find(call, requestOf(call, operation)));
	return {
		calls: calls.map((call, index) => settled[index]?.call ?? call),
		withheld,
		earlier: settled.map((known) => known && { kind: 'earlierAttempt', outcome: known.outcome }),
		ledger,
	};
};
