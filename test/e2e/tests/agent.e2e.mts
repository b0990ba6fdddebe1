import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startChatModel, type ChatModel, type ToolCall } from '../services/chatModel.mts';
import type { Execution } from '../n8n/execution.mts';
import type { WorkflowJson } from '../n8n/workflow.mts';
import { readExample } from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

let scene: Scene;
let model: ChatModel;
before(async () => {
	model = await startChatModel();
	scene = await setScene({
		keepBodies: true,
		customers: [{ CustomerId: 'user_1024', CountryCode: '86', PhoneNumber: '1' }],
		devices: [
			{
				ProductId: 'LOCK01',
				DeviceName: 'front_door',
				data: { temperature: 21.5 },
				history: { temperature: [{ Time: 1_767_225_600_000, Value: 20 }] },
			},
		],
	});
	const openAi = { apiKey: 'a key of nobody', url: model.url };
	await scene.server.client.createCredential('OpenAI account', openAi, 'openAiApi');
});
beforeEach(() => scene.simulator.reset());
after(async () => {
	await scene?.end();
	await model?.stop();
});

/** The example plus a push tool, as a user adds it when the model knows all devices of a customer. */
function withPush(example: WorkflowJson): WorkflowJson {
	const getDevice = example.nodes.find(({ name }) => name === 'Get Device')!;
	const parameters = {
		resource: 'deviceBinding',
		operation: 'push',
		customerId: "={{ $fromAI('customerId', 'The id of the customer, e.g. user_1024', 'string') }}",
		devices:
			"={{ $fromAI('devices', 'ALL devices of the customer, as a list of objects with CustomerDeviceNo, DeviceId (ProductId/DeviceName) and ProductName', 'json') }}",
	};
	const push = { ...getDevice, id: 'push-devices', name: 'Push Devices', parameters };
	return {
		...example,
		nodes: [...example.nodes, push],
		connections: { ...example.connections, 'Push Devices': example.connections['Get Device'] },
	} as WorkflowJson;
}

/** Runs the example with a model that makes these calls. @returns the tools' responses as the model got them */
async function ask(...calls: ToolCall[]): Promise<{ execution: Execution; answers: string[] }> {
	const { client } = scene.server;
	model.say(calls);
	const workflow = await client.importWorkflow(withPush(await readExample('ai-agent')));
	const execution = await client.whenDone(await client.start(workflow, 'Start'));
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.deepEqual(
		execution.json('AI Agent').map(({ output }) => output),
		['Done.'],
	);
	return { execution, answers: model.answers() };
}

const device = { productId: 'LOCK01', deviceName: 'front_door' };
const locks = ['front_door', 'back_door'].map((name, index) => ({
	CustomerDeviceNo: `SN-${index}`,
	DeviceId: `LOCK01/${name}`,
	ProductName: 'Smart Lock',
}));
const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
const order = {
	customerId: 'user_1024',
	orderNo: 'O-1',
	itemId: 'D-FireInsurance2020',
	itemVersion: 'FireBusiness',
};

test('The agent reads a device and its history, finds no order, pushes all devices of a customer in one call, and places a test order.', async () => {
	const { answers } = await ask(
		{ tool: 'Get_Device', args: device },
		{ tool: 'Get_History', args: { ...device, property: 'temperature', ...day } },
		{ tool: 'Find_Orders', args: { orderNo: 'O-1' } },
		{ tool: 'Push_Devices', args: { customerId: 'user_1024', devices: locks } },
		{ tool: 'Place_Test_Order', args: order },
	);
	assert.match(answers[0]!, /"DeviceName":"front_door"/);
	assert.match(answers[1]!, /"Time":1767225600000,"TimeISO":"2026-01-01T[^"]*","Value":20/);
	assert.match(answers[2]!, /^\[?\{"found":0\}/);
	assert.match(answers[3]!, /"CustomerId":"user_1024","Status":"OK",.*"DeviceCount":2/);
	assert.match(answers[4]!, /"OrderNo":"O-1","ItemId":"D-FireInsurance2020","Status":"OK"/);
	assert.deepEqual(boundDevices(scene.simulator), { user_1024: ['LOCK01/front_door', 'LOCK01/back_door'] });
	assert.equal(scene.simulator.state.orders.length, 1);
	assert.equal(scene.simulator.requests.length, 5);
});

test('A live order is refused before it is sent, even if the model asks for it, and the model gets the reason.', async () => {
	const live = { ...order, itemId: 'FireInsurance2020', liveOrder: true, options: { liveOrder: true } };
	const { answers } = await ask({ tool: 'Place_Test_Order', args: live });
	assert.match(
		answers[0]!,
		/'Item ID' is a live item, and 'Live Order' is off in the node: give a test item \(D-…\)/,
	);
	assert.match(answers[0]!, /Nothing was sent/);
	assert.deepEqual(scene.simulator.requests, []);
});
