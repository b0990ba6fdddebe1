import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { codeOfSummary } from '../../examples/partitionedTexts.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample, type ExampleWorkflow } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

// What examples say to a group names customers only while `nameCustomers` in their Settings is on.

const PHONES = Array.from({ length: 40 }, (_, index) => `138001380${10 + index}`);
const row = (
	customer_id: string,
	product = '智能门锁',
	device_id = `LOCK01/${customer_id}`,
): IDataObject => ({
	...{ customer_id, serial_no: `SN-${customer_id}`, device_id, product },
});

/** The example with the switch as a user sets it. */
function exampleWhere(name: string, nameCustomers: boolean): ExampleWorkflow {
	const example = readExample(name);
	const settings = example.nodes.find((node) => node.name === 'Settings')!.parameters;
	const { assignments } = settings.assignments as unknown as { assignments: IDataObject[] };
	assignments.find((one) => one.name === 'nameCustomers')!.value = nameCustomers;
	return example;
}

/** Runs an example once for each set of rows, one after the other. Resolves to what it sent to the group, and where. */
async function messagesOf(example: ExampleWorkflow, runs: IDataObject[][]): Promise<string[]> {
	const simulator = await runSimulator();
	const processedData = createProcessedData();
	const sent: string[] = [];
	for (const rows of runs) {
		const types = {
			'n8n-nodes-base.postgres': nodeThat(async () => [rows.map((json) => ({ json }))]),
			'n8n-nodes-base.wait': nodeThat(async () => [[{ json: { Decision: 'Reject' } }]]),
			'n8n-nodes-base.stopAndError': nodeThat(async () => [[]]),
			'n8n-nodes-base.httpRequest': nodeThat(
				async function () {
					const body = this.getNodeParameter('jsonBody', 0, '') as string | IDataObject;
					const url = String(this.getNodeParameter('url', 0));
					if (body !== '') sent.push(`${url} ${typeof body === 'string' ? body : JSON.stringify(body)}`);
					return [this.getInputData()];
				},
				['jsonBody', 'url'],
			),
		};
		await runExample(example, simulator, types, { processedData, mode: 'trigger' });
	}
	return sent;
}

/** A ledger's last steps: what has left is sent. */
function endOf({ nodes }: ExampleWorkflow): ExampleWorkflow {
	const names = ['Every 15 Minutes', 'Settings', 'What Left', 'Send Message'];
	const to = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
	const used = names.map((name) => nodes.find((node) => node.name === name)!);
	const whatLeft = { ...used[2]!, type: 'n8n-nodes-base.postgres' };
	return {
		nodes: used.map((node) => (node.name === 'What Left' ? whatLeft : node)),
		connections: Object.fromEntries(names.slice(0, -1).map((name, index) => [name, to(names[index + 1]!)])),
	};
}

const broken = PHONES.map((id, index) => row(id, '智能门锁', index < 5 ? 'no slash' : undefined));
const renamed = PHONES.map((id) => row(id, '门锁'));
const whole = PHONES.map((id) => row(id));

test.each<[string, IDataObject[][], RegExp, (example: ExampleWorkflow) => ExampleWorkflow]>([
	['crm-to-iot-sync', [whole, broken], /degraded: 5 customers newly failed.* 40 /, (example) => example],
	['crm-to-iot-sync', [whole, renamed], /TOO_MANY_CHANGES.*is failing/, (example) => example],
	['sync-approval', [whole, renamed], /TOO_MANY_CHANGES/, (example) => example],
	['sync-with-ledger', [PHONES.map((id) => ({ text: `${id} left` }))], /40 个客户/, endOf],
	['sync-with-ledger-postgres', [PHONES.map((id) => ({ text: `${id} left` }))], /40 个客户/, endOf],
])('%s names customers to a group only while its switch is on.', async (name, runs, counts, part) => {
	const on = (await messagesOf(part(exampleWhere(name, true)), runs)).join('\n');
	const off = (await messagesOf(part(exampleWhere(name, false)), runs)).join('\n');
	for (const text of [on, off]) expect(text).toMatch(/^PASTE THE ADDRESS .* \{ ?"msgtype"/);
	if (!name.includes('approval') && !runs.includes(renamed)) expect(on).toContain(PHONES[0]);
	// A signature may have eleven digits, too.
	for (const phone of PHONES) expect(off).not.toContain(phone);
	expect(off).toMatch(counts);
});

test.each([true, false])('The example in partitions does so, too: %s.', (nameCustomers) => {
	const [id = ''] = PHONES;
	const parts = ['degraded', 'silent'].map((state, index) => ({
		...{ part: index + 1, state, has_news: true, started: '2026-01-01 00:00', has_begun: true },
		...{ summary: `1 newly failed ('${id}').`, summary_zh: `（${id}）`, failure: `${id}: refused` },
	}));
	const of = (items: IDataObject[]) => {
		const all = items.map((json) => ({ json }));
		return { all: () => all, first: () => all[0] };
	};
	const settings = { partitions: 2, requestsPerSecond: 20, nameCustomers };
	const $ = (name: string) => of(name === 'Settings' ? [settings] : parts);
	const code = new Function('$', '$input', codeOfSummary) as (
		...inputs: unknown[]
	) => Array<{ json: IDataObject }>;
	const [summary] = code($, of([{}, {}]));
	const text = String(summary?.json.text);
	expect(text.includes(id)).toBe(nameCustomers);
	expect(text).toContain('1 degraded');
	expect(text).toMatch(/Partition 2: no report .*Partition 1: /s);
});
