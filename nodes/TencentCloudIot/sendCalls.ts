import type { IExecuteFunctions } from 'n8n-workflow';

import { readConnection } from './connection';
import { Ledger } from './ledger';
import type { Call, Operation } from './operation';
import type { RunOptions } from './resources/runOptions';
import { deliver, type DeliveryReport } from './service/delivery';
import { NotSendable, notSent } from './service/outcome';
import type { Delivered } from './service/sender';

export interface SendSettings {
	operation: Operation<unknown>;
	options: RunOptions;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
}

/** What became of the calls, in their order. A call without a request was accepted in an earlier try of this run. */
export interface Sent extends DeliveryReport {
	/** Whether the rule for nested values was found by trying. */
	isRuleDetected: boolean;
}

/**
 * Sends the calls with the node's credential, but for those that the service accepted already.
 * @throws NotSendable before anything is sent
 */
export async function sendCalls(
	context: IExecuteFunctions,
	calls: readonly Call[],
	{ operation, options, stopAtFailure }: SendSettings,
): Promise<Sent> {
	const connection = readConnection(
		await context.getCredentials('tencentCloudIotApi').catch(refuseCredential),
	);
	const ledger = new Ledger(context, operation.action, connection);
	const delivered = calls.map((call) => deliveredEarlier(ledger.find(call)));
	const pending = [...calls.keys()].filter((index) => delivered[index] === undefined);
	const report = await deliver(
		pending.map((index) => ({ Action: operation.action, ...calls[index]!.parameters })),
		{
			...connection,
			concurrency: options.concurrency,
			requestsPerSecond: options.requestsPerSecond,
			maxAttempts: options.maxAttempts,
			timeoutMs: options.timeout * 1000,
			repeatable: operation.repeatable,
			stopAtFailure,
			isDone: operation.isDone,
			egressFilter: context.helpers.getSecureEgressFilter?.(),
			signal: context.getExecutionCancelSignal(),
		},
		(position, result) => {
			const index = pending[position]!;
			delivered[index] = ledger.record(calls[index]!, result);
		},
	);
	return {
		...report,
		delivered: delivered as Delivered[],
		isRuleDetected: connection.nestedRules.length > 1,
	};
}

function deliveredEarlier(requestId: string | undefined): Delivered | undefined {
	return requestId === undefined
		? undefined
		: { outcome: { outcome: 'OK', data: {}, requestId }, requestIds: [], digest: '' };
}

function refuseCredential(cause: Error): never {
	const advice = `Choose or create a credential 'Tencent Cloud IoT API' in the node. ${cause.message}`;
	throw new NotSendable(notSent('CREDENTIAL_MISSING', 'The node has no usable credential.', advice));
}
