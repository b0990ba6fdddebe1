import { parseEndpoint } from '../connection';
import type { Paging } from '../paging';
import type { SignatureScheme, Parameters } from '../signing/signature';
import { openTransport } from '../transport/openTransport';
import { sendPages } from './pager';
import { Sender, type Delivered, type SenderSettings } from './sender';

/** The settings of one run's delivery. */
export interface DeliverySettings extends Omit<SenderSettings, 'random'> {
	/** The most requests in flight at once. */
	concurrency: number;
	/** Per request, milliseconds. */
	timeoutMs: number;
	/** How the Action pages its list; each call then returns all the records that it wants. */
	paging?: Paging | undefined;
	/** Carries out each call by requests of its own. */
	conduct?: ((send: (parameters: Parameters) => Promise<Delivered>) => Promise<Delivered>) | undefined;
	/** Whether a call without a response says something of the service; left out, each does. */
	countsForWarmUp?: (index: number) => boolean;
	random?: SenderSettings['random'];
}

/** The outcome of each call, in the order of the calls, and what the run detected. */
export interface DeliveryReport {
	delivered: Delivered[];
	/** The signature scheme of an accepted request that had nested values. */
	acceptedScheme: SignatureScheme | undefined;
	/** Requests that only served to detect the key, the scheme or the clock's offset. */
	detectionRequests: number;
	/** What had to be added to this server's clock to be accepted, milliseconds; 0 when it was right. */
	clockOffsetMs: number;
}

/**
 * Receives each outcome at once, so that it can be stored even if the process ends before the run. An error that it throws
 * ends the run: no further call starts, calls in flight finish, then the error is rethrown.
 */
export type OnDelivered = (index: number, delivered: Delivered) => void;

/**
 * Sends each call's parameters as one signed request, or as one for each page of a list.
 * The first call is sent alone until the service has responded: a wrong secret costs two requests, not ten thousand.
 * @throws NotSendable before anything is sent, when the endpoint, the proxy or the host's policy does not allow it
 */
export async function deliver(
	calls: readonly Parameters[],
	settings: DeliverySettings,
	onDelivered: OnDelivered = () => undefined,
): Promise<DeliveryReport> {
	const { timeoutMs, host, signal, concurrency, clock, random = Math.random } = settings;
	const endpoint = parseEndpoint(settings.endpoint);
	const options = { endpoint, connections: concurrency, timeoutMs, clock, signal, host };
	const transport = await openTransport(options);
	const sender = new Sender(transport, { ...settings, endpoint: endpoint.href, random });
	try {
		const { paging, conduct, countsForWarmUp } = settings;
		const sendOne = async (request: Parameters) => await sender.send(request);
		const send = async (parameters: Parameters, index: number) => {
			if (conduct !== undefined) return await conduct(sendOne);
			if (paging !== undefined) return await sendPages(sendOne, parameters, paging);
			return await sender.send(parameters, countsForWarmUp?.(index));
		};
		const delivered = new Array<Delivered>(calls.length);
		const pending = calls.entries();
		const sendWhile = async (goOn: () => boolean): Promise<void> => {
			while (goOn()) {
				const next = pending.next();
				if (next.done) return;
				const [index, parameters] = next.value;
				delivered[index] = await send(parameters, index);
				onDelivered(index, delivered[index]);
			}
		};
		await sendWhile(() => sender.warmUp.isOpen);
		let isOver = false;
		const sendLane = async () => await sendWhile(() => !isOver).finally(() => (isOver = true));
		const lanes = Array.from({ length: Math.min(concurrency, calls.length) }, sendLane);
		// No request is in flight when the connections are closed, also where one lane threw.
		await Promise.allSettled(lanes);
		await Promise.all(lanes);
		const { acceptedScheme, clockOffsetMs, detectionRequests } = sender.warmUp;
		return { delivered, acceptedScheme, clockOffsetMs, detectionRequests };
	} finally {
		sender.close();
		await transport.close();
	}
}
