import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../nodes/TencentCloudIot/service/outcome';
import { CANCELLED } from '../../nodes/TencentCloudIot/sync/state/begun';
import type { Verdict } from '../../nodes/TencentCloudIot/sync/plan';
import { healthOf } from '../../nodes/TencentCloudIot/sync/health';
import { reportRun } from '../../nodes/TencentCloudIot/sync/report';
import type { CustomerFacts, HeldBackFacts, RunFacts } from '../../nodes/TencentCloudIot/sync/runFacts';
import { deepFreeze } from '../support/deepFreeze.mts';
import { failureWith } from '../support/failures.mts';

const ok: Outcome = { outcome: 'OK', data: {}, requestId: 'r' };
const refused = failureWith({ outcome: 'REFUSED', code: 'Refused', reason: 'No.' });
const unclear = failureWith({ outcome: 'UNKNOWN', code: 'CONNECTION_RESET' });
const notSent = failureWith({ outcome: 'NOT_SENT', code: 'UNREACHABLE' });
const wrongKey = failureWith({ outcome: 'REFUSED', code: 'AuthFailure', scope: 'run' });
const guard = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
const timeOver = failureWith({ outcome: 'NOT_SENT', code: 'TIME_OVER' });
const mostlyFailed = failureWith({ outcome: 'NOT_SENT', code: 'MOSTLY_FAILED' });

const customer = (changes: Partial<CustomerFacts> = {}): CustomerFacts => ({
	customerId: 'a',
	devices: 2,
	itemIndexes: [0, 1],
	verdict: 'changed',
	outcome: ok,
	...changes,
});
const held = (customerId: string | undefined): HeldBackFacts => ({
	customerId,
	itemIndexes: [4],
	failure: failureWith({ outcome: 'NOT_SENT', code: 'INVALID_ROWS' }),
});
const facts = (changes: Partial<RunFacts> = {}): RunFacts =>
	deepFreeze({
		customers: [customer()],
		sendAll: false,
		heldBack: [],
		rows: { total: 2, invalid: 0 },
		requests: 1,
		retries: 0,
		durationMs: 12.4,
		memory: { state: 'used', healthBefore: 'ok', healthTold: 'ok' },
		stopped: undefined,
		paused: undefined,
		...changes,
	} as RunFacts);

describe('The item of a run', () => {
	test('counts what became of the customers, of their devices and rows', () => {
		const ends: Array<[Verdict, Outcome | undefined]> = [
			['changed', ok],
			['waiting', ok],
			['due', ok],
			['unchanged', undefined],
			['changed', refused],
			['due', unclear],
			['changed', notSent],
			['changed', undefined],
			['due', undefined],
		];
		const customers = ends.map(([verdict, outcome], index) =>
			customer({ customerId: `c${index}`, devices: index + 1, verdict, outcome, itemIndexes: [index] }),
		);
		const report = reportRun(
			facts({
				customers,
				heldBack: [held('h'), held('h'), held('i'), held(undefined)],
				rows: { total: 30, invalid: 4 },
				requests: 11,
				retries: 2,
				durationMs: 99.6,
			}),
		);
		expect(report).toMatchObject({
			Health: 'degraded',
			HealthChanged: true,
			Customers: {
				Total: 11,
				Pushed: 2,
				Unchanged: 1,
				Due: 1,
				Refused: 1,
				Unclear: 1,
				NotSent: 1,
				Postponed: 2,
				HeldBack: 2,
			},
			Devices: 6,
			Rows: { Total: 30, Invalid: 4 },
			Requests: 11,
			Retries: 2,
			DurationMs: 100,
			Memory: 'used',
		});
		expect(report.Failures.map(({ CustomerId, outcome, rows }) => [CustomerId, outcome, rows])).toEqual([
			['c4', 'REFUSED', [5]],
			['c5', 'UNKNOWN', [6]],
			['c6', 'NOT_SENT', [7]],
			['h', 'NOT_SENT', [5]],
			['h', 'NOT_SENT', [5]],
			['i', 'NOT_SENT', [5]],
			[undefined, 'NOT_SENT', [5]],
		]);
		expect(report.Failures[0]).toEqual({
			CustomerId: 'c4',
			outcome: 'REFUSED',
			code: 'Refused',
			message: 'No. Tencent refused it; nothing was changed.',
			rows: [5],
		});
		expect(report.Failures.at(-1)).not.toHaveProperty('CustomerId');
	});

	test('adds up: the total is the sum of the others, whatever happened', () => {
		const outcome = fc.constantFrom(ok, refused, unclear, notSent, wrongKey, undefined);
		const verdict = fc.constantFrom<Verdict>('changed', 'waiting', 'failed', 'due', 'unchanged', 'unjudged');
		const run = fc.record({
			customers: fc.array(fc.record({ verdict, outcome })),
			heldBack: fc.array(fc.constantFrom('h', 'i', undefined)),
			stopped: fc.constantFrom(guard, undefined),
			paused: fc.constantFrom(timeOver, undefined),
		});
		fc.assert(
			fc.property(run, ({ customers, heldBack, ...others }) => {
				const { Total, ...ends } = reportRun(
					facts({ ...others, customers: customers.map(customer), heldBack: heldBack.map(held) }),
				).Customers;
				expect(Object.values(ends).reduce((sum, count) => sum + count)).toBe(Total);
				const ids = new Set(heldBack.filter((id) => id !== undefined));
				expect(Total).toBe(customers.length + ids.size);
			}),
		);
	});

	test('of a run that was stopped has every customer as not sent, and the reason first', () => {
		const customers = [
			customer({ verdict: 'unchanged', outcome: undefined }),
			customer({ verdict: 'unjudged', outcome: undefined }),
		];
		const report = reportRun(facts({ customers, stopped: guard, heldBack: [held('h')] }));
		expect(report).toMatchObject({ Health: 'failing', Customers: { Total: 3, NotSent: 2, HeldBack: 1 } });
		expect(report.Failures.map(({ code, rows }) => [code, rows])).toEqual([
			['TOO_MANY_CHANGES', []],
			['INVALID_ROWS', [5]],
		]);
	});

	test('names why it went no further, but not that its time was over', () => {
		const codes = (paused: RunFacts['paused']) =>
			reportRun(facts({ paused })).Failures.map(({ code }) => code);
		expect(codes(mostlyFailed)).toEqual(['MOSTLY_FAILED']);
		expect(codes(timeOver)).toEqual([]);
	});

	test('names the first hundred failures', () => {
		const customers = Array.from({ length: 101 }, (_, index) =>
			customer({ customerId: `c${index}`, outcome: refused }),
		);
		const { Failures } = reportRun(facts({ customers }));
		expect(Failures).toHaveLength(100);
		expect(Failures.at(-1)?.CustomerId).toBe('c99');
	});

	test('has nothing of a memory for an operation that has none', () => {
		const report = reportRun(facts({ memory: undefined, customers: [customer({ verdict: undefined })] }));
		expect(report).not.toHaveProperty('Memory');
		expect(report).not.toHaveProperty('HealthChanged');
		expect(report.Customers).toMatchObject({ Total: 1, Pushed: 1 });
	});

	test.each([
		['ok', true, false],
		['degraded', true, true],
		['failing', true, true],
		['ok', false, true],
		['degraded', false, false],
		['failing', false, true],
	] as const)(
		'after %s, when all is well: %j, has its health changed: %j',
		(healthTold, isWell, isChanged) => {
			const customers = isWell ? [customer()] : [customer(), customer({ outcome: refused })];
			// What an earlier try of this run left tells nobody.
			const memory = { state: 'used', healthBefore: 'failing', healthTold } as const;
			const { HealthChanged } = reportRun(facts({ customers, memory }));
			expect(HealthChanged).toBe(isChanged);
		},
	);
});

