import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { RateLimit } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { expectNothingLost } from './invariants.mts';
import { push, row } from './pushRun.mts';
import { NodeProcess, QuietClock } from '../timelines/outsideJest.mts';

const LIMIT_PER_SECOND = 20;
const CONVERGED_AFTER_MS = 10_000;
const rows = Array.from({ length: 18 * LIMIT_PER_SECOND }, (_, index) => row(`c${index}`, index));

const cases: Array<[string, RateLimit, IDataObject]> = [
	[
		'RequestLimitExceeded from 64 at once',
		{ perSecond: LIMIT_PER_SECOND },
		{ concurrency: 64, requestsPerSecond: 0 },
	],
	[
		'429 with Retry-After from the default settings',
		{ perSecond: LIMIT_PER_SECOND, answer: 'http429', retryAfter: '1' },
		{ requestsPerSecond: 20 },
	],
];

test.each(cases)(
	'The rate reaches 90 to 100 %% of an unknown limit within 10 s and stays there: %s.',
	async (_, rateLimit, options) => {
		// Node and simulator share a simulated clock, so a busy or slow machine changes nothing.
		const clock = new QuietClock(() => simulator.requests.length);
		const simulator = await runSimulator({ rateLimit, clock: clock.ofService });
		const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
		const run = { nodeType, credentialType, onError: 'continueErrorOutput', options } as const;
		const result = await push(rows, simulator, run);
		expectNothingLost(result, rows, simulator);
		expect(result.error).toEqual([]);

		const startMs = simulator.requests[0]!.receivedAtMs + CONVERGED_AFTER_MS;
		const endMs = simulator.requests.at(-1)!.receivedAtMs;
		const later = simulator.requests.filter(({ receivedAtMs }) => receivedAtMs >= startMs);
		const accepted = later.filter(({ applied }) => applied);
		// The median second counts: a stall of the machine spoils a few seconds, a wrong rate spoils most.
		const seconds = new Array<number>(Math.floor((endMs - startMs) / 1000)).fill(0);
		for (const { receivedAtMs } of accepted) {
			const second = Math.floor((receivedAtMs - startMs) / 1000);
			if (second < seconds.length) {
				seconds[second]!++;
			}
		}
		const perSecond = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
		expect(perSecond / LIMIT_PER_SECOND).toBeGreaterThanOrEqual(0.9);
		expect(accepted.length / later.length).toBeGreaterThanOrEqual(0.95);
	},
);
