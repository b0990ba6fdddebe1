import { parseEndpoint } from '../endpoint';
import type { Paging } from '../paging';
import type { NestedRule, Parameters } from '../signing/signature';
import { openTransport } from '../transport/openTransport';
import type { Host } from '../transport/transport';
import { sendPages } from './pager';
import { Sender, type Delivered, type SenderSettings } from './sender';

/** What one run needs to know to bring its calls to the service. */
export interface DeliverySettings extends Omit<SenderSettings, 'random'> {
	endpoint: string;
	/** Per request, milliseconds. */
	timeoutMs: number;
	/** How the Action hands out a list; each call then brings all the records that it wants. */
	paging?: Paging | undefined;
	host: Host;
	random?: SenderSettings['random'];
}

/** What a run ended with: an outcome for each call, in the order of the calls, and what it found out on its way. */
export interface DeliveryReport {
	delivered: Delivered[];
	/** The rule by which an accepted request was signed that had nested values. */
	acceptedRule: NestedRule | undefined;
	/** Requests that only served to find the rule or the clock's offset. */
	signingTries: number;
	/** What had to be added to this server's clock to be accepted, milliseconds; 0 when it was right. */
	clockOffsetMs: number;
}

/**
 * Told of each outcome at once, so that it can be kept even if the process ends before the run does. What it throws
 * ends the run: no further call is begun, those under way are carried to their end, and then it is thrown on.
 */
export type OnDelivered = (index: number, delivered: Delivered) => void;

/**
 * Sends each call's parameters as one signed request, or one for each page of a list.
 * The first call goes alone until the service has answered: a wrong secret costs two requests, not ten thousand.
 * @throws NotSendable before anything is sent, when the endpoint, the proxy or the host's policy does not allow it
 */
export async function deliver(
	calls: readonly Parameters[],
	settings: DeliverySettings,
	onDelivered: OnDelivered = () => undefined,
): Promise<DeliveryReport> {
	const { timeoutMs, host, signal, concurrency, clock, random = Math.random } = settings;
	const endpoint = parseEndpoint(settings.endpoint);
	const transport = await openTransport({
		endpoint,
		connections: concurrency,
		timeoutMs,
		clock,
		signal,
		host,
	});
	try {
		const sender = new Sender(transport, { ...settings, random });
		const { paging } = settings;
		const send = async (parameters: Parameters) =>
			paging === undefined
				? await sender.send(parameters)
				: await sendPages(async (page) => await sender.send(page), parameters, paging);
		const delivered = await sendAll(calls, { sender, send, concurrency, onDelivered });
		const { acceptedRule, clockOffsetMs, tries } = sender.lead;
		return { delivered, acceptedRule, clockOffsetMs, signingTries: tries };
	} finally {
		await transport.close();
	}
}

interface Sending {
	sender: Sender;
	/** Carries one call to its end. */
	send: (parameters: Parameters) => Promise<Delivered>;
	concurrency: number;
	onDelivered: OnDelivered;
}

async function sendAll(
	calls: readonly Parameters[],
	{ sender, send, concurrency, onDelivered }: Sending,
): Promise<Delivered[]> {
	const delivered = new Array<Delivered>(calls.length);
	const pending = calls.entries();
	const sendWhile = async (goOn: () => boolean): Promise<void> => {
		while (goOn()) {
			const next = pending.next();
			if (next.done) return;
			const [index, parameters] = next.value;
			delivered[index] = await send(parameters);
			onDelivered(index, delivered[index]);
		}
	};
	await sendWhile(() => sender.lead.isOpen);
	let isOver = false;
	const sendLane = async () => await sendWhile(() => !isOver).finally(() => (isOver = true));
	const lanes = Array.from({ length: Math.min(concurrency, calls.length) }, sendLane);
	// No request is under way when the connections are closed, also where one lane threw.
	await Promise.allSettled(lanes);
	await Promise.all(lanes);
	return delivered;
}
