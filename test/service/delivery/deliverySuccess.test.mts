import { expect, test } from '@jest/globals';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { JumpingClock } from '../../support/jumpingClock.mts';
import { deliver, outcomesOf, pushes, sendingTo } from '../../support/sending.mts';

withoutProxies();

test('Requests that succeed on retry return their budget, so all of many succeed', async () => {
	const tried = new Set<string | undefined>();
	const simulator = await runSimulator({
		faults: ({ CustomerId }) => {
			if (tried.has(CustomerId)) {
				return undefined;
			}
			tried.add(CustomerId);
			return { kind: 'status', status: 503 };
		},
	});
	const report = await deliver(pushes(150), sendingTo(simulator));
	expect(outcomesOf(report)).toEqual(new Array(150).fill('OK'));
	expect(simulator.requests).toHaveLength(300);
});

test('The rate after throttling is based on the requests that succeeded', async () => {
	const clock = new JumpingClock();
	// Each request takes 3 ms.
	clock.elapsedMs = () => clock.sleptMs + 3 * simulator.requests.length;
	const simulator = await runSimulator({
		faults: [{ on: 'c30', kind: 'status', status: 429, times: 1 }],
	});
	const settings = sendingTo(simulator, { clock, concurrency: 1 });
	const report = await deliver(pushes(40), settings);
	expect(outcomesOf(report)).toEqual(new Array(40).fill('OK'));
	// 30 in less than a second: the remaining ten are sent at 28 a second. The estimate would be ten a second.
	expect(clock.sleptMs).toBeGreaterThan(1_000 + 200);
	expect(clock.sleptMs).toBeLessThan(1_000 + 700);
	// The next run is not affected.
	const { sleptMs } = clock;
	await deliver(pushes(3), settings);
	expect(clock.sleptMs).toBe(sleptMs);
});
