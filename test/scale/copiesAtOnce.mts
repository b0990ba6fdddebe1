import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { messageOf } from '../../simulator/childMessage.mts';
import { startSimulatorProcess } from '../../simulator/simulatorProcess.mts';
import type { CopiesReport } from './copies.mts';

/** Copies of a Sync that start at the same moment in one process. */
interface Copies {
	copies: number;
	/** Of each. */
	customers: number;
	devices: number;
	heapMib: number;
}

/** Starts copies of a Sync together, twice: all must end ok, push each customer once, and start one after the other. */
export async function expectCopiesWell({ copies, customers, devices, heapMib }: Copies): Promise<void> {
	const simulator = await startSimulatorProcess();
	try {
		const script = fileURLToPath(new URL('./copies.mts', import.meta.url));
		const numbers = [copies, customers, devices].map(String);
		const child = fork(script, [...numbers, simulator.endpoint], {
			execArgv: [`--max-old-space-size=${heapMib}`],
		});
		const ended = once(child, 'exit');
		const [first, next] = await messageOf<CopiesReport[]>(child);
		await ended;
		const allWith = (pushed: number) => Array.from({ length: copies }, () => ({ health: 'ok', pushed }));
		expect(first?.runs).toEqual(allWith(customers));
		expect(next?.runs).toEqual(allWith(0));
		expect(first?.waited).toBeGreaterThan(0);
		const { requests, customers: stored, devices: bound } = await simulator.counts();
		expect([requests, stored, bound]).toEqual([
			copies * customers,
			copies * customers,
			copies * customers * devices,
		]);
	} finally {
		await simulator.stop();
	}
}
