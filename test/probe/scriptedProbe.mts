import type { Action } from '../../nodes/TencentCloudIot/service/actions';
import { attempt, type Channel } from '../../nodes/TencentCloudIot/service/delivery/attempt';
import type { Requests } from '../../nodes/TencentCloudIot/service/delivery/conduct';
import { outcomeOf, requestIdsOf } from '../../nodes/TencentCloudIot/service/fate';
import type { DetailedFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { SIGNATURE_SCHEMES } from '../../nodes/TencentCloudIot/service/signing/signature';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';
import type { TransportErrorKind } from '../../nodes/TencentCloudIot/service/transportError';
import { NONEXISTENT_ACTION } from '../../nodes/TencentCloudIot/probe/conversation';
import { probe } from '../../nodes/TencentCloudIot/probe/probe';
import { httpAnswer } from '../support/httpResponse.mts';
import type { ProbeReport } from './runProbe.mts';

/** The members of a sent request. */
export type Sent = Readonly<Record<string, unknown>> & {
	Action: Action | typeof NONEXISTENT_ACTION;
	RequestId: string;
	Timestamp: number;
	Nonce: number;
};

/** The reply to a request: a response, the reason why there is none, or `held` if the run lets no more requests start. */
export type Reply = ReturnType<typeof httpAnswer> | TransportErrorKind | 'held';

/** How a service replies. @param index how many requests came before this one */
export type Service = (sent: Sent, index: number) => Reply;

export const NOW_MS = Date.UTC(2026, 10, 30, 12);

export function done({ RequestId }: Pick<Sent, 'RequestId'>, members: object): Reply {
	return answer({ Response: { RequestId, ...members } });
}

export function refused({ RequestId }: Pick<Sent, 'RequestId'>, Code: string, Message = ''): Reply {
	return answer({ Response: { RequestId, Error: { Code, Message } } });
}

/** @param seconds how far the clock of the service is ahead */
export function answer(body: unknown, { status = 200, seconds = 0, contentType = 'application/json' } = {}) {
	const date = new Date(NOW_MS + 1000 * seconds).toUTCString();
	// A header has whole seconds, and is received a fifth of a second later.
	return httpAnswer(body, { status, contentType, date, receivedAtMs: NOW_MS + 200 });
}

/** A service as documented by Tencent, with one customer, no order and one device; it checks required parameters. */
export const usual: Service = (sent) => {
	switch (sent.Action) {
		case 'ServiceGetCustomerList':
			return done(sent, { Customers: [{ CustomerId: 'c017' }], Total: 3 });
		case 'ServiceGetOrderList':
			return done(sent, { Orders: [], Total: 0 });
		case NONEXISTENT_ACTION:
			return refused(sent, 'InvalidParameterValue', 'Action is not valid');
		default:
			return 'ProductId' in sent
				? done(sent, { Devices: [{}], Total: 2 })
				: refused(sent, 'InvalidParameterValue', 'ProductId is required');
	}
};

/** The usual service, except for these Actions. */
export function serviceThat(replies: Partial<Record<Sent['Action'], Service>>): Service {
	return (sent, index) => (replies[sent.Action] ?? usual)(sent, index);
}

/** Probes a service without a network, and returns the sent requests. */
export async function probeScripted(
	service: Service,
	{
		productId = '',
		connection = {},
		signal,
	}: { productId?: string; connection?: Partial<Requests['connection']>; signal?: AbortSignal } = {},
) {
	const sent: Sent[] = [];
	const pausesMs: number[] = [];
	const offsetsMs: number[] = [];
	const clock: Clock = {
		nowMs: () => NOW_MS,
		elapsedMs: () => 0,
		sleep: async () => undefined,
		alarm: () => () => undefined,
	};
	const post = (body: string) => {
		const request = JSON.parse(body) as Sent;
		const reply = service(request, sent.length);
		if (reply === 'held') {
			return undefined;
		}
		sent.push(request);
		return typeof reply === 'string' ? { error: { kind: reply, written: true } } : { response: reply };
	};
	const account: Requests['connection'] = {
		endpoint: new URL('https://service.example'),
		appKey: 'MyKey',
		appSecret: 'MySecret',
		signatureSchemes: SIGNATURE_SCHEMES,
		allowedActions: 'everything',
		...connection,
	};
	const channel: Channel = {
		...account,
		clock,
		host: { debug: () => undefined },
		transport: { post: async (body) => post(body), close: async () => undefined },
	};
	const delivered = await probe(
		{
			attempt: async (request, makeFresh) => await attempt(channel, request, makeFresh()),
			pause: (ms) => pausesMs.push(ms),
			noteClockOffset: (ms) => offsetsMs.push(ms),
			send: () => Promise.reject(new Error('A probe makes each of its requests once.')),
			isTimeOver: () => false,
			concurrency: 1,
			connection: account,
			clock,
			signal,
		},
		productId,
	);
	const outcome = outcomeOf(delivered)!;
	const report = outcome.outcome === 'OK' ? outcome.data['report'] : (outcome as DetailedFailure).details;
	return {
		sent,
		pausesMs,
		offsetsMs,
		delivered,
		outcome,
		requestIds: requestIdsOf(delivered),
		report: report as ProbeReport,
	};
}

/** The purpose of a request in a transcript: `key ServiceGetCustomerList`, with the scheme if it matters. */
export function purposesIn({ Transcript }: ProbeReport): string[] {
	return exchangesIn(Transcript).map(({ purpose, request, scheme }) => {
		const words = [purpose, request.Action];
		if (purpose === 'scheme') {
			words.push(scheme);
		}
		return words.join(' ');
	});
}

export interface ShownExchange {
	purpose: string;
	request: { Action: string };
	scheme: string;
	error?: string;
	response?: { status: number; contentType: string; clockOffsetSeconds?: number; body?: unknown };
}

export function exchangesIn(transcript: string): ShownExchange[] {
	return (JSON.parse(transcript) as { exchanges: ShownExchange[] }).exchanges;
}
