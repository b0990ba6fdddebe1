import { deliver as send } from '../../nodes/TencentCloudIot/service/delivery/delivery';
import type { Host } from '../../nodes/TencentCloudIot/service/transport/transport';
import { outcomeOf, requestIdsOf, type Delivered, type Fate } from '../../nodes/TencentCloudIot/service/fate';
import type { Parameters as Request } from '../../nodes/TencentCloudIot/service/signing/signature';
import { JumpingClock } from './jumpingClock.mts';

type DeliverySettings = Parameters<typeof send>[1];
export type EgressFilter = NonNullable<Host['egressFilter']>;

/** Changes to the settings. */
export type SendingChanges = Partial<DeliverySettings> & { egressFilter?: EgressFilter };

/** Settings of a run that signs as the simulator expects it and whose waits take no time. */
export function sendingTo(
	{ endpoint }: { readonly endpoint: string },
	{ egressFilter, ...changes }: SendingChanges = {},
): DeliverySettings {
	return {
		endpoint: new URL(endpoint),
		appKey: 'ServiceAppKey',
		appSecret: 'ServiceAppSecret',
		allowedActions: 'everything',
		signatureSchemes: ['json'],
		concurrency: 4,
		requestsPerSecond: 0,
		maxAttempts: 3,
		timeoutMs: 60_000,
		isIdempotent: true,
		stopAtFailure: false,
		isDone: ({ Status }) => Status === 'OK',
		reads: ['Status', 'RequestId'],
		random: () => 0,
		clock: new JumpingClock(),
		host: {
			httpRequest: () => Promise.reject(new Error('The pool does not use it.')),
			debug: () => undefined,
			egressFilter,
		},
		...changes,
	};
}

/** The push of one customer with one device. */
export function pushOf(CustomerId: string): Request {
	const DeviceInfos = [
		{ CustomerDeviceNo: '1', DeviceId: `ProductA/${CustomerId}`, ProductName: '烟感 & Co' },
	];
	return { Action: 'ServiceBindDevice', CustomerId, DeviceInfos };
}

/** The pushes of customers c0, c1, … */
export function pushes(count: number): Request[] {
	return Array.from({ length: count }, (_, index) => pushOf(`c${index}`));
}

/** Sends the calls. Returns what was detected, and the fate of each call in order. */
export async function deliver(
	calls: readonly Request[],
	settings: DeliverySettings,
	onDelivered: (index: number, delivered: Delivered) => void = () => undefined,
) {
	const delivered: Delivered[] = [];
	const detected = await send([...calls.entries()], settings, (index, outcome) => {
		delivered[index] = outcome;
		onDelivered(index, outcome);
	});
	return { ...detected, delivered };
}

/** Each call's outcome as one word: OK, or the outcome and its code. */
export function outcomesOf({ delivered }: { delivered: readonly Delivered[] }): string[] {
	return delivered.map((fate) => {
		const { outcome } = endOf(fate);
		return outcome.outcome === 'OK' ? 'OK' : `${outcome.outcome} ${outcome.code}`;
	});
}

/** The outcome of a call, and the requests that were made for it. */
export function endOf(fate: Fate) {
	const outcome = outcomeOf(fate);
	if (outcome === undefined) {
		throw new Error(`The call is ${fate.kind}.`);
	}
	const pages = fate.kind === 'answered' ? fate.pages : undefined;
	return { outcome, requestIds: requestIdsOf(fate), pages };
}
