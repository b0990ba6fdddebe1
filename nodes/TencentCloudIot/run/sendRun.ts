import { deliver } from '../service/delivery/delivery';
import { LOOPBACK_HOST, type Connection } from '../service/connection';
import { type Delivered, failureOf, type Fate } from '../service/fate';
import { failureOrRethrow, requestFailureOf } from '../service/outcome';
import { aboutDuration, counted } from '../messages/words';
import { systemClock } from '../host/systemClock';
import { type Call, isAudit } from '../resources/operation/operation';
import { requestOf, type Plan, type Run, type Selection } from './run';
import { type CallResult, NO_SIGNING_FACTS, type RunResult } from './report/result';

/**
 * Sends the selected calls of a plan, except those that an earlier attempt of the run has settled.
 * @param onSettled called when the fate of a call is known, with the index of the call
 */
export async function sendRun(
	run: Run,
	plan: Plan,
	selection: Selection,
	onSettled: (callIndex: number, callResult: CallResult) => void,
): Promise<RunResult> {
	const { calls, withheld, leftOut, remarks, earlierFates, ledger } = plan;
	const fates: Array<Fate | undefined> = [...earlierFates];
	const settledTimesMs: number[] = [];
	const pendingCalls = selection.sendOrder.flatMap((callIndex): PendingCall[] => {
		const call = calls[callIndex];
		return call === undefined || fates[callIndex] !== undefined ? [] : [[callIndex, call]];
	});
	const settleCall: Settle = (callIndex, fate, parametersDigest = '') => {
		const call = calls[callIndex]!;
		const recordedFate = ledger?.recordFate(call, fate, parametersDigest) ?? fate;
		const settledAtMs = systemClock.nowMs();
		fates[callIndex] = recordedFate;
		settledTimesMs[callIndex] = settledAtMs;
		selection.addFate?.(callIndex, recordedFate);
		onSettled(callIndex, { call, fate: recordedFate, settledAtMs });
	};
	const sendPending = async () =>
		await send(run, plan, { selection, pendingCalls, settleCall }).catch(failureOrRethrow);
	const sendResult = selection.blocked ?? plan.blocked ?? (await sendPending());
	const blocked = 'outcome' in sendResult ? sendResult : undefined;
	const signingFacts = 'outcome' in sendResult ? NO_SIGNING_FACTS : sendResult;
	const fateOfUnsent: Fate =
		blocked === undefined ? { kind: 'unchanged' } : { kind: 'notTried', why: blocked };
	if (blocked !== undefined) {
		for (const [callIndex] of pendingCalls) {
			settleCall(callIndex, fateOfUnsent);
		}
	}
	return {
		operation: run.operation,
		timezone: run.execution.timezone,
		calls: calls.map((call, index) => ({
			call,
			fate: fates[index] ?? fateOfUnsent,
			verdict: selection.verdicts?.[index],
			settledAtMs: settledTimesMs[index],
		})),
		withheld,
		leftOut,
		remarks,
		...signingFacts,
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

/** What `send` needs besides run and plan: which calls to send, and how to record their fates. */
interface PendingWork {
	selection: Selection;
	/** The calls to send, in the order of sending. */
	pendingCalls: readonly PendingCall[];
	settleCall: Settle;
}

/** Sends the pending calls. @throws NotSendable before anything is sent */
async function send(
	run: Run,
	{ calls, earlierFates }: Plan,
	pendingWork: PendingWork,
): Promise<typeof NO_SIGNING_FACTS> {
	const { execution, ports, operation, options, stopAtFailure, sendingProgress } = run;
	const { selection, pendingCalls, settleCall } = pendingWork;
	const connection = await ports.credential.connection();
	const isAuditing = isAudit(operation);
	// The number of an audit's pages is known only when they have been read.
	const callTotal = isAuditing ? undefined : pendingCalls.length;
	const noteProgress = makeProgressLog(run, callTotal);
	const onDelivered = (callIndex: number, { parametersDigest, ...fate }: Delivered) => {
		settleCall(callIndex, withAdviceOf(operation, fate), parametersDigest);
		noteProgress();
	};
	sendingProgress.isSending = true;
	const [earlierFailure] = earlierFates.flatMap((fate) => (fate && failureOf(fate)) ?? []);
	// 0 minutes mean that the run has no time limit.
	const endMs = run.startMs + (options.longestRun || Infinity) * 60_000;
	const signingFacts = await deliver(
		pendingCalls.map(([index, call]) => [index, requestOf(call, operation)] as const),
		{
			...connection,
			concurrency: options.concurrency,
			requestsPerSecond: mostRequestsPerSecond(operation, options, connection),
			maxAttempts: options.maxAttempts,
			isIdempotent: operation.effect !== 'once',
			stopAtFailure: stopAtFailure && !isAuditing,
			halt: stopAtFailure ? earlierFailure : undefined,
			isDone: operation.isDone,
			reads: operation.reads,
			whyBlocked: async (index) => await selection.whyBlocked?.(index),
			mayLeave: () => selection.mayLeave?.() ?? true,
			timeOver: selection.timeOver,
			countsForWarmUp: (callIndex) => selection.countsForWarmUp?.(callIndex) ?? true,
			conductOf: (index) => calls[index]?.conduct,
			isTimeOver: () => systemClock.elapsedMs() >= endMs,
			onRequest: () => {
				if (isAuditing) {
					noteProgress();
				}
			},
			host: ports.host,
			clock: systemClock,
			signal: execution.signal,
			timeoutMs: options.timeout * 1000,
		},
		onDelivered,
	);
	return { ...signingFacts, isSchemeDetected: connection.signatureSchemes.length > 1 };
}

/** How many requests per second a run may make; 0 for no limit. An operation's own rate protects Tencent, so that rate does not hold for a simulator on this machine. */
function mostRequestsPerSecond(
	{ ownRate }: Run['operation'],
	{ requestsPerSecond }: Run['options'],
	{ endpoint }: Connection,
): number {
	if (ownRate === undefined) {
		return requestsPerSecond;
	}
	return LOOPBACK_HOST.test(endpoint.hostname) ? 0 : ownRate;
}

/** Adds the operation's advice to a failure, and marks a failed read with `onlyReads`: its message then says that nothing can have been stored. */
function withAdviceOf(
	{ effect, unclearAdvice, refusedAdvice }: Run['operation'],
	fate: Exclude<Fate, { kind: 'earlierAttempt' | 'unchanged' }>,
): Fate {
	if (fate.kind !== 'answered' || fate.outcome.outcome === 'OK') {
		return fate;
	}
	const { outcome } = fate;
	const refusalAdvice = requestFailureOf(outcome)?.isInvalidValue ? refusedAdvice : undefined;
	const advice =
		(outcome.outcome === 'UNKNOWN' ? unclearAdvice : undefined) ?? refusalAdvice ?? outcome.advice;
	const advisedOutcome = { ...outcome, advice };
	return { ...fate, outcome: effect === 'read' ? { ...advisedOutcome, onlyReads: true } : advisedOutcome };
}

/** The time between two lines of the progress log. Milliseconds. */
const LOG_EVERY_MS = 30_000;

/**
 * Writes a line to n8n's log every 30 seconds of a run, as long as calls end: how many have ended, and how long all other calls will take.
 * @param callTotal the number of calls; undefined if the number is not known; then the log says how many units were read
 * @returns a function to call whenever a call has ended, or a request of an audit, which is one call with many requests
 */
function makeProgressLog({ execution, ports, operation }: Run, callTotal: number | undefined): () => void {
	const { unit } = operation;
	const startMs = systemClock.elapsedMs();
	let lastLoggedMs = startMs;
	let endedCount = 0;
	return () => {
		endedCount++;
		const nowMs = systemClock.elapsedMs();
		if (nowMs - lastLoggedMs < LOG_EVERY_MS || endedCount === callTotal) {
			return;
		}
		lastLoggedMs = nowMs;
		const remainingMs = (calls: number) => ((nowMs - startMs) / endedCount) * (calls - endedCount);
		const progressText =
			callTotal === undefined
				? `${counted(endedCount, unit)} read`
				: `${endedCount.toLocaleString('en-US')} of ${counted(callTotal, unit)} sent, ${aboutDuration(remainingMs(callTotal))} left`;
		ports.log.info(`Tencent Cloud IoT, node '${execution.node.name}': ${progressText}`);
	};
}
