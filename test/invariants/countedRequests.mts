import type { RequestRecord } from '../../simulator/simulator.mts';
import type { CountedRequest } from './reportViolations.mts';

/** The requests of a run as its report must count them. */
export function countedBy(requests: readonly RequestRecord[]): CountedRequest[] {
	return requests.map(({ CustomerId, outcome, body, signatureValid }) => {
		const devices = body === undefined ? undefined : devicesOf(body);
		return { CustomerId, isOk: outcome === 'OK', isSigningTry: !signatureValid, devices };
	});
}

function devicesOf(body: string): number | undefined {
	const { DeviceInfos } = JSON.parse(body) as { DeviceInfos?: unknown[] };
	return DeviceInfos?.length;
}
