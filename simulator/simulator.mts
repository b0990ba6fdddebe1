import type { AddressInfo } from 'node:net';
import { addControlRoutes } from './control.mts';
import { createHttpServer, servicePath } from './httpServer.mts';
import type { ChangeableOptions, SimulatorOptions } from './options.mts';
import type { RequestRecord } from './requestRecord.mts';
import { Service } from './service.mts';
import type { DeviceInfo, ServiceState } from './serviceState.mts';
import type { ConnectionCounts } from './snapshot.mts';

export { certificatePath } from './certificate.mts';
export type { ArrivedRequest, Fault, FaultRule } from './faults.mts';
export type { RateLimit, SimulatorOptions } from './options.mts';
export type { RequestRecord } from './requestRecord.mts';
export type { DeviceInfo } from './serviceState.mts';
export type { ConnectionCounts, SimulatorSnapshot } from './snapshot.mts';

/** A running simulator of the service. */
export interface Simulator {
	/** The service's URL, such as `http://127.0.0.1:8465/api/exploreropen/serviceapi`. */
	readonly endpoint: string;
	/** The server's URL without a path; the control routes are below it, at `/_simulator/`. */
	readonly origin: string;
	readonly port: number;
	readonly appKey: string;
	readonly appSecret: string;
	/** CustomerId → the customer's devices, live. */
	readonly bindings: ReadonlyMap<string, readonly DeviceInfo[]>;
	/** Everything that the service has stored, live. */
	readonly state: ServiceState;
	/** Every request, in order of arrival, live. */
	readonly requests: readonly RequestRecord[];
	readonly connections: ConnectionCounts;
	/**
	 * Changes options from the next request on; options that are left out keep their value.
	 *
	 * @throws OptionError; nothing is changed then
	 */
	setOptions(changes: ChangeableOptions): void;
	/** Forgets requests, bindings, nonces, used-up faults and counts; options and connections stay. */
	reset(): void;
	/** Ends all connections and stops listening. */
	close(): Promise<void>;
}

/**
 * Starts a simulator on 127.0.0.1.
 *
 * @throws OptionError for an option that cannot be used; an Error with `code` EADDRINUSE for a port in use
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const { nestedRule, envelope, latencyMs, rateLimit, refuseCustomers, outage } = options;
	const { tls = false, port = 0 } = options;
	const service = new Service(options);
	service.change({ nestedRule, envelope, latencyMs, rateLimit, refuseCustomers, outage });
	const server = createHttpServer(service, { tls });
	const { app, connections } = server;
	addControlRoutes(server, service);
	await app.listen({ host: '127.0.0.1', port });
	const address = app.server.address() as AddressInfo;
	const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`;
	return {
		endpoint: origin + servicePath,
		origin,
		port: address.port,
		appKey: service.appKey,
		appSecret: service.appSecret,
		bindings: service.state.bindings,
		state: service.state,
		requests: service.requests,
		connections,
		setOptions: (changes) => service.change(changes),
		reset: () => {
			service.reset();
			connections.forget();
		},
		close: async () => {
			const closed = app.close();
			connections.destroyAll();
			await closed;
		},
	};
}
