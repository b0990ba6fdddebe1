import { beforeEach, expect, test } from '@jest/globals';
import type { IDataObject, INodeType } from 'n8n-workflow';
import type { ArrivedRequest, Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const workflow = readExample('customer-order-bindings-insurance');

/** What the CRM says otherwise. */
let changes: IDataObject = {};
beforeEach(() => void (changes = {}));

/** What stands where n8n's Edit Fields node stands. */
const customers: INodeType = nodeThat(async () => {
	const { jsonOutput } = workflow.nodes.find(({ name }) => name === 'New Customers')!.parameters;
	return [[{ json: { ...(JSON.parse(String(jsonOutput)) as IDataObject), ...changes } }]];
});

/** What stands where n8n's Split Out node stands. */
const splitOut: INodeType = nodeThat(async function () {
	return [
		this.getInputData().flatMap(({ json: { devices, ...others } }, item) =>
			(devices as IDataObject[]).map((one) => ({ json: { ...others, devices: one }, pairedItem: { item } })),
		),
	];
});

/** What stands where n8n's Merge node stands, which appends its second input to its first. */
const merge: INodeType = nodeThat(async function () {
	return [[...(this.getInputData(0) ?? []), ...(this.getInputData(1) ?? [])]];
});
merge.description.inputs = ['main', 'main'];

/** Runs the example, and gives what arrived at a node. */
const runFor = async (simulator: Simulator) =>
	await runExample(workflow, simulator, {
		'n8n-nodes-base.set': customers,
		'n8n-nodes-base.merge': merge,
		'n8n-nodes-base.splitOut': splitOut,
	});

test('The example workflow takes a new customer from the CRM to its insurance page, and orders once however often it runs.', async () => {
	const simulator = await runSimulator();
	const { state } = simulator;
	for (let times = 0; times < 3; times++) {
		const arrived = await runFor(simulator);
		expect(arrived('Not Done')).toEqual([]);
		expect(arrived('Hand Over Link').map(({ json }) => json)).toEqual([
			expect.objectContaining({ CustomerId: 'user_1024', URL: expect.stringMatching(/^https:/) }),
		]);
		expect(state.customers).toHaveLength(1);
		expect(state.orders.map(({ OrderNo, ItemId }) => [OrderNo, ItemId])).toEqual([
			['2026-000123', 'D-FireInsurance2020'],
		]);
		expect(state.bindings.get('user_1024')).toHaveLength(2);
	}
});

test('An order whose answer was lost is found by the next run of the example, and not ordered again.', async () => {
	const isOrder = ({ Action }: ArrivedRequest) => Action === 'ServiceCreateOrder';
	const simulator = await runSimulator({
		faults: (request) => (isOrder(request) ? { kind: 'applyThenReset' } : undefined),
	});
	const first = await runFor(simulator);
	expect(first('Not Done').map(({ json }) => (json.error as IDataObject).outcome)).toEqual(['UNKNOWN']);
	const second = await runFor(simulator);
	expect(second('Not Done')).toEqual([]);
	expect(second('Hand Over Link')).toHaveLength(1);
	expect(simulator.state.orders).toHaveLength(1);
});

test('With another number, the same customer gets another order.', async () => {
	const simulator = await runSimulator();
	const order = { OrderNo: '2025-1', ItemId: 'D-FireInsurance2020', ItemVNO: 'FireBusiness', ItemNum: 1 };
	simulator.state.orders.push(
		{ CustomerId: 'user_1024', ...order },
		{ CustomerId: 'other', ...order, OrderNo: '2026-000123' },
	);
	await runFor(simulator);
	expect(simulator.state.orders).toHaveLength(3);
});

test('A customer without an order number is reported, though it has other orders.', async () => {
	const simulator = await runSimulator();
	await runFor(simulator);
	for (const orderNo of ['', null]) {
		changes = { orderNo };
		const arrived = await runFor(simulator);
		const [item] = arrived('Not Done');
		expect((item?.json.error as IDataObject).message).toContain("'Order Number' evaluates to nothing");
		expect(simulator.state.orders).toHaveLength(1);
	}
});
