import { describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../nodes/TencentCloudIot/run/result';
import { CANCELLED } from '../../nodes/TencentCloudIot/service/fault';
import type { Fate } from '../../nodes/TencentCloudIot/service/fate';
import { healthOf } from '../../nodes/TencentCloudIot/sync/health';
import { failureWith } from '../support/failures.mts';
import { answered, OK } from '../support/fates.mts';
import { customer, resultWith, withheldOf } from '../support/runResults.mts';

const ok = customer();
const refused = customer({ fate: answered(failureWith({ outcome: 'REFUSED' })) });
const unclearFate = answered(failureWith({ outcome: 'UNKNOWN', code: 'CONNECTION_RESET' }));
const unclear = customer({ fate: unclearFate });
const notSent = customer({ fate: answered(failureWith({ outcome: 'NOT_SENT', code: 'UNREACHABLE' })) });
const timeOver = failureWith({ outcome: 'NOT_SENT', code: 'TIME_OVER' });
const waiting = customer({ fate: { kind: 'postponed', why: timeOver } });
const cancelled = customer({ fate: { kind: 'notTried', why: CANCELLED } });
const again = customer({ verdict: 'failed', fate: unclearFate });
const wrongKey = answered(failureWith({ outcome: 'REFUSED', code: 'AuthFailure', scope: 'run' }));
const notTried: Fate = {
	kind: 'notTried',
	why: failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED', scope: 'run' }),
};
const tripped = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
const breakerOpen = failureWith({ outcome: 'NOT_SENT', code: 'CIRCUIT_BREAKER' });

const after = (health: 'ok' | 'degraded' | 'failing') =>
	({ ...resultWith().sync!, healthBefore: health, healthReported: health }) as const;

describe('The health of a run', () => {
	test.each<[string, 'ok' | 'degraded' | 'failing', Partial<RunResult>]>([
		['all accepted', 'ok', {}],
		['nothing to send', 'ok', { calls: [customer({ verdict: 'unchanged', fate: { kind: 'unchanged' } })] }],
		['no customers', 'ok', { calls: [] }],
		[
			'accepted by an earlier attempt',
			'ok',
			{ calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })] },
		],
		['the time was over', 'ok', { calls: [ok, waiting], endedEarly: timeOver }],
		['one refused', 'degraded', { calls: [ok, refused] }],
		['all refused, but answered', 'degraded', { calls: [refused] }],
		['one unclear', 'degraded', { calls: [ok, unclear] }],
		['one not sent', 'degraded', { calls: [ok, notSent] }],
		['one withheld', 'degraded', { withheld: [withheldOf('h')] }],
		['rows without a recognizable customer', 'degraded', { withheld: [withheldOf(undefined)] }],
		['cancelled midway', 'degraded', { calls: [ok, cancelled] }],
		['cancelled at once', 'degraded', { calls: [cancelled] }],
		['no response at all', 'failing', { calls: [unclear, waiting] }],
		['nobody reached', 'failing', { calls: [notSent, cancelled] }],
		['no response to one who had none before', 'degraded', { calls: [again], sync: after('degraded') }],
		[
			'nor to all of many who had none',
			'degraded',
			{
				calls: [again, again, again, customer({ verdict: 'failed', fate: notTried })],
				sync: after('degraded'),
			},
		],
		['no response to one again, after an outage', 'failing', { calls: [again], sync: after('failing') }],
		[
			'no response to one again, nor to a new one',
			'failing',
			{ calls: [again, unclear], sync: after('degraded') },
		],
		[
			'a wrong key for one who failed before',
			'failing',
			{ calls: [customer({ verdict: 'failed', fate: wrongKey })], sync: after('degraded') },
		],
		['a wrong key', 'failing', { calls: [ok, customer({ fate: wrongKey })] }],
		[
			'a safety check',
			'failing',
			{ calls: [customer({ fate: { kind: 'notTried', why: tripped } })], blocked: tripped },
		],
		['circuit breaker open', 'failing', { calls: [ok, waiting], endedEarly: breakerOpen }],
		['circuit breaker open, up to the last one', 'failing', { calls: [ok], endedEarly: breakerOpen }],
	])('%s: %s', (_, health, changes) => {
		expect(healthOf(resultWith(changes))).toBe(health);
	});
});
