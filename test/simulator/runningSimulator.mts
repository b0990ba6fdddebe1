import { afterEach } from '@jest/globals';
import type { Simulator, SimulatorOptions } from '../../simulator/simulator.mts';
import { startSimulator } from '../../simulator/simulator.mts';

const running = new Set<Simulator>();

afterEach(async () => {
	await Promise.all([...running].map((simulator) => simulator.close()));
	running.clear();
});

/** A simulator that is closed when the test ends. */
export async function runSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const simulator = await startSimulator(options);
	running.add(simulator);
	return simulator;
}
