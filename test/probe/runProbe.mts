import type { DetailedFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { probe } from '../../nodes/TencentCloudIot/probe/probe';
import type { reportOf } from '../../nodes/TencentCloudIot/probe/report';
import {
	SIGNATURE_SCHEMES,
	type SignatureScheme,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import { outcomeOf } from '../../nodes/TencentCloudIot/service/fate';
import type { Outcome } from '../../nodes/TencentCloudIot/service/outcome';
import { deliver, sendingTo } from '../support/sending.mts';

export type ProbeReport = ReturnType<typeof reportOf>;

/** The endpoint and key of a probe. */
export interface Account {
	endpoint: string;
	appKey: string;
	appSecret: string;
}

/** Probes a service; waits take no time. */
export async function runProbe(
	account: Account,
	productId = '',
	signatureSchemes: readonly SignatureScheme[] = SIGNATURE_SCHEMES,
): Promise<{ report: ProbeReport; outcome: Outcome }> {
	const { endpoint: _endpoint, ...keys } = account;
	const settings = sendingTo(account, {
		...keys,
		signatureSchemes,
		timeoutMs: 5_000,
		requestsPerSecond: 1,
		conductOf: () => async (requests) => await probe(requests, productId),
	});
	const { delivered } = await deliver([{}], settings);
	const outcome = outcomeOf(delivered[0]!)!;
	const report = outcome.outcome === 'OK' ? outcome.data['report'] : (outcome as DetailedFailure).details;
	return { report: report as ProbeReport, outcome };
}
