import { expect, test } from '@jest/globals';
import type { IDataObject, INodeType } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { Dice } from '../invariants/dice.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { codeNode, readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const workflow = readExample('sync-with-ledger');

/** What stands where n8n's Data Table node stands, with what is in the table. */
function dataTable(table: Map<string, IDataObject>): INodeType {
	return nodeThat(
		async function () {
			const operation = this.getNodeParameter('operation', 0);
			if (operation === 'create') return [[{ json: {} }]];
			if (operation === 'deleteRows') {
				const [status, since] = this.getNodeParameter('filters.conditions', 0) as IDataObject[];
				for (const [customer, json] of table) {
					if (json.status === status!.keyValue && String(json.since) < String(since!.keyValue))
						table.delete(customer);
				}
				return [[]];
			}
			if (operation === 'get') return [[...table.values()].map((json) => ({ json: { ...json } }))];
			for (const { json } of this.getInputData()) table.set(String(json.customer), { ...json });
			return [this.getInputData()];
		},
		['operation', 'filters'],
	);
}

/** The example with what its runs leave. */
async function ledger(options: SimulatorOptions = {}) {
	const simulator = await runSimulator(options);
	const processedData = createProcessedData();
	const entries = new Map<string, IDataObject>();
	const run = async (rows: IDataObject[]) => {
		const messages: string[] = [];
		await runExample(
			workflow,
			simulator,
			{
				'n8n-nodes-base.postgres': nodeThat(async () => [rows.map((json) => ({ json }))]),
				'n8n-nodes-base.code': codeNode,
				'n8n-nodes-base.dataTable': dataTable(entries),
				'n8n-nodes-base.httpRequest': nodeThat(
					async function () {
						const body = JSON.parse(String(this.getNodeParameter('jsonBody', 0))) as IDataObject;
						messages.push(...String((body.text as IDataObject).content).split('\n'));
						return [this.getInputData()];
					},
					['jsonBody'],
				),
			},
			{ processedData, mode: 'trigger' },
		);
		return messages;
	};
	const of = (customer: string) => entries.get(customer) ?? {};
	return { run, of, entries, simulator };
}

const row = (customer: unknown, device: string | null, others: IDataObject = {}): IDataObject => ({
	customer_id: customer as string,
	serial_no: device,
	device_id: device === null ? null : `LOCK01/${device}`,
	product: device === null ? null : '智能门锁',
	...others,
});

test('Ids compare as texts: numbers and spaces call nobody gone.', async () => {
	const { run, entries } = await ledger();
	const rows = [row(1, 'a'), row(' 2 ', 'b'), row('2', 'c')];
	await run(rows);
	const first = structuredClone([...entries]);
	expect(first.map(([customer, { devices, status }]) => [customer, devices, status])).toEqual([
		['1', 'LOCK01/a', 'OK'],
		['2', 'LOCK01/b, LOCK01/c', 'OK'],
	]);
	expect(await run(rows)).toEqual([]);
	expect([...entries]).toEqual(first);
});

test('A device that moved is reported once, with who has it now, and stays in the ledger of its former customer.', async () => {
	const { run, of } = await ledger({ bindMode: 'add' });
	await run([row('c012', 'd7'), row('c012', 'd8'), row('c040', 'd9')]);
	const moved = [row('c012', 'd8'), row('c040', 'd7'), row('c040', 'd9')];
	expect(await run(moved)).toEqual([
		'LOCK01/d7 已离开 c012（现属 c040）：请在腾讯云控制台确认 c012 名下已没有它',
		"LOCK01/d7 left c012 (now c040): make sure in Tencent's console that c012 no longer has it",
	]);
	expect(of('c012')).toMatchObject({ devices: 'LOCK01/d8', left_devices: 'LOCK01/d7', status: 'OK' });
	expect(await run(moved)).toEqual([]);
	expect(await run([row('c012', 'd8'), row('c012', 'd7'), row('c040', 'd9')])).toEqual([
		expect.stringContaining('LOCK01/d7 已离开 c040（现属 c012）'),
		expect.stringContaining('LOCK01/d7 left c040 (now c012)'),
	]);
	expect(of('c012').left_devices).toBe('');
});

