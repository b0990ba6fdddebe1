import { expect } from '@jest/globals';
import { pushMany } from './pushManyProcess.mts';
import { startSimulatorProcess } from '../../simulator/simulatorProcess.mts';

/** Pushes rows of some customers, and compares everything that the service stored with them. */
export async function expectExactPush(rows: number, customers: number, heapMib: number): Promise<void> {
	const simulator = await startSimulatorProcess();
	try {
		const { endpoint } = simulator;
		const report = await pushMany({ rows, customers, endpoint, heapMib });
		expect(report).toMatchObject({ items: customers, failed: 0 });
		const { bindings, counts } = await simulator.state();
		expect(counts).toMatchObject({ requests: customers, applied: customers, devices: rows });
		for (const [id, devices] of bindings) {
			const first = Number(id.slice('user_'.length));
			const expected = Array.from(
				{ length: rows / customers },
				(_, turn) => `Product/D${first + turn * customers}`,
			);
			expect(devices.map(({ DeviceId }) => DeviceId)).toEqual(expected);
		}
	} finally {
		await simulator.stop();
	}
}
