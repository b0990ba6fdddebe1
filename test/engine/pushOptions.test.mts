import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { linksOf, push, row } from './pushRun.mts';
import { NodeProcess, QuietClock } from '../timelines/outsideJest.mts';

const onError = 'continueErrorOutput' as const;

test('Include Devices in Output lists what was pushed.', async () => {
	const simulator = await runSimulator();
	const { success } = await push([row('a', 1)], simulator, { options: { includeDevices: true } });
	expect(success[0]?.json.DeviceInfos).toEqual(simulator.bindings.get('a'));
});

test('Invalid Rows: Send the Valid Devices pushes the valid devices and reports each invalid row.', async () => {
	const simulator = await runSimulator();
	const rows = [row('a', 1), row('a', 'none'), row('b', 'none')];
	const result = await push(rows, simulator, { onError, rowHandling: { invalidRows: 'sendValid' } });
	expect([...simulator.bindings.keys()]).toEqual(['a']);
	expect(result.success.map(linksOf)).toEqual([[0]]);
	expect(result.error.map(linksOf)).toEqual([[1], [2]]);
	expectNothingLost(result, rows, simulator, { sendsValid: true });
});

test.each([
	['refuse', []],
	['allow', ['a', 'b']],
] as const)('Same Device Under Several Customers: %s.', async (sharedDevices, bound) => {
	const simulator = await runSimulator();
	const rows = [row('a', 1), row('b', 1)];
	const result = await push(rows, simulator, { onError, rowHandling: { sharedDevices } });
	expect([...simulator.bindings.keys()]).toEqual(bound);
	expectNothingLost(result, rows, simulator);
});

test('Requests per Second spaces the requests evenly.', async () => {
	const clock = new QuietClock(() => simulator.requests.length);
	const simulator = await runSimulator({ clock: clock.ofService });
	const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
	const rows = Array.from({ length: 12 }, (_, index) => row(`c${index}`, index));
	await push(rows, simulator, { nodeType, credentialType, options: { requestsPerSecond: 50 } });
	const times = simulator.requests.map(({ receivedAtMs }) => receivedAtMs);
	const apartMs = times.slice(1).map((ms, index) => ms - times[index]!);
	expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(20);
	expect(Math.max(...apartMs)).toBeLessThan(21);
});
