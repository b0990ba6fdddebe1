import type { IExecuteFunctions } from 'n8n-workflow';

import type { Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import { readConnection } from '../service/connection';
import { deliver, type DeliveryReport, type OnDelivered } from '../service/delivery/delivery';
import type { Delivered } from '../service/delivery/sender';
import { NotSendable, notSent, type Failure } from '../service/outcome';
import type { Host } from '../service/transport/transport';
import { requestOf, type Plan } from './plan';
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
}

/** What became of the calls, in their order. A call without a request has its outcome from an earlier try of this run. */
export interface Sent extends DeliveryReport {
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
	const pending = [...calls.keys()].filter((index) => delivered[index] === undefined);
	const keep = (position: number, result: Delivered) => {
		const index = pending[position]!;
		const told = withMeaning(result, settings.operation);
		delivered[index] = ledger?.record(calls[index]!, told) ?? told;
	};
	const tellEach = (cause: unknown): Omit<Sent, 'delivered'> => {
		if (!(cause instanceof NotSendable) || ledger === undefined || ledger.isNew) throw cause;
		// Of some calls more is known than that this try sent nothing.
		const { failure } = cause;
		for (const position of pending.keys()) keep(position, { outcome: failure, requestIds: [], digest: '' });
		return { ...NOTHING_FOUND, refusal: failure };
	};
	const report = await deliverPending(settings, plan, pending, keep).catch(tellEach);
	return { ...report, delivered: delivered as Delivered[] };
}

const NOTHING_FOUND = { acceptedRule: undefined, signingTries: 0, clockOffsetMs: 0, isRuleDetected: false };

async function deliverPending(
	{ context, operation, options, stopAtFailure, onStart }: SendSettings,
	{ calls, earlier }: Plan,
	pending: readonly number[],
	onDelivered: OnDelivered,
): Promise<Sent> {
	const connection = readConnection(
		await context.getCredentials('tencentCloudIotApi').catch(refuseCredential),
	);
	const refusedKey = new RefusedKey(context, connection);
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

/** What a failure means for this operation: that of a read has stored nothing, and some must not be tried again. */
function withMeaning(delivered: Delivered, { readsOnly, unclearAdvice }: Operation<unknown>): Delivered {
	const { outcome } = delivered;
	if (outcome.outcome === 'OK') return delivered;
	if (readsOnly) return { ...delivered, outcome: { ...outcome, onlyReads: true } };
	if (outcome.outcome !== 'UNKNOWN' || unclearAdvice === undefined) return delivered;
	return { ...delivered, outcome: { ...outcome, advice: unclearAdvice } };
}

function refuseCredential(cause: Error): never {
	const advice = `Choose or create a credential 'Tencent Cloud IoT API' in the node. ${cause.message}`;
	throw new NotSendable(notSent('CREDENTIAL_MISSING', 'The node has no usable credential.', advice));
}
