import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { Simulator, SimulatorOptions } from '../simulator/simulator.mts';
import { counted } from './counted.mts';

/** Where to push. */
export type Target =
	| {
			readonly kind: 'simulator';
			readonly rule: NonNullable<SimulatorOptions['nestedRule']>;
			readonly envelope: NonNullable<SimulatorOptions['envelope']>;
	  }
	| {
			readonly kind: 'endpoint';
			readonly endpoint: string;
			readonly appKey: string;
			readonly appSecret: string;
	  }
	| { readonly kind: 'live'; readonly appKey: string; readonly appSecret: string };

/** A target that is ready to be pushed to. */
export interface OpenTarget {
	/** For the user, as the object of "to". */
	readonly name: string;
	/** What the user would enter in n8n. */
	readonly credentials: ICredentialDataDecryptedObject;
	/** The value of the node's option; 0 is no limit. */
	readonly requestsPerSecond: number;
	/** The simulator of the run, if it has one. */
	readonly simulator: Simulator | undefined;
	/** How far a push is after a number of seconds, as far as it can be known from outside. */
	describeProgress(customers: number, seconds: number): string;
	close(): Promise<void>;
}

/** The node's own default, kept wherever the other side may be the real service. */
const DEFAULT_REQUESTS_PER_SECOND = 20;

/** Slow enough for a run of some 150 customers to be watched. */
const SIMULATOR_LATENCY_MS = { min: 40, max: 90 };

/** Makes the target ready; the caller closes it. */
export async function openTarget(target: Target): Promise<OpenTarget> {
	if (target.kind === 'simulator') return await openSimulator(target);
	const { appKey, appSecret } = target;
	const place =
		target.kind === 'live' ? { platform: 'china' } : { platform: 'custom', endpoint: target.endpoint };
	return {
		name: target.kind === 'live' ? 'the real service in China' : target.endpoint,
		credentials: { appKey, appSecret, ...place },
		requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
		simulator: undefined,
		// Only the node knows how many are done, and reports it at its end.
		describeProgress: (customers, seconds) =>
			`Pushing ${counted(customers, 'customer')}: ${Math.floor(seconds)} s, at ${DEFAULT_REQUESTS_PER_SECOND} a second ` +
			`it takes ${Math.ceil(customers / DEFAULT_REQUESTS_PER_SECOND)} s or more`,
		close: async () => {},
	};
}

async function openSimulator({
	rule,
	envelope,
}: Extract<Target, { kind: 'simulator' }>): Promise<OpenTarget> {
	const { startSimulator } = await import('../simulator/simulator.mts');
	const simulator = await startSimulator({ nestedRule: rule, envelope, latencyMs: SIMULATOR_LATENCY_MS });
	const { appKey, appSecret, endpoint } = simulator;
	return {
		name: `a simulator of the service at ${endpoint}`,
		credentials: { appKey, appSecret, platform: 'custom', endpoint },
		requestsPerSecond: 0,
		simulator,
		describeProgress: (customers) =>
			`Pushing: ${simulator.bindings.size} of ${counted(customers, 'customer')} stored, ${counted(simulator.requests.length, 'request')}`,
		close: simulator.close,
	};
}
