import { deliver } from '../service/delivery/delivery';
import { LOOPBACK_HOST, type Connection } from '../service/connection';
import { type Delivered, failureOf, type Fate } from '../service/fate';
import { failureOrRethrow, requestFailureOf } from '../service/outcome';
import { aboutDuration, counted } from '../messages/words';
import { systemClock } from '../host/systemClock';
import type { Call } from '../resources/operation/operation';
import { requestOf, type Plan, type Run, type Selection } from './run';
import { type CallResult, isAudit, NO_SIGNING, type RunResult } from './report/result';

/**
 * Sends the selected calls of a plan, except those that an earlier attempt of the run has settled.
 * @param onSettled called when the fate of a call is known, with the index of the call
 */
export async function sendRun(
	run: Run,
	plan: Plan,
	selection: Selection,
	onSettled: (index: number, result: CallResult) => void,
): Promise<RunResult> {
	const { calls, withheld, leftOut, remarks, earlier, ledger } = plan;
	const fates: Array<Fate | undefined> = [...earlier];
	const settledMs: number[] = [];
	const pending = selection.order.flatMap((index): PendingCall[] => {
		const call = calls[index];
		return call === undefined || fates[index] !== undefined ? [] : [[index, call]];
	});
	const settle: Settle = (index, fate, parametersDigest = '') => {
		const call = calls[index]!;
		const recorded = ledger?.record(call, fate, parametersDigest) ?? fate;
		const atMs = systemClock.nowMs();
		fates[index] = recorded;
		settledMs[index] = atMs;
		selection.addFate?.(index, recorded);
		onSettled(index, { call, fate: recorded, atMs });
	};
	const sending = async () => await send(run, plan, { selection, pending, settle }).catch(failureOrRethrow);
	const sent = selection.blocked ?? plan.blocked ?? (await sending());
	const blocked = 'outcome' in sent ? sent : undefined;
	const signing = 'outcome' in sent ? NO_SIGNING : sent;
	const fateOfOthers: Fate =
		blocked === undefined ? { kind: 'unchanged' } : { kind: 'notTried', why: blocked };
	if (blocked !== undefined) {
		for (const [index] of pending) {
			settle(index, fateOfOthers);
		}
	}
	return {
		operation: run.operation,
		timezone: run.execution.timezone,
		calls: calls.map((call, index) => ({
			call,
			fate: fates[index] ?? fateOfOthers,
			verdict: selection.verdicts?.[index],
			atMs: settledMs[index],
		})),
		withheld,
		leftOut,
		remarks,
		...signing,
		blocked,
		endedEarly: selection.endedEarly,
		isRetry: ledger?.isFirstAttempt === false,
		sync: selection.facts,
		rowCount: run.items.length,
		durationMs: systemClock.elapsedMs() - run.startMs,
	};
}

/** A call that is to be sent, and its index among all calls. */
type PendingCall = readonly [index: number, call: Call];

/** Records the fate of a call. */
type Settle = (index: number, fate: Fate, parametersDigest?: string) => void;

/** What `send` needs besides run and plan. */
interface Dispatch {
	selection: Selection;
	/** The calls to send, in this order. */
	pending: readonly PendingCall[];
	settle: Settle;
}

