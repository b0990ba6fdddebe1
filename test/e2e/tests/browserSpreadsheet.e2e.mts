import { readFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { IDataObject } from 'n8n-workflow';
import { CredentialWindow } from '../browser/credentialWindow.mts';
import { Editor } from '../browser/editor.mts';
import { picture } from '../browser/picture.mts';
import { walkIn } from '../browser/walk.mts';
import { eventually } from '../setup/eventually.mts';
import {
	createFormLogin,
	formUrlOf,
	readExample,
	SIGNED_IN,
	whenRegistered,
	withoutNodes,
} from './exampleWorkflow.mts';
import { boundDevices, credentialFor, setScene, type Scene } from './scene.mts';

// Pushing a spreadsheet as people keep it, in the editor.

const PUSH = 'Push Device Bindings';

let scene: Scene;
let editor: Editor;
let uploaded: IDataObject[] | undefined;
before(async () => {
	scene = await setScene();
	editor = await Editor.open(scene.server);
});
after(async () => {
	await editor?.close();
	await scene?.end();
});

const step = walkIn(() => editor);

/** The rows of the spreadsheet, as n8n's own nodes read them from an upload. */
async function uploadedRows() {
	const { client } = scene.server;
	await createFormLogin(client);
	const workflow = await client.importWorkflow(
		withoutNodes(await readExample('push-spreadsheet-form'), ['Result']),
	);
	await client.activate(workflow);
	const sheet = await readFile(new URL('../../../examples/messy-devices.xlsx', import.meta.url));
	await whenRegistered(async () => {
		const form = new FormData();
		form.append('field-0', new Blob([sheet]), 'messy-devices.xlsx');
		const to = formUrlOf(workflow, client);
		const response = await fetch(to, { method: 'POST', body: form, headers: SIGNED_IN });
		return { status: response.status, text: await response.text() };
	});
	const execution = await client.whenDone(await eventually(async () => await client.latestId(workflow)));
	await client.deactivate(workflow);
	return execution.json('Read Spreadsheet');
}

/** The node in README.md for a messy sheet, to be pasted. */
async function nodeOfReadme(): Promise<string> {
	const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
	return /```json\n([^`]*autoMapInputData[^`]*)```/.exec(readme)![1]!;
}

/** Opens a workflow with the sheet's rows in an n8n without a credential for the service. */
async function openSheet(): Promise<void> {
	const { client } = scene.server;
	const { nodes, connections, ...example } = await readExample('push-spreadsheet-form');
	const source = nodes.filter(({ name }) => ['Spreadsheet Form', 'Read Spreadsheet'].includes(name));
	uploaded ??= await uploadedRows();
	const rows = uploaded;
	const pinData = {
		'Spreadsheet Form': [{ json: {} }],
		'Read Spreadsheet': rows.map((json) => ({ json })),
	};
	const workflow = {
		...example,
		nodes: source,
		connections: { 'Spreadsheet Form': connections['Spreadsheet Form']! },
		pinData,
	};
	scene.simulator.reset();
	await client.removeCredentials();
	await createFormLogin(client);
	await editor.openWorkflow((await client.importWorkflow(workflow)).id);
}

async function createCredential(): Promise<void> {
	const credentialWindow = new CredentialWindow(editor);
	await credentialWindow.openNew();
	await credentialWindow.fill(credentialFor(scene.simulator));
	await credentialWindow.save();
	await credentialWindow.showSaved();
	await credentialWindow.waitForSuccess();
	await credentialWindow.close();
}

const PUSHED = ['01012345678', '13712345678', '13800138000', '13900139000', 'KH0003', 'KH0007', 'KH0008'];

async function pushSheet(): Promise<void> {
	await editor.executeStep(/7 of 16 customers, 13 devices pushed/);
	assert.deepEqual(Object.keys(boundDevices(scene.simulator)).sort(), PUSHED);
}

step(
	'Pushing a messy sheet with the node of the README takes at most 13 clicks, including a Dry Run.',
	async () => {
		await openSheet();
		const clicks = await editor.countClicks();
		await editor.paste(await nodeOfReadme());
		await editor.connect('Read Spreadsheet', PUSH);
		await editor.openNode(PUSH);
		await createCredential();
		await editor.executeStep(/nothing was sent/i);
		assert.deepEqual(boundDevices(scene.simulator), {});
		await editor.removeOption('Dry Run');
		await pushSheet();
		const done = await clicks();
		// One more click copies the node.
		assert.ok(done.length + 1 <= 13, done.join('\n'));
		await editor.expectInOutput(
			/rows 2, 3, 6 and \d+ without a CustomerId took that of the row above/,
			/rows \d+, \d+ and \d+ without a CustomerId may be another customer's/,
		);
		await editor.closeMessages();
		await picture(editor, 'spreadsheet', editor.nodeWindow);
	},
);

step('Pushing a messy sheet with Map Automatically and the four rules takes at most 19 clicks.', async () => {
	await openSheet();
	const clicks = await editor.countClicks();
	await editor.openNodePanel();
	await editor.searchNodes('tencent', ['Tencent Cloud IoT Enablement']);
	await editor.addNode('Tencent Cloud IoT Enablement', 'Push device bindings');
	await createCredential();
	await editor.mapAutomatically();
	for (const rule of [
		'Empty CustomerId',
		'Empty ProductName',
		'Phone Numbers as IDs',
		'Several Devices in a Cell',
	]) {
		await editor.addOption(rule, 'first');
	}
	await editor.openTab('settings');
	await editor.choose('onError', 'using error output');
	await pushSheet();
	const done = (await clicks()).filter((each) => each.startsWith('click'));
	assert.ok(done.length <= 19, done.join('\n'));
});

step(
	'Pushing a messy sheet by the steps of the README, dragging columns as the notice says, takes at most 24 clicks.',
	async () => {
		await openSheet();
		const clicks = await editor.countClicks();
		await editor.openNodePanel();
		await editor.searchNodes('tencent', ['Tencent Cloud IoT Enablement']);
		await editor.addNode('Tencent Cloud IoT Enablement', 'Push device bindings');
		await createCredential();
		await editor.dragColumn('客户编号', 'CustomerId');
		await editor.dragColumn('设备序列号', 'CustomerDeviceNo');
		await editor.dragColumn('产品名称', 'ProductName');
		await editor.nodeWindow.getByText('drag one, type /, drop the other after it').waitFor();
		await editor.dragColumn('产品ID', 'DeviceId');
		await editor.typeAtEnd('DeviceId', '/');
		await editor.dragColumn('设备名', 'DeviceId');
		assert.match(
			await editor.field('DeviceId').innerText(),
			/\{\{ \$json\['产品ID'\] \}\}\/\{\{ \$json\['设备名'\] \}\}/,
		);
		await editor.addOption('Dry Run');
		await editor.executeStep(/nothing was sent/i);
		assert.deepEqual(boundDevices(scene.simulator), {});
		await editor.removeOption('Dry Run');
		await editor.openTab('settings');
		await editor.choose('onError', 'using error output');
		await editor.executeStep(/^\d+ of 16 customers, \d+ devices? pushed/);
		assert.notDeepEqual(boundDevices(scene.simulator), {});
		const done = (await clicks()).filter((each) => each.startsWith('click'));
		assert.ok(done.length <= 24, done.join('\n'));
	},
);
