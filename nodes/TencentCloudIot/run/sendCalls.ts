import type { IExecuteFunctions } from 'n8n-workflow';

import type { Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import { deliver, type DeliveryReport, type OnDelivered } from '../service/delivery/delivery';
import type { Delivered } from '../service/delivery/sender';
import { NotSendable, type Failure } from '../service/outcome';
import type { Host } from '../service/transport/transport';
import { connectionOf } from './connectionOf';
import { requestOf, type Plan } from './plan';
import { ProgressLog } from './progressLog';
import type { RememberedRun } from './rememberedRun';
import { RefusedKey } from './refusedKey';
import { systemClock } from './systemClock';

export interface SendSettings {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	options: RunOptions;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** Told once, before the first request. */
	onStart(): void;
	/** Which calls to send, in which order and how long, for an operation that sends changes only. */
	remembered?: RememberedRun | undefined;
}

/** What became of the calls, in their order. A call without a request has its outcome from an earlier try of this run. */
export interface Sent extends Omit<DeliveryReport, 'delivered'> {
	/** Undefined for a call that was not begun, because it is unchanged or postponed. */
	delivered: ReadonlyArray<Delivered | undefined>;
	/** Whether the rule for nested values was found by trying. */
	isRuleDetected: boolean;
	/** Why this try could send nothing, where earlier tries have. */
	refusal?: Failure;
}

/**
 * Sends the calls with the node's credential, but for those that must not be sent again in this run.
 * @throws NotSendable before anything is sent, in this try or an earlier one
 */
export async function sendCalls(settings: SendSettings, plan: Plan): Promise<Sent> {
	const { calls, ledger } = plan;
	const delivered = [...plan.earlier];
	const { remembered } = settings;
	const order = remembered?.order ?? [...calls.keys()];
	const pending = order.filter((index) => delivered[index] === undefined);
	const keep = (position: number, result: Delivered) => {
		const index = pending[position]!;
		if (remembered?.isPostponed(result)) return;
		const told = withMeaning(result, settings.operation);
		delivered[index] = ledger?.record(calls[index]!, told) ?? told;
		remembered?.answered(index, delivered[index].outcome);
	};
	const tellEach = (cause: unknown): Omit<Sent, 'delivered'> => {
		if (!(cause instanceof NotSendable) || ledger === undefined || ledger.isNew) throw cause;
		// Of some calls more is known than that this try sent nothing.
		const { failure } = cause;
		for (const position of pending.keys()) keep(position, { outcome: failure, requestIds: [], digest: '' });
		return { ...NOTHING_FOUND, refusal: failure };
	};
	const report = await deliverPending(settings, plan, pending, keep).catch(tellEach);
	return { ...report, delivered };
}

const NOTHING_FOUND = { acceptedRule: undefined, signingTries: 0, clockOffsetMs: 0, isRuleDetected: false };

async function deliverPending(
	{ context, operation, options, stopAtFailure, onStart, remembered }: SendSettings,
	{ calls, earlier }: Plan,
	pending: readonly number[],
	onDelivered: OnDelivered,
): Promise<Sent> {
	const connection = await connectionOf(context);
	const refusedKey = new RefusedKey(context, connection);
	const progress = new ProgressLog(context, systemClock, operation.unit, pending.length);
	onStart();
	const report = await deliver(
		pending.map((index) => requestOf(calls[index]!, operation)),
		{
			...connection,
			concurrency: options.concurrency,
			requestsPerSecond: options.requestsPerSecond,
			maxAttempts: options.maxAttempts,
			timeoutMs: options.timeout * 1000,
			repeatable: operation.repeatable,
			stopAtFailure,
			halt: refusedKey.failure ?? (stopAtFailure ? earlier.map(failureOf).find(isFailure) : undefined),
			isDone: operation.isDone,
			mayStart: remembered && (async () => await remembered.whyNotStart()),
			paging: operation.paging,
			host: hostOf(context),
			clock: systemClock,
			signal: context.getExecutionCancelSignal(),
		},
		(position, result) => {
			const call = calls[pending[position]!]!;
			const outcome = refusedKey.outcomeOf(call);
			refusedKey.record(call, result.outcome);
			onDelivered(position, outcome === undefined ? result : { outcome, requestIds: [], digest: '' });
			progress.ended();
		},
	);
	return { ...report, isRuleDetected: connection.nestedRules.length > 1 };
}

function hostOf({ helpers }: IExecuteFunctions): Host {
	return {
		httpRequest: async (options) => (await helpers.httpRequest(options)) as unknown,
		egressFilter: helpers.getSecureEgressFilter?.(),
	};
}

function failureOf(delivered: Delivered | undefined): Failure | undefined {
	return delivered === undefined || delivered.outcome.outcome === 'OK' ? undefined : delivered.outcome;
}

function isFailure(failure: Failure | undefined): failure is Failure {
	return failure !== undefined;
}

/** What a failure means for this operation: that of a read has stored nothing, and what to do depends on what was asked. */
function withMeaning(delivered: Delivered, operation: Operation<unknown>): Delivered {
	const { outcome } = delivered;
	if (outcome.outcome === 'OK') return delivered;
	const { readsOnly, unclearAdvice, refusedAdvice } = operation;
	const own = outcome.ofValue ? refusedAdvice : undefined;
	const advice = (outcome.outcome === 'UNKNOWN' ? unclearAdvice : undefined) ?? own ?? outcome.advice;
	return { ...delivered, outcome: { ...outcome, advice, ...(readsOnly && { onlyReads: true }) } };
}