test('A customer that left is reported once with its devices and who has them now; one without devices keeps what it had.', async () => {
	const { run, of } = await ledger();
	await run([row('a', 'x'), row('a', 'y'), row('b', 'z')]);
	const without = [row('a', 'x'), row('a', 'y'), row('b', null)];
	expect(await run(without)).toEqual([]);
	expect(of('b')).toMatchObject({ devices: 'LOCK01/z', left_devices: '' });
	expect(of('b').status).not.toBe('OK');
	expect(await run([row('b', 'x')])).toEqual([
		'LOCK01/z 已离开 b：请在腾讯云控制台确认 b 名下已没有它',
		"LOCK01/z left b: make sure in Tencent's console that b no longer has it",
		'a 已不在数据中，腾讯侧仍保留：LOCK01/x（现属 b）、LOCK01/y',
		'a is no longer in the rows; Tencent keeps LOCK01/x (now b), LOCK01/y',
	]);
	expect(of('a').status).toBe('GONE');
	expect(await run([row('b', 'x')])).toEqual([]);
});

test('Who is gone is in the ledger for ninety days, and who is not for ever.', async () => {
	const { run, of, entries } = await ledger();
	await run([row('a', 'x'), row('b', 'y')]);
	await run([row('b', 'y')]);
	const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
	for (const customer of ['a', 'b']) of(customer).since = at(89);
	await run([row('b', 'y')]);
	expect([...entries.keys()]).toEqual(['a', 'b']);
	for (const customer of ['a', 'b']) of(customer).since = at(91);
	await run([row('b', 'y')]);
	expect([...entries.keys()]).toEqual(['b']);
});

test.each([1, 2, 3])(
	'Whatever happens, the devices of the ledger were accepted last, and with those that left they are what a service that adds holds (seed %i).',
	async (seed) => {
		const dice = new Dice(seed);
		const isRefused = { customers: new Set<string>() };
		const { run, entries, simulator } = await ledger({
			bindMode: 'add',
			faults: ({ CustomerId }) =>
				isRefused.customers.has(String(CustomerId))
					? { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' }
					: undefined,
		});
		const customers = [1, 2, 3, 4, 5, 6];
		const told: string[] = [];
		const left: string[] = [];
		let accepted = new Map<string, string[]>();
		for (let step = 0; step < 8; step++) {
			isRefused.customers = new Set(customers.filter(() => dice.happens(0.15)).map(String));
			const rows = Array.from({ length: 9 }, (_, device) => row(dice.pick(customers), `d${device}`)).filter(
				() => dice.happens(0.85),
			);
			if (dice.happens(0.3)) rows.push(row(dice.pick(customers), 'x', { device_id: 'no-slash' }));
			const before = simulator.requests.length;
			const messages = await run(rows.sort((a, b) => Number(a.customer_id) - Number(b.customer_id)));
			told.push(...messages.flatMap((line) => /^\S+ left [^\s:]+/.exec(line) ?? []));
			const pushed = simulator.requests
				.slice(before)
				.map(({ CustomerId }) => String(CustomerId))
				.filter((customer) => !isRefused.customers.has(customer));
			const now = new Map(accepted);
			for (const customer of pushed) {
				const devices = rows.filter((one) => String(one.customer_id) === customer);
				now.set(
					customer,
					devices.map(({ device_id }) => String(device_id)),
				);
				const gone = (accepted.get(customer) ?? []).filter((one) => !now.get(customer)!.includes(one));
				left.push(...gone.map((one) => `${one} left ${customer}`));
			}
			accepted = now;
			for (const [customer, { devices, left_devices }] of entries) {
				expect([customer, devices]).toEqual([customer, (accepted.get(customer) ?? []).join(', ')]);
				const held = simulator.bindings.get(customer) ?? [];
				const all = [devices, left_devices].filter((list) => list !== '').join(', ');
				expect(all.split(', ').filter(Boolean).sort()).toEqual(held.map(({ DeviceId }) => DeviceId).sort());
			}
		}
		expect(told.sort()).toEqual(left.sort());
		expect(left.length).toBeGreaterThan(0);
	},
);
