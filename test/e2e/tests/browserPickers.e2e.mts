import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { IDataObject } from 'n8n-workflow';
import { demoWorld } from '../../../simulator/demoWorld/demoWorld.mts';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { CREDENTIAL_TYPE, node, PUSH_NODE_TYPE, workflowOfRows } from '../n8n/workflow.mts';
import { setScene, type Scene } from './scene.mts';

// Lists that come from the data model of a product, in the world that `npm run n8n` and `npm run simulator` start with.

const PRODUCT = { productId: 'LOCK01', deviceName: { __rl: true, mode: 'id', value: 'front_door' } };

let scene: Scene;
let editor: Editor;
before(async () => {
	scene = await setScene({ ...demoWorld(Date.now()), keepBodies: true });
	editor = await Editor.open(scene.server);
});
after(async () => {
	await editor?.close();
	await scene?.end();
});

const step = walkIn(() => editor);

/** Opens a workflow that ends with the node under test, checks its subtitle on the canvas, and opens it. */
async function open(name: string, subtitle: string, parameters: IDataObject): Promise<void> {
	const { id, name: credential } = scene.credential;
	const tried = node(
		name,
		PUSH_NODE_TYPE,
		{ ...PRODUCT, ...parameters },
		{ credentials: { [CREDENTIAL_TYPE]: { id, name: credential } } },
	);
	const { client } = scene.server;
	await editor.openWorkflow((await client.createWorkflow(workflowOfRows(name, [{}], [tried]))).id);
	await editor.expectOnNode(name, subtitle);
	await editor.openNode(name);
}

/** The body of the last request to the service. */
const lastRequest = () => JSON.parse(scene.simulator.requests.at(-1)?.body ?? '{}') as IDataObject;

step(
	"Get History offers the properties of the product's model, and lists the values of the last day.",
	async () => {
		await open('History', 'Get History: Device Data', { resource: 'deviceData', operation: 'getHistory' });
		await editor.pick('fieldName', 'temperature');
		await editor.executeStep(/24 values found by 1 request/);
		await editor.expectInOutput(/TimeISO/, /LOCK01/);
		assert.equal(lastRequest().FieldName, 'temperature');
	},
);

step("Call Action offers the actions of the product's model, and calls the chosen one.", async () => {
	await open('Action', 'Call Action: Device', { resource: 'device', operation: 'callAction' });
	await editor.pick('actionId', 'open_door');
	await editor.executeStep(/1 action called/);
	assert.equal(lastRequest().ActionId, 'open_door');
});

step(
	'Control offers each property as a field with its possible values, and sends the chosen value.',
	async () => {
		await open('Control', 'Control: Device', {
			resource: 'device',
			operation: 'control',
			specifyData: 'fields',
			properties: { mappingMode: 'defineBelow', value: null },
		});
		await editor.addMappedField('(auto_lock)');
		await editor.choose('auto_lock', '(1)');
		await editor.executeStep(/1 device controlled/);
		assert.equal(lastRequest().Data, '{"auto_lock":1}');
	},
);
