import { hash } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../input/agentInput';
import { inStretches } from '../input/stretches';
import type { Call, Calls, HeldBack, Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import { NotSendable, notSent } from '../service/outcome';

/** What the runs of an execution told, the last run's apart: Retry On Fail runs it again, and then it tells anew. */
interface Told {
	execution: string;
	run: string;
	/** The members of each owner's set when it was last told, both as hashes; empty where rows of it were held back. */
	earlier: Record<string, string>;
	/** Both hashes of each set, in one text: most executions have one run, and nobody looks up what it told. */
	now: string[];
}

interface Execution {
	operation: Pick<Operation<unknown>, 'replaces'>;
	options: RunOptions & IDataObject;
}

type Replaced = NonNullable<Operation<unknown>['replaces']>;

const ADVICE =
	"Give the node all rows of a customer in one run: put it outside the loop, and join branches with a Merge node. If each run has all devices of its customers, choose Allow under 'Same Customer in Several Runs'";

/**
 * With 'Execute Once' the engine hands the node the first item alone, and so a part of a set.
 * @throws NotSendable when there were more
 */
export function refuseFirstItemAlone(context: IExecuteFunctions, { replaces }: Execution['operation']): void {
	if (replaces === undefined || context.getNode().executeOnce !== true) return;
	const arrived = context.getExecuteData().data.main?.[0]?.length ?? 0;
	if (arrived <= 1) return;
	throw new NotSendable(
		notSent(
			'EXECUTE_ONCE',
			`The node gets only the first of ${arrived} rows, because 'Execute Once' is on.`,
			"Switch off 'Execute Once' under Settings; if only the first row is meant, put a Limit node before the node",
		),
	);
}

/**
 * Holds back what would replace a whole set by another one than an earlier run of the same execution told: in a loop, or
 * where two branches lead to the node, each run has a part of the rows. The same set again is no harm. What was told
 * stands in the execution's own data, for all nodes with the same credential; a Dry Run counts for other Dry Runs. Where an
 * agent itself calls its tool there is no such data.
 */
export async function holdBackOtherSets(
	context: IExecuteFunctions,
	{ calls, heldBack }: Calls,
	{ operation: { replaces }, options }: Execution,
): Promise<Calls> {
	if (replaces === undefined || isToolCall(context)) return { calls, heldBack };
	const { earlier, now } = toldBefore(context, options.dryRun);
	// A look into an object costs more than a hash, and most executions have one run.
	const isFirst = Object.keys(earlier).length === 0;
	const kept: Call[] = [];
	const refused: HeldBack[] = [];
	for await (const batch of inStretches(calls)) {
		for (const call of batch) {
			const owner = String(call.parameters[replaces.owner]);
			const [key, members] = [digest(owner), digestOfMembers(call, replaces)];
			const before = isFirst ? undefined : earlier[key];
			if (before === undefined || before === members || options.repeatedCustomers === 'allow') {
				now.push(key + members);
				kept.push(call);
			} else {
				refused.push(toHeldBack(call, owner, before, replaces));
			}
		}
	}
	if (options.invalidRows !== 'sendValid') {
		for (const { parameters } of heldBack) {
			const owner = parameters[replaces.owner];
			if (typeof owner === 'string') now.push(digest(owner));
		}
	}
	return { calls: kept, heldBack: [...heldBack, ...refused] };
}

function toHeldBack(
	{ parameters, itemIndexes }: Call,
	owner: string,
	before: string,
	{ owner: field }: Replaced,
): HeldBack {
	const what = before === '' ? 'had rows that could not be used' : 'came';
	const other = before === '' ? '' : ' with other devices';
	const text = `is '${owner}', who ${what} earlier in this execution${other}: put the node outside the loop`;
	const [itemIndex = 0] = itemIndexes;
	return {
		parameters: { [field]: parameters[field] },
		itemIndexes,
		subject: owner,
		findings: [{ itemIndex, field, text }],
		refusal: { code: 'OTHER_SET_EARLIER', advice: ADVICE },
	};
}

/**
 * What earlier runs of this execution told, and where this run's is put down. n8n's own Retry of a failed execution takes
 * the data along, but is another execution, before which somebody may have corrected something.
 */
function toldBefore(context: IExecuteFunctions, dryRun: boolean): Pick<Told, 'earlier' | 'now'> {
	const { id, credentials = {} } = context.getNode();
	const [credential] = Object.values(credentials);
	const flow = context.getContext('flow');
	const name = `tencentCloudIotSets ${credential?.id ?? ''}${dryRun ? ' dry' : ''}`;
	const execution = context.getExecutionId();
	const run = `${id} ${String(context.getWorkflowDataProxy(0).$runIndex)}`;
	const known = flow[name] as Told | undefined;
	const last: Omit<Told, 'execution'> =
		known?.execution === execution ? known : { run, earlier: {}, now: [] };
	const { earlier } = last;
	if (last.run !== run) {
		for (const set of last.now) earlier[set.slice(0, DIGEST_LENGTH)] = set.slice(DIGEST_LENGTH);
	}
	const told: Told = { execution, run, earlier, now: [] };
	flow[name] = told;
	return told;
}

function digestOfMembers({ parameters }: Call, { members, by }: Replaced): string {
	const ids = (parameters[members] as IDataObject[]).map((member) => String(member[by]));
	return digest(ids.sort().join('\n'));
}

/** 66 bits, so that neither ids of users nor large texts stand in the execution's data. */
const DIGEST_LENGTH = 11;

function digest(text: string): string {
	return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
}