describe('The health of a run', () => {
	const waiting = customer({ outcome: undefined });
	const cancelled = customer({ outcome: CANCELLED });
	const again = customer({ verdict: 'failed', outcome: unclear });
	const notTried = failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED', scope: 'run' });
	const before = (health: 'ok' | 'degraded' | 'failing') =>
		({ state: 'used', healthBefore: health, healthTold: health }) as const;

	test.each<[string, 'ok' | 'degraded' | 'failing', Partial<RunFacts>]>([
		['all accepted', 'ok', {}],
		['nothing to send', 'ok', { customers: [customer({ verdict: 'unchanged', outcome: undefined })] }],
		['no customers', 'ok', { customers: [] }],
		['the time was over', 'ok', { customers: [customer(), waiting], paused: timeOver }],
		['one refused', 'degraded', { customers: [customer(), customer({ outcome: refused })] }],
		['all refused, but answered', 'degraded', { customers: [customer({ outcome: refused })] }],
		['one unclear', 'degraded', { customers: [customer(), customer({ outcome: unclear })] }],
		['one not sent', 'degraded', { customers: [customer(), customer({ outcome: notSent })] }],
		['one held back', 'degraded', { heldBack: [held('h')] }],
		['rows of nobody', 'degraded', { heldBack: [held(undefined)] }],
		['cancelled midway', 'degraded', { customers: [customer(), cancelled] }],
		['cancelled at once', 'degraded', { customers: [cancelled] }],
		['no answer at all', 'failing', { customers: [customer({ outcome: unclear }), waiting] }],
		['nobody reached', 'failing', { customers: [customer({ outcome: notSent }), cancelled] }],
		['no answer to one who had none before', 'degraded', { customers: [again], memory: before('degraded') }],
		[
			'nor to all of many who had none',
			'degraded',
			{
				customers: [again, again, again, customer({ verdict: 'failed', outcome: notTried })],
				memory: before('degraded'),
			},
		],
		['no answer to one again, after an outage', 'failing', { customers: [again], memory: before('failing') }],
		[
			'no answer to one again, nor to a new one',
			'failing',
			{
				customers: [again, customer({ outcome: unclear })],
				memory: before('degraded'),
			},
		],
		[
			'a wrong key for one who failed before',
			'failing',
			{
				customers: [customer({ verdict: 'failed', outcome: wrongKey })],
				memory: before('degraded'),
			},
		],
		['a wrong key', 'failing', { customers: [customer(), customer({ outcome: wrongKey })] }],
		['a guard', 'failing', { customers: [waiting], stopped: guard }],
		['mostly refused', 'failing', { customers: [customer(), waiting], paused: mostlyFailed }],
	])('%s: %s', (_, health, changes) => {
		expect(healthOf(facts(changes))).toBe(health);
	});
});
