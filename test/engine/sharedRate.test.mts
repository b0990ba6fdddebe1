import { expect, test } from '@jest/globals';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { runOperation } from './operationRun.mts';
import { picked } from '../support/picked.mts';
import { row, runPush } from './pushRun.mts';
import { NodeProcess, QuietClock } from '../timelines/outsideJest.mts';

const PER_SECOND = 20;
const SECOND_MS = 1_000;
const options = { requestsPerSecond: PER_SECOND };

/** A process with a built node, and a service; both have a time of their own, in which a busy machine changes nothing. */
async function processAndService() {
	const clock = new QuietClock(() => simulator.requests.length);
	const simulator = await runSimulator({ clock: clock.ofService });
	const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
	const node = {
		nodeType,
		credentialType,
		options,
		isOverlapping: true,
		processedData: createProcessedData(),
	};
	return { clock, simulator, node };
}

function rowsOf(prefix: string, count: number) {
	return Array.from({ length: count }, (_, index) => row(`${prefix}${index}`, `P/${prefix}${index}`));
}

/** What arrived of the customers with this prefix. */
function arrivalsOf({ requests }: Simulator, prefix = ''): number[] {
	return requests
		.filter(({ CustomerId }) => (CustomerId ?? '').startsWith(prefix))
		.map(({ receivedAtMs }) => receivedAtMs);
}

test('An order that comes during a Sync waits for a second at most, and a cancelled Sync leaves the rate to the others.', async () => {
	const { clock, simulator, node } = await processAndService();
	const cancel = new AbortController();
	const onError = 'continueErrorOutput';
	const synced = { ...node, onError, operation: 'sync', signal: cancel.signal } as const;
	const sync = runPush(rowsOf('s', 2_000), simulator, synced);
	await clock.sleep(20 * SECOND_MS);
	const waitsMs: number[] = [];
	for (const orderNo of ['O-1', 'O-2', 'O-3']) {
		let startedMs = NaN;
		const parameters = { customerId: picked('c1'), orderNo };
		const { success } = await runOperation(simulator, {
			...node,
			operation: 'order.create',
			parameters,
			onNodeProgress: ({ node: name, state }) => {
				if (name === 'Node' && state === 'started') startedMs = clock.nowMs;
			},
		});
		expect(success).toHaveLength(1);
		waitsMs.push(arrivalsOf(simulator, 'c1').at(-1)! - startedMs);
	}
	expect(Math.max(...waitsMs)).toBeLessThanOrEqual(SECOND_MS);

	const pushes = runPush(rowsOf('p', 200), simulator, { ...node, onError });
	await clock.sleep(5 * SECOND_MS);
	const sent = arrivalsOf(simulator, 's').length;
	const cancelledMs = clock.nowMs;
	expect(arrivalsOf(simulator, 'p').length).toBeGreaterThan(40);
	cancel.abort();
	await sync;
	expect((await pushes).success).toHaveLength(200);
	expect(arrivalsOf(simulator, 's').length - sent).toBeLessThanOrEqual(1);
	const later = arrivalsOf(simulator, 'p').filter((ms) => ms > cancelledMs + SECOND_MS);
	expect((later.length / (later.at(-1)! - later[0]!)) * SECOND_MS).toBeGreaterThan(0.95 * PER_SECOND);
});
