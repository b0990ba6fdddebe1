import { expect, test } from '@jest/globals';
import { pushMany } from './pushManyProcess.mts';
import { startSimulatorProcess } from '../../simulator/simulatorProcess.mts';

const ROWS = 20_000;
const CUSTOMERS = 4_000;

test('20,000 rows of 4,000 customers become 4,000 requests with the exact devices, in a heap of 160 MiB.', async () => {
	const simulator = await startSimulatorProcess();
	try {
		const { endpoint } = simulator;
		const report = await pushMany({ rows: ROWS, customers: CUSTOMERS, endpoint, heapMib: 160 });
		expect(report).toMatchObject({ items: CUSTOMERS, failed: 0 });
		const { bindings, counts } = await simulator.state();
		expect(counts).toMatchObject({ requests: CUSTOMERS, applied: CUSTOMERS, devices: ROWS });
		for (const [id, devices] of bindings) {
			const first = Number(id.slice('user_'.length));
			const expected = Array.from(
				{ length: ROWS / CUSTOMERS },
				(_, turn) => `Product/D${first + turn * CUSTOMERS}`,
			);
			expect(devices.map(({ DeviceId }) => DeviceId)).toEqual(expected);
		}
	} finally {
		await simulator.stop();
	}
});

test('A Dry Run of 20,000 rows shows 4,000 requests.', async () => {
	const report = await pushMany({ rows: ROWS, customers: CUSTOMERS, heapMib: 160 });
	expect(report).toMatchObject({ items: CUSTOMERS, failed: 0 });
});
