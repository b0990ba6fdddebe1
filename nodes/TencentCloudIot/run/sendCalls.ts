import type { IExecuteFunctions } from 'n8n-workflow';

import type { Call, Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import { readConnection } from '../service/connection';
import { deliver, type DeliveryReport } from '../service/delivery/delivery';
import type { Delivered } from '../service/delivery/sender';
import { NotSendable, notSent, type Failure, type Outcome } from '../service/outcome';
import type { Host } from '../service/transport/transport';
import { Ledger } from './ledger';
import { systemClock } from './systemClock';

export interface SendSettings {
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
}

/**
 * Sends the calls with the node's credential, but for those that must not be sent again in this run.
 * @throws NotSendable before anything is sent
 */
export async function sendCalls(
	context: IExecuteFunctions,
	calls: readonly Call[],
	{ operation, options, stopAtFailure, onStart }: SendSettings,
): Promise<Sent> {
	const connection = readConnection(
		await context.getCredentials('tencentCloudIotApi').catch(refuseCredential),
	);
	const ledger = operation.readsOnly ? undefined : new Ledger(context, connection);
	const requests = calls.map(({ action, parameters }) => ({
		Action: action ?? operation.action,
		...parameters,
	}));
	const delivered = calls.map((call, index) => deliveredEarlier(ledger?.find(call, requests[index]!)));
	const pending = [...calls.keys()].filter((index) => delivered[index] === undefined);
	onStart();
	const report = await deliver(
		pending.map((index) => requests[index]!),
		{
			...connection,
			concurrency: options.concurrency,
			requestsPerSecond: options.requestsPerSecond,
			maxAttempts: options.maxAttempts,
			timeoutMs: options.timeout * 1000,
			repeatable: operation.repeatable,
			stopAtFailure,
			halt: stopAtFailure ? delivered.map(failureOf).find((failure) => failure !== undefined) : undefined,
			isDone: operation.isDone,
			paging: operation.paging,
			host: hostOf(context),
			clock: systemClock,
			signal: context.getExecutionCancelSignal(),
		},
		(position, result) => {
			const index = pending[position]!;
			const told = withMeaning(result, operation);
			delivered[index] = ledger?.record(calls[index]!, told, operation.repeatable) ?? told;
		},
	);
	return {
		...report,
		delivered: delivered as Delivered[],
		isRuleDetected: connection.nestedRules.length > 1,
	};
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

function deliveredEarlier(outcome: Outcome | undefined): Delivered | undefined {
	return outcome && { outcome, requestIds: [], digest: '' };
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
