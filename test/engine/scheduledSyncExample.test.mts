import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

/** What n8n's Postgres node gives out where the database does not respond. */
const DOWN = [{ message: 'connect ECONNREFUSED', error: { code: 'ECONNREFUSED' } }];

test('The scheduled example tells once of a database that is down, with what it says, and is red until it is up again.', async () => {
	const simulator = await runSimulator();
	const processedData = createProcessedData();
	const run = async (rows: IDataObject[]) => {
		const told: string[] = [];
		const red: string[] = [];
		const note = (list: string[], name: string) =>
			nodeThat(
				async function () {
					list.push(String(this.getNodeParameter(name, 0)));
					return [this.getInputData()];
				},
				[name],
			);
		await runExample(
			readExample('crm-to-iot-sync'),
			simulator,
			{
				'n8n-nodes-base.postgres': nodeThat(async () => [rows.map((json) => ({ json }))]),
				'n8n-nodes-base.httpRequest': note(told, 'jsonBody'),
				'n8n-nodes-base.stopAndError': note(red, 'errorMessage'),
			},
			{ processedData, mode: 'trigger' },
		);
		return [told.join(), red.join()];
	};
	const rows = [{ customer_id: 'a', serial_no: '1', device_id: 'LOCK01/a', product: '智能门锁' }];
	const isNoRows = expect.stringMatching(/Sync 失败（NO_ROWS）：.*原因：数据源没有给出任何数据行/);
	expect(await run(rows)).toEqual(['', '']);
	const [told, red] = await run(DOWN);
	expect([told, red]).toEqual([isNoRows, isNoRows]);
	expect(told).toContain(String.raw`\nRead All Customers: connect ECONNREFUSED`);
	expect(await run(DOWN)).toEqual(['', isNoRows]);
	expect(await run(rows)).toEqual([expect.stringContaining('Sync is ok'), '']);
	expect(simulator.requests).toHaveLength(1);
});
