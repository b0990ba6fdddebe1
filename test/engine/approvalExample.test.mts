import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const workflow = readExample('sync-approval');

const customers = (product: string, count = 30): IDataObject[] =>
	Array.from({ length: count }, (_, index) => ({
		customer_id: `c${index}`,
		serial_no: `SN-${index}`,
		device_id: `LOCK01/${index}`,
		product,
	}));

/** The example with what its runs leave, and somebody who answers: each answer may change the rows before. */
async function approver() {
	const simulator = await runSimulator();
	const processedData = createProcessedData();
	return async (rows: IDataObject[], answers: Array<[decision: string, rows?: IDataObject[]]> = []) => {
		let current = rows;
		let asked = 0;
		const before = simulator.requests.length;
		const arrived = await runExample(
			workflow,
			simulator,
			{
				'n8n-nodes-base.postgres': nodeThat(async () => [current.map((json) => ({ json }))]),
				'n8n-nodes-base.httpRequest': nodeThat(async function () {
					return [this.getInputData()];
				}),
				'n8n-nodes-base.wait': nodeThat(async () => {
					const [Decision, changed = current] = answers[asked++]!;
					current = changed;
					return [[{ json: { Decision } }]];
				}),
			},
			{ processedData, mode: 'trigger' },
		);
		expect(arrived('Every 15 Minutes')).toHaveLength(1);
		return { asked, sent: simulator.requests.length - before };
	};
}

test('A plan that is approved is sent in the same execution; one that is rejected is not, and is not asked for again.', async () => {
	const run = await approver();
	expect(await run(customers('Lock'))).toEqual({ asked: 0, sent: 30 });
	expect(await run(customers('Smart Lock'), [['Reject']])).toEqual({ asked: 1, sent: 0 });
	expect(await run(customers('Smart Lock'))).toEqual({ asked: 0, sent: 0 });
	expect(await run(customers('Lock'))).toEqual({ asked: 0, sent: 0 });
	expect(await run(customers('Smart Lock'), [['Approve']])).toEqual({ asked: 1, sent: 30 });
	expect(await run(customers('Smart Lock'))).toEqual({ asked: 0, sent: 0 });
}, 60_000);
