import type { Call, HeldBack, Operation } from '../operation';
import type { Failure } from '../service/outcome';
import { isSkipped } from '../sync/plan';
import { countHeldBack, type RunFacts } from '../sync/runFacts';
import { invalidRows } from './outputItems';
import { setOf, type RememberedRun } from './rememberedRun';
import type { Sent } from './sendCalls';
import { countInvalidRows, countRetries } from './counts';

/** What a run that pushes sets did. */
export interface Reported {
	operation: Operation<unknown>;
	calls: readonly Call[];
	heldBack: readonly HeldBack[];
	/** Undefined when nothing could be sent. */
	sent: Sent | undefined;
	remembered: RememberedRun | undefined;
	/** Why nothing could be sent. */
	stopped: Failure | undefined;
	rowCount: number;
	durationMs: number;
}

/** The facts of a run, as its report counts them. */
export function factsOf({
	operation,
	calls,
	heldBack,
	sent,
	remembered,
	stopped,
	rowCount,
	durationMs,
}: Reported): RunFacts {
	const delivered = sent?.delivered ?? [];
	const begun = remembered?.begun;
	return {
		customers: calls.map((call, index) => {
			const { customerId, devices } = setOf(call, operation);
			return {
				customerId,
				devices: devices.length,
				itemIndexes: call.itemIndexes,
				verdict: begun?.verdicts[index],
				outcome: delivered[index]?.outcome,
			};
		}),
		sendAll: remembered?.sendAll ?? true,
		heldBack: heldBack.map(({ parameters, itemIndexes, findings, refusal }) => ({
			customerId: ownerOf(parameters, operation),
			itemIndexes,
			failure: invalidRows(findings, refusal),
		})),
		rows: { total: rowCount, invalid: countInvalidRows(heldBack) },
		requests: delivered.reduce((sum, one) => sum + (one?.requestIds.length ?? 0), 0),
		retries: sent === undefined ? 0 : countRetries(sent),
		durationMs,
		memory: remembered && {
			state: remembered.begun.state,
			healthBefore: remembered.begun.healthBefore,
			healthTold: remembered.healthTold,
		},
		stopped,
		paused: remembered?.paused,
	};
}

/** Undefined for rows of which nobody knows whose they are. */
function ownerOf(parameters: Call['parameters'], { replaces }: Operation<unknown>): string | undefined {
	const owner = parameters[replaces?.owner ?? ''];
	return owner === undefined ? undefined : String(owner);
}

/** How many customers were not sent, because nothing has changed. */
export function countUnchanged({ customers, sendAll }: RunFacts): number {
	return customers.filter(({ outcome, verdict }) => outcome === undefined && isSkipped(verdict, sendAll))
		.length;
}

/** What a run sent and what it left: "12 of 18,000 customers changed and were pushed; 17,986 unchanged". */
export function describeChanges(facts: RunFacts, { begun, why }: RememberedRun): string {
	const { customers, sendAll, paused } = facts;
	const withVerdict = (...verdicts: string[]) =>
		customers.filter(({ verdict }) => verdicts.includes(verdict!));
	const ok = (facts: readonly RunFacts['customers'][number][]) =>
		facts.filter(({ outcome }) => outcome?.outcome === 'OK').length;
	const number = (count: number) => count.toLocaleString('en-US');
	const total = customers.length + countHeldBack(facts);
	const again = sendAll ? ok(withVerdict('unchanged')) : 0;
	// What an earlier try of this run has pushed is unchanged to this one.
	const pushed = ok(withVerdict('changed', 'waiting', 'failed', 'unchanged')) - again;
	const due = ok(withVerdict('due'));
	const left = customers.filter(({ outcome }) => outcome === undefined);
	const unchanged = countUnchanged(facts);
	const postponed = left.length - unchanged;
	const ended = paused === undefined ? '' : `: ${paused.reason.replace(/\.$/, '')}`;
	const reason = NOTHING_KNOWN[begun.state]?.(why);
	return [
		`${number(pushed)} of ${number(total)} ${total === 1 ? 'customer' : 'customers'} ${reason === undefined ? 'changed and ' : ''}${pushed === 1 ? 'was' : 'were'} pushed`,
		...(due > 0 ? [`${number(due)} pushed again because it was their turn`] : []),
		...(again > 0 ? [`${number(again)} unchanged ones pushed, too`] : []),
		...(postponed > 0 ? [`${number(postponed)} left for the next run${ended}`] : []),
		...(unchanged > 0 ? [`${number(unchanged)} unchanged`] : []),
		...(reason === undefined ? [] : [reason]),
	].join('; ');
}

const NOTHING_KNOWN: Partial<Record<RememberedRun['begun']['state'], (why?: string) => string>> = {
	empty: () =>
		'nothing was pushed to this account by this node before, so that every customer was to be sent',
	doubted: () => 'the last run did not come to its end, so that every customer was to be sent',
	none: (why = "n8n's database could not be used") =>
		`there is no memory because ${why}, so that every customer was to be sent`,
};
