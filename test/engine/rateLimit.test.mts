import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSimulatorProcess, type SimulatorProcess } from '../../simulator/simulatorProcess.mts';
import { row, runPush } from './pushRun.mts';

const PER_SECOND = 20;
const rows = Array.from({ length: 4 * PER_SECOND }, (_, index) => row(`c${index}`, index));

let simulator: SimulatorProcess;

beforeAll(async () => (simulator = await startSimulatorProcess()));
afterAll(async () => await simulator.stop());

/** Blocks the node's event loop for a moment again and again, as other workflows of the same n8n do. */
function startStalls(): () => void {
	const timer = setInterval(() => {
		const endMs = performance.now() + 40;
		while (performance.now() < endMs);
	}, 130);
	return () => clearInterval(timer);
}

/** On a machine that is busy with other processes a request may be so much longer on its way than another, milliseconds. */
const MOST_JITTER_MS = 300;

/** The most arrivals in any second, less the jitter of the way. */
function mostInAnySecond(arrivalsMs: readonly number[]): number {
	const counts = arrivalsMs.map(
		(startMs) => arrivalsMs.filter((ms) => ms >= startMs && ms < startMs + 1_000 - MOST_JITTER_MS).length,
	);
	return Math.max(...counts);
}

test.each<[when: string, disturb: () => () => void]>([
	['of an idle n8n', () => () => undefined],
	['of a busy n8n', startStalls],
])('In any second at most the configured number of requests reaches the service, %s.', async (_, disturb) => {
	await simulator.reset();
	const stop = disturb();
	const access = { ...simulator, appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };
	const { success } = await runPush(rows, access, { options: { requestsPerSecond: PER_SECOND } });
	stop();
	expect(success).toHaveLength(rows.length);
	const { requests } = await simulator.state();
	expect(requests).toHaveLength(rows.length);
	expect(mostInAnySecond(requests.map(({ receivedAtMs }) => receivedAtMs))).toBeLessThanOrEqual(PER_SECOND);
});
