import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { rowsNode } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const row = (customer: string, device: string | null): IDataObject => ({
	customer_id: customer,
	serial_no: device,
	device_id: device === null ? null : `LOCK01/${device}`,
	product: device === null ? null : '智能门锁',
});

/** Fills in the form for ` a `, and gives the page at the end, what was asked of the database, and what was sent. */
async function fillIn(rows: IDataObject[]) {
	const simulator = await runSimulator();
	const pages: string[] = [];
	let asked: unknown;
	const page = nodeThat(
		async function () {
			pages.push(
				['completionTitle', 'completionMessage'].map((name) => this.getNodeParameter(name, 0)).join(': '),
			);
			return [this.getInputData()];
		},
		['completionTitle', 'completionMessage'],
	);
	await runExample(readExample('customer-support-form'), simulator, {
		'n8n-nodes-base.formTrigger': rowsNode([{ json: { CustomerId: ' a ', 'What to do': 'Push' } }]),
		'n8n-nodes-base.form': page,
		'n8n-nodes-base.postgres': nodeThat(
			async function () {
				asked = this.getNodeParameter('options.queryReplacement', 0);
				return [rows.map((json) => ({ json }))];
			},
			['options'],
		),
	});
	return { pages, asked, sent: simulator.requests.length };
}

test.each<[string, IDataObject[], RegExp, number]>([
	['with its devices is pushed', [row('a', 'x'), row('a', 'y')], /^已推送 \/ Pushed: a: 2 devices pushed/, 1],
	[
		'that shares a device with another one is withheld, and reported with that one',
		[row('a', 'x'), row('a', 'y'), row('b', 'x'), row('b', 'z')],
		/^未推送 \/ Not pushed: \[row 1, a\] 'DeviceId' is also under customer 'b'.* Nothing was sent\./,
		0,
	],
	[
		'that is unknown or not active is said to be that',
		[{}],
		/^未推送 \/ Not pushed: a: .* \/ There is no such customer, or it is not active\. Nothing was sent\.$/,
		0,
	],
])('In the support form a customer %s.', async (_, rows, page, sent) => {
	expect(await fillIn(rows)).toEqual({ pages: [expect.stringMatching(page)], asked: ['a'], sent });
});
