import { expect, test } from '@jest/globals';
import { push, row } from '../engine/pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { eventually } from '../support/eventually.mts';
import { testedBuild } from '../support/testedBuild.mts';

const CONCURRENCY = 4;
const rows = Array.from({ length: 60 }, (_, index) => row(`c${index}`, index));

test('As many requests as Concurrency allows are in flight at once, and the pool reuses their connections.', async () => {
	let underWay = 0;
	let most = 0;
	const simulator = await runSimulator({
		faults: () => {
			underWay++;
			most = Math.max(most, underWay);
			const until = new Promise((resolve) => setTimeout(resolve, 5)).then(() => {
				underWay--;
			});
			return { kind: 'late', until };
		},
	});
	const { success } = await push(rows, simulator, { options: { concurrency: CONCURRENCY } });
	expect(success).toHaveLength(rows.length);
	expect(most).toBe(CONCURRENCY);
	// n8n's request function opens a connection for each request.
	expect(simulator.connections.total).toBe(testedBuild === 'pool' ? CONCURRENCY : rows.length);
	await eventually(() => simulator.connections.open, 0);
});
