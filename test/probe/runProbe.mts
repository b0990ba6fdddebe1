import { probe } from '../../nodes/TencentCloudIot/probe/probe';
import type { reportOf } from '../../nodes/TencentCloudIot/probe/report';
import {
	SIGNATURE_SCHEMES,
	type SignatureScheme,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import { outcomeOf, type Delivered } from '../../nodes/TencentCloudIot/service/fate';
import type { Outcome } from '../../nodes/TencentCloudIot/service/outcome';
import { JumpingClock } from '../support/jumpingClock.mts';

export type ProbeReport = ReturnType<typeof reportOf>;

/** Where a probe goes and by which key. */
export interface Account {
	endpoint: string;
	appKey: string;
	appSecret: string;
}

/** Probes a service; waits take no time. */
export async function runProbe(
	{ endpoint, appKey, appSecret }: Account,
	productId = '',
	signatureSchemes: readonly SignatureScheme[] = SIGNATURE_SCHEMES,
): Promise<{ report: ProbeReport; outcome: Outcome }> {
	const allowedActions = 'everything' as const;
	const connection = { endpoint: new URL(endpoint), appKey, appSecret, allowedActions, signatureSchemes };
	const host = {
		httpRequest: () => Promise.reject(new Error('The pool does not use it.')),
		debug: () => undefined,
	};
	const delivered: Delivered[] = [];
	await probe(
		{ connection, productId, timeoutMs: 5_000, host, clock: new JumpingClock() },
		(_, outcome) => void delivered.push(outcome),
	);
	const outcome = outcomeOf(delivered[0]!)!;
	const report = outcome.outcome === 'OK' ? outcome.data['report'] : outcome.details;
	return { report: report as ProbeReport, outcome };
}
