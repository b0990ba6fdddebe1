import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { readItems, type ReadItem } from '../input/itemReader';
import type { Call, Calls, HeldBack, Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import type { Delivered } from '../service/delivery/sender';
import { refusalOf, type Failure } from '../service/outcome';
import type { Parameters } from '../service/signature';
import { Ledger } from './ledger';
import { holdBackLiveOrders } from './liveOrders';
import { holdBackOtherSets, refuseFirstItemAlone } from './wholeSets';

/** What a run is to do, and what earlier tries of it have done. */
export interface Plan extends Calls {
	/** For each call what an earlier try has settled of it. The call says then what was sent. */
	earlier: ReadonlyArray<Delivered | undefined>;
	/** Undefined where nothing is kept: what only reads, or is only shown. */
	ledger: Ledger | undefined;
	/** Why there is nothing to do, for a reason of all items. */
	refusal?: Failure;
}

export interface PlanSettings {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
}

/** Reads the items into calls, of which there are none when a mapped column does not exist. */
export async function planRun(settings: PlanSettings): Promise<Plan> {
	return await readPlan(settings).catch((cause: unknown) => {
		return { calls: [], heldBack: [], earlier: [], ledger: undefined, refusal: refusalOf(cause) };
	});
}

async function readPlan({ context, operation, items, options }: PlanSettings): Promise<Plan> {
	refuseFirstItemAlone(context, operation);
	const { columns } = operation;
	const readItem: ReadItem<unknown> = (reader, index) => operation.readItem(reader, index, options);
	const inputs = readItems(context, { columns, readItem }, items);
	const all = await holdBackLiveOrders(context, await operation.toCalls(inputs, options), operation);
	const planned = await holdBackOtherSets(context, all, { operation, options });
	const isKept = !options.dryRun && operation.readsOnly !== true;
	const ledger = isKept ? new Ledger(context, items, operation.repeatable) : undefined;
	if (ledger === undefined || ledger.isNew)
		return { ...planned, earlier: planned.calls.map(() => undefined), ledger };
	const calls = [...planned.calls];
	const heldBack = planned.heldBack.flatMap((held): HeldBack[] => {
		const settled = ledger.findForGood(held);
		if (settled === undefined) return [{ ...held, mayBeStored: ledger.mayHold(held) }];
		calls.push(settled.call);
		return [];
	});
	if (calls.length > planned.calls.length) calls.sort((a, b) => a.itemIndexes[0]! - b.itemIndexes[0]!);
	const earlier = calls.map((call) => ledger.find(call, requestOf(call, operation)));
	return {
		calls: calls.map((call, index) => earlier[index]?.call ?? call),
		heldBack,
		earlier: earlier.map((known) => known && { outcome: known.outcome, requestIds: [], digest: '' }),
		ledger,
	};
}

/** The Action and the call's parameters: all that a request says of its own. */
export function requestOf(
	{ action, parameters }: Call,
	operation: Pick<Operation<unknown>, 'action'>,
): Parameters {
	return { Action: action ?? operation.action, ...parameters };
}
