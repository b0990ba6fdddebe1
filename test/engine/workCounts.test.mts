import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startSimulatorProcess, type SimulatorProcess } from '../../simulator/simulatorProcess.mts';
import { row, runPush, type PushRun } from './pushRun.mts';
import { countWork, loadBuiltNode } from '../../embedded/embeddedEngine.mts';

// Work is counted, not timed, so a change that makes the node slower shows on any machine.
const CUSTOMERS = 200;
const DEVICES = 5;
const CONCURRENCY = 8;
/** One HMAC makes the key of the digests that an execution keeps. */
const KEYS = 1;
const rows = Array.from({ length: CUSTOMERS * DEVICES }, (_, index) =>
	row(`user_${index % CUSTOMERS}`, index),
);
const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'];
const columns = (expression: (field: string) => string) =>
	Object.fromEntries(FIELDS.map((field) => [field, expression(field)]));

let service: SimulatorProcess;
beforeAll(async () => {
	service = await startSimulatorProcess();
});
afterAll(async () => await service.stop());
beforeEach(async () => await service.reset());

async function countPush(run: PushRun = {}, input = rows) {
	const { nodeType, counts } = countWork(loadBuiltNode().nodeType);
	const simulator = { endpoint: service.endpoint, appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };
	const options = { concurrency: CONCURRENCY, ...run.options };
	const before = await service.connections();
	const { success } = await runPush(input, simulator, { ...run, nodeType, options });
	const after = await service.connections();
	const { requests } = await service.counts();
	// Asking for the count took a connection, too.
	return { ...counts, success, requests, connections: after.total - before.total - 1 };
}

describe('A push of 200 customers', () => {
	test.each([
		['columns mapped by name', {}],
		['columns mapped by plain references', { columns: columns((field) => `={{ $json.${field} }}`) }],
	])('does each thing once per request, and evaluates nothing, with %s', async (_, run) => {
		const { success, connections, parameterReads, ...work } = await countPush(run);
		expect(success).toHaveLength(CUSTOMERS);
		expect(work).toEqual({
			requests: CUSTOMERS,
			hmacs: CUSTOMERS + KEYS,
			deviceSerialisations: CUSTOMERS,
			evaluations: 0,
		});
		expect(connections).toBe(CONCURRENCY);
		expect(parameterReads).toBeLessThan(10);
	});

	test('evaluates a real expression once per row and field', async () => {
		const run = { columns: columns((field) => `={{ $json.${field}.trim() }}`) };
		const { evaluations, requests } = await countPush(run, rows.slice(0, 50));
		expect(evaluations).toBe(50 * FIELDS.length);
		expect(requests).toBe(50);
	});
});
