import { readItems } from '../input/itemReader';
import type { Calls } from '../operation';
import type { EarlierAttempt } from '../service/fate';
import { blockedBy, type Failure } from '../service/outcome';
import type { Ledger } from './attempts/ledger';
import { CHECKS } from './checks';
import type { Run } from './run';

/** What a run is to do, and what earlier attempts of it have done. */
export interface Plan extends Calls {
	/** For each call what an earlier attempt has settled of it. The call is then as it was sent. */
	earlier: ReadonlyArray<EarlierAttempt | undefined>;
	/** Undefined where nothing is kept: what only reads, or is only shown. */
	ledger: Ledger | undefined;
	/** Why nothing is sent. */
	blocked: Failure | undefined;
}

/** A plan in which nothing is known yet. */
const NOTHING: Plan = { calls: [], withheld: [], earlier: [], ledger: undefined, blocked: undefined };

/** Reads the items into calls and checks them; there are none when a mapped column does not exist. */
export async function planRun(run: Run): Promise<Plan> {
	return await readPlan(run).catch((cause: unknown) => ({ ...NOTHING, blocked: blockedBy(cause) }));
}

async function readPlan(run: Run): Promise<Plan> {
	const { context, operation, items, options } = run;
	const inputs = readItems(context, items, operation.columns, operation.inputReader(options));
	let plan: Plan = { ...NOTHING, ...(await operation.toCalls(inputs, options)) };
	for (const check of CHECKS) {
		plan = { ...plan, ...(await check(plan, run)) };
		if (plan.blocked !== undefined) break;
	}
	return plan;
}
