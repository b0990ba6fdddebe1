import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const workflow = readExample('monthly-audit');

test('The monthly audit tells of what is new, keeps what is open, and closes what is gone, but not after a failure', async () => {
	const simulator = await runSimulator(demoWorld(1_790_000_000_000));
	const table = new Map<string, IDataObject>();
	const audit = async (change: (csv: string) => string, credential: object = {}, names = true) => {
		const set = structuredClone(workflow);
		const settings = set.nodes.find(({ name }) => name === 'Settings')!.parameters.assignments as never;
		(settings as { assignments: IDataObject[] }).assignments[1]!.value = names;
		const messages: string[] = [];
		const csv = String(
			(
				workflow.nodes.find(({ name }) => name === 'CRM Export')!.parameters.assignments as never as {
					assignments: Array<{ value: string }>;
				}
			).assignments[0]!.value,
		);
		const [header = '', ...lines] = change(csv).trim().split('\n');
		const rows = lines.map((line) => {
			const cells = line.split(',');
			return { json: Object.fromEntries(header.split(',').map((name, at) => [name, cells[at] ?? ''])) };
		});
		await runExample(set, { ...simulator, ...credential } as typeof simulator, {
			'n8n-nodes-base.convertToFile': nodeThat(async () => [[{ json: {} }]]),
			'n8n-nodes-base.extractFromFile': nodeThat(async () => [rows]),
			'n8n-nodes-base.dataTable': nodeThat(
				async function () {
					const operation = this.getNodeParameter('operation', 0);
					if (operation === 'create') return [[{ json: {} }]];
					if (operation === 'get') return [[...table.values()].map((json) => ({ json: { ...json } }))];
					for (const { json } of this.getInputData()) {
						const { text, ...entry } = json;
						expect(text).toMatch(/^腾讯云核对/);
						table.set(String(json.key), entry);
					}
					return [this.getInputData()];
				},
				['operation'],
			),
			'n8n-nodes-base.httpRequest': nodeThat(
				async function () {
					const body = JSON.parse(String(this.getNodeParameter('jsonBody', 0))) as IDataObject;
					messages.push(String((body.text as IDataObject).content));
					return [this.getInputData()];
				},
				['jsonBody'],
			),
		});
		return messages;
	};
	const of = (kind: string) => [...table.values()].filter(({ code }) => code === kind);

	const [first = ''] = await audit((csv) => csv);
	const found = table.size;
	expect(first).toContain(`新发现 ${found} 项，未关闭 ${found} 项，已关闭 0 项`);
	expect(first).toContain(
		`Audit: ${found} new, ${found} open, 0 closed. Bindings themselves cannot be read.`,
	);
	expect(of('DEVICE_UNKNOWN')).toEqual([
		expect.objectContaining({
			about: 'LOCK01/back_dooor',
			message: expect.stringContaining("'LOCK01/back_door'") as unknown,
			first_seen: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as unknown,
			closed: '',
		}),
	]);
	const about = (kind: string) => of(kind).map((one) => one.about);
	expect(about('DEVICE_NEVER_ONLINE')).toEqual(['CAM01/terrace']);
	expect(about('DEVICE_UNOWNED')).toEqual(['LOCK01/cellar']);
	expect(about('CUSTOMER_UNKNOWN')).toEqual(['user_4096']);
	expect(about('PHONE_DIFFERS')).toEqual(['user_2048']);

	const since = { first_seen: '2020-01-01' };
	for (const [key, entry] of table) table.set(key, { ...entry, ...since });
	const mended = (csv: string) => csv.replace('back_dooor', 'back_door');
	const [failed = ''] = await audit(mended, { appSecret: 'wrong' });
	expect(failed).toContain('Check App Key and App Secret');
	expect([...table.values()].filter(({ closed }) => closed !== '')).toEqual([]);

	const [second = ''] = await audit(mended);
	expect(second).toContain(`Audit: 0 new, ${found - 1} open, 1 closed`);
	expect(of('DEVICE_UNKNOWN')).toEqual([
		expect.objectContaining({ ...since, closed: expect.stringMatching(/^\d{4}-/) as unknown }),
	]);
	expect(of('DEVICE_UNOWNED')).toEqual([expect.objectContaining({ ...since, closed: '' })]);

	table.clear();
	const [unnamed = ''] = await audit((csv) => csv, {}, false);
	expect(unnamed).toContain(`Audit: ${found} new`);
	expect(unnamed).toContain('DEVICE_UNKNOWN: 1');
	expect(unnamed).not.toMatch(/user_|LOCK01|CAM01/);
});
