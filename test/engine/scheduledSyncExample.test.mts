import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const workflow = readExample('crm-to-iot-sync');

/** A device as the example's SELECT gives it; without one, a customer whose last device is gone. */
const row = (customer: string, device?: string): IDataObject => ({
	customer_id: customer,
	serial_no: device === undefined ? null : `SN-${device}`,
	device_id: device === undefined ? null : `LOCK01/${device}`,
	product: device === undefined ? null : '智能门锁',
});

/** The example with what its runs leave, and a group that is sent messages. */
async function schedule() {
	const faults = { isOut: false };
	const simulator = await runSimulator({ faults: () => (faults.isOut ? { kind: 'reset' } : undefined) });
	const processedData = createProcessedData();
	const run = async (rows: IDataObject[], mode: 'trigger' | 'manual' = 'trigger') => {
		const messages: string[] = [];
		const red: string[] = [];
		const before = simulator.requests.length;
		const arrived = await runExample(
			workflow,
			simulator,
			{
				'n8n-nodes-base.postgres': nodeThat(async () => [rows.map((json) => ({ json }))]),
				'n8n-nodes-base.httpRequest': nodeThat(
					async function () {
						const { text } = JSON.parse(String(this.getNodeParameter('jsonBody', 0))) as {
							text: { content: string };
						};
						messages.push(text.content);
						return [this.getInputData()];
					},
					['jsonBody'],
				),
				'n8n-nodes-base.stopAndError': nodeThat(
					async function () {
						red.push(String(this.getNodeParameter('errorMessage', 0)));
						return [[]];
					},
					['errorMessage'],
				),
			},
			{ processedData, mode },
		);
		const sent = simulator.requests.slice(before).map(({ CustomerId }) => String(CustomerId));
		const failed = arrived('Failed Customers').map(({ json }) => json.customer);
		return { messages, red, failed, sent: [...new Set(sent)].sort() };
	};
	return { run, faults, simulator };
}

const quiet = { messages: [], red: [], failed: [] };

test('The scheduled example sends what changed: the old and the new customer of a device that moved, and the one of a deleted device.', async () => {
	const { run, simulator } = await schedule();
	const rows = [row('a', 'front'), row('a', 'back'), row('b', 'gate')];
	expect(await run(rows)).toEqual({ ...quiet, sent: ['a', 'b'] });
	expect(await run(rows)).toEqual({ ...quiet, sent: [] });
	const moved = [row('a', 'front'), row('b', 'back'), row('b', 'gate')];
	expect(await run(moved)).toEqual({ ...quiet, sent: ['a', 'b'] });
	expect(simulator.bindings.get('a')?.map(({ DeviceId }) => DeviceId)).toEqual(['LOCK01/front']);
	expect(await run([row('a', 'front'), row('b', 'gate')])).toEqual({ ...quiet, sent: ['b'] });
	expect(simulator.bindings.get('b')?.map(({ DeviceId }) => DeviceId)).toEqual(['LOCK01/gate']);
});

test('It tells of an outage once, and once when it is over; what changed before it is sent then.', async () => {
	const { run, faults } = await schedule();
	await run([row('a', 'front'), row('b', 'gate')]);
	const changed = [row('a', 'front'), row('b', 'cellar')];
	faults.isOut = true;
	const first = await run(changed);
	expect(first).toEqual({
		messages: [expect.stringMatching(/^Sync 失败：.*\nSync is failing: .*\nb: /)],
		red: [expect.stringMatching(/^Sync 失败：.* Sync is failing: /)],
		failed: ['b'],
		sent: ['b'],
	});
	// WeCom takes 2048 bytes.
	expect(Buffer.byteLength(first.messages[0]!)).toBeLessThan(2048);
	expect(await run(changed)).toMatchObject({ messages: [], red: [expect.stringMatching(/failing/)] });
	faults.isOut = false;
	expect(await run(changed)).toEqual({
		messages: [expect.stringMatching(/\nSync is ok: /)],
		red: [],
		failed: [],
		sent: ['b'],
	});
	expect(await run(changed)).toEqual({ ...quiet, sent: [] });
});

test('It tells of a customer without devices, an empty table and a renamed column, once each, and when they are mended.', async () => {
	const { run } = await schedule();
	const good = [row('a', 'front'), row('b', 'gate')];
	await run(good);
	const renamed = good.map(({ customer_id, ...others }) => ({ ...others, kunde: customer_id }));
	for (const [rows, health] of [
		[[row('a'), row('b', 'gate')], 'degraded'],
		[[{}], 'failing'],
		[renamed, 'failing'],
	] as const) {
		const first = await run([...rows]);
		expect(first.messages).toEqual([expect.stringMatching(`\nSync is ${health}[^:]*: `)]);
		expect([first.failed.length, first.sent]).toEqual([1, []]);
		expect((await run([...rows])).messages).toEqual([]);
		expect((await run(good)).messages).toEqual([expect.stringMatching(/\nSync is ok: /)]);
	}
});

test('Customers that left the rows are reported once, and a run by hand is not.', async () => {
	const { run } = await schedule();
	await run([row('a', 'front'), row('b', 'gate'), row('c', 'roof')]);
	const { messages, red } = await run([row('a', 'front')]);
	expect(messages).toEqual([expect.stringContaining('2 customers are no longer in the rows')]);
	expect(red).toEqual([]);
	expect((await run([row('a', 'front')])).messages).toEqual([]);
	expect((await run([row('a')], 'manual')).messages).toEqual([]);
});
