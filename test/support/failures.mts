import type { Failure, Outcome } from '../../nodes/TencentCloudIot/service/outcome';

/** A failure with facts that a test does not care about. */
export function failureWith(facts: Partial<Failure> = {}): Failure {
	return {
		outcome: 'UNKNOWN',
		code: 'CODE',
		reason: 'Reason.',
		reasonZh: '原因',
		advice: 'Advice',
		adviceZh: '建议',
		retry: 'transient',
		scope: 'call',
		...facts,
	};
}

/** The failure that an outcome has to be. */
export function failureOf(outcome: Outcome): Failure {
	if (outcome.outcome === 'OK') {
		throw new Error('This outcome is OK.');
	}
	return outcome;
}
