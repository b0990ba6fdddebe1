import type { IExecuteFunctions } from 'n8n-workflow';

import type { PushedSets } from '../checks/partialSets';

/** What the runs of an execution pushed, the last run's apart: Retry On Fail runs it again, and then it is counted anew. */
interface Kept extends PushedSets {
	execution: string;
	run: string;
}

/**
 * What earlier runs of this execution pushed, and where this run's is kept: in the execution's own data, for all nodes with
 * the same credential; a Dry Run counts for other Dry Runs. n8n's own Retry of a failed execution takes the data along, but
 * is another execution, before which somebody may have corrected something.
 * @param digestLength how many characters of each of `now` name the customer
 */
export function pushedSets(context: IExecuteFunctions, dryRun: boolean, digestLength: number): PushedSets {
	const flow = context.getContext('flow');
	const name = nameOf(context, dryRun);
	const { id } = context.getNode();
	const execution = context.getExecutionId();
	const run = `${id} ${String(context.getWorkflowDataProxy(0).$runIndex)}`;
	const known = flow[name] as Kept | undefined;
	const last: Omit<Kept, 'execution'> =
		known?.execution === execution ? known : { run, earlier: {}, now: [] };
	const { earlier } = last;
	if (last.run !== run) {
		for (const set of last.now) earlier[set.slice(0, digestLength)] = set.slice(digestLength);
	}
	const kept: Kept = { execution, run, earlier, now: [] };
	flow[name] = kept;
	return kept;
}

/** A run that was blocked has pushed nothing. */
export function forgetPushedSets(context: IExecuteFunctions, dryRun: boolean): void {
	const kept = context.getContext('flow')[nameOf(context, dryRun)] as Kept | undefined;
	if (kept !== undefined) kept.now = [];
}

function nameOf(context: IExecuteFunctions, dryRun: boolean): string {
	const [credential] = Object.values(context.getNode().credentials ?? {});
	return `tencentCloudIotSets ${credential?.id ?? ''}${dryRun ? ' dry' : ''}`;
}