/** Sends the pending calls. @throws NotSendable before anything is sent */
async function send(run: Run, { calls, earlier }: Plan, dispatch: Dispatch): Promise<typeof NO_SIGNING> {
	const { execution, ports, operation, options, stopAtFailure, progress } = run;
	const { selection, pending, settle } = dispatch;
	const connection = await ports.credential.connection();
	const isAuditing = isAudit(operation);
	// The number of an audit's pages is known only when they have been read.
	const total = isAuditing ? undefined : pending.length;
	const noteCallEnd = progressLog(run, total);
	const onDelivered = (index: number, { parametersDigest, ...fate }: Delivered) => {
		settle(index, withAdviceOf(operation, fate), parametersDigest);
		noteCallEnd();
	};
	progress.isSending = true;
	const [failedEarlier] = earlier.flatMap((fate) => (fate && failureOf(fate)) ?? []);
	const endMs = run.startMs + (options.longestRun || Infinity) * 60_000;
	const report = await deliver(
		pending.map(([index, call]) => [index, requestOf(call, operation)] as const),
		{
			...connection,
			concurrency: options.concurrency,
			requestsPerSecond: rateFor(operation, options, connection),
			maxAttempts: options.maxAttempts,
			isIdempotent: operation.effect !== 'once',
			stopAtFailure: stopAtFailure && !isAuditing,
			halt: stopAtFailure ? failedEarlier : undefined,
			isDone: operation.isDone,
			reads: operation.reads,
			whyBlocked: async (index) => await selection.whyBlocked?.(index),
			mayLeave: () => selection.mayLeave?.() ?? true,
			ends: selection.timeOver,
			countsForWarmUp: (index) => selection.countsForWarmUp?.(index) ?? true,
			conductOf: (index) => calls[index]?.conduct,
			isOver: () => systemClock.elapsedMs() >= endMs,
			onRequest: () => {
				if (isAuditing) {
					noteCallEnd();
				}
			},
			host: ports.host,
			clock: systemClock,
			signal: execution.signal,
			timeoutMs: options.timeout * 1000,
		},
		onDelivered,
	);
	return { ...report, isSchemeDetected: connection.signatureSchemes.length > 1 };
}

/** The most requests per second. An operation's own rate protects Tencent, so it does not hold for a simulator on this machine. */
function rateFor(
	{ ownRate }: Run['operation'],
	{ requestsPerSecond }: Run['options'],
	{ endpoint }: Connection,
): number {
	if (ownRate === undefined) {
		return requestsPerSecond;
	}
	return LOOPBACK_HOST.test(endpoint.hostname) ? 0 : ownRate;
}

/** Adds to a failure what depends on the operation: its advice, and that a read cannot have stored anything. */
function withAdviceOf(
	{ effect, unclearAdvice, refusedAdvice }: Run['operation'],
	fate: Exclude<Fate, { kind: 'earlierAttempt' | 'unchanged' }>,
): Fate {
	if (fate.kind !== 'answered' || fate.outcome.outcome === 'OK') {
		return fate;
	}
	const { outcome } = fate;
	const specialAdvice = requestFailureOf(outcome)?.isInvalidValue ? refusedAdvice : undefined;
	const advice =
		(outcome.outcome === 'UNKNOWN' ? unclearAdvice : undefined) ?? specialAdvice ?? outcome.advice;
	const withAdvice = { ...outcome, advice };
	return { ...fate, outcome: effect === 'read' ? { ...withAdvice, onlyReads: true } : withAdvice };
}

/** The time between two lines of the progress log. Milliseconds. */
const LOG_EVERY_MS = 30_000;

/**
 * Writes a line to n8n's log every 30 seconds of a run, as long as calls end: how many have ended, and how long the others will take.
 * @param total the number of calls; undefined if it is not known, then the log says how many units were read
 * @returns a function to call whenever a call has ended
 */
function progressLog({ execution, ports, operation }: Run, total: number | undefined): () => void {
	const { unit } = operation;
	const startMs = systemClock.elapsedMs();
	let loggedMs = startMs;
	let count = 0;
	return () => {
		count++;
		const nowMs = systemClock.elapsedMs();
		if (nowMs - loggedMs < LOG_EVERY_MS || count === total) {
			return;
		}
		loggedMs = nowMs;
		const leftMs = (calls: number) => ((nowMs - startMs) / count) * (calls - count);
		const progressText =
			total === undefined
				? `${counted(count, unit)} read`
				: `${count.toLocaleString('en-US')} of ${counted(total, unit)} sent, ${aboutDuration(leftMs(total))} left`;
		ports.log.info(`Tencent Cloud IoT, node '${execution.node.name}': ${progressText}`);
	};
}
