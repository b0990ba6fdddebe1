import { actions } from './actions.mts';
import type { Connections } from './connections.mts';
import type { RequestRecord } from './requestRecord.mts';
import type { Service } from './service.mts';
import type { DeviceInfo } from './serviceState.mts';

/** What a simulator has received and stored. */
export interface SimulatorCounts {
	readonly requests: number;
	/** Requests that were carried out. */
	readonly applied: number;
	/** Those of them that changed something. */
	readonly writes: number;
	/** Outcome → requests; see RequestRecord. */
	readonly outcomes: Readonly<Record<string, number>>;
	/** Customers that have a binding. */
	readonly customers: number;
	/** Bound devices of all customers. */
	readonly devices: number;
}

/** TCP connections since the start or the last reset. */
export interface ConnectionCounts {
	readonly total: number;
	readonly open: number;
	readonly tlsHandshakes: number;
}

/** The response of `GET /_simulator/state`. */
export interface SimulatorSnapshot {
	readonly counts: SimulatorCounts;
	readonly connections: ConnectionCounts;
	/** Ready for `new Map()`. */
	readonly bindings: readonly (readonly [CustomerId: string, readonly DeviceInfo[]])[];
	readonly requests: readonly RequestRecord[];
}

/** Copies the state of a simulator into plain data. */
export function snapshotOf({ requests, state }: Service, connections: Connections): SimulatorSnapshot {
	return {
		counts: count(requests, [...state.bindings.values()]),
		connections: connectionCountsOf(connections),
		bindings: [...state.bindings],
		requests,
	};
}

export function connectionCountsOf({ total, open, tlsHandshakes }: Connections): ConnectionCounts {
	return { total, open, tlsHandshakes };
}

/** How many of the requests changed something. */
export function countWrites(requests: readonly RequestRecord[]): number {
	return requests.filter(({ applied, Action }) => applied && actions.get(Action ?? '')?.writes).length;
}

function count(
	requests: readonly RequestRecord[],
	devicesByCustomer: readonly (readonly DeviceInfo[])[],
): SimulatorCounts {
	const outcomes = new Map<string, number>();
	for (const { outcome } of requests) {
		outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
	}
	return {
		requests: requests.length,
		applied: requests.filter((request) => request.applied).length,
		writes: countWrites(requests),
		outcomes: Object.fromEntries(outcomes),
		customers: devicesByCustomer.length,
		devices: devicesByCustomer.reduce((sum, devices) => sum + devices.length, 0),
	};
}
