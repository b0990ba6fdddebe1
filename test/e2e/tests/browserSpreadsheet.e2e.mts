import { readFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
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

// A spreadsheet as people keep it, in the editor.

const PUSH = 'Push Device Bindings';

let scene: Scene;
let editor: Editor;
before(async () => {
	scene = await setScene();
	editor = await Editor.open(scene.server.url);
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

/** The node that README.md has for a sheet as people keep it. */
async function nodeOfReadme(): Promise<string> {
	const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
	return /```json\n([^`]*autoMapInputData[^`]*)```/.exec(readme)![1]!;
}

/** It opens the window of the saved credential again, and fills in the simulator's address: one field more. */
const OF_THE_TEST = /credential-edit|editCredential-modal|parameter-input-platform|parameter-input-item/;

step(
	'By the README a messy sheet takes at most 18 clicks to the push of all clear customers, its Dry Run included.',
	async () => {
		const { nodes, connections, ...example } = await readExample('push-spreadsheet-form');
		const source = nodes.filter(({ name }) => ['Spreadsheet Form', 'Read Spreadsheet'].includes(name));
		const rows = await uploadedRows();
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
		await scene.server.client.removeCredentials();
		await createFormLogin(scene.server.client);
		await editor.openWorkflow((await scene.server.client.importWorkflow(workflow)).id);
		const clicks = await editor.countClicks();
		await editor.paste(await nodeOfReadme());
		await editor.connect('Read Spreadsheet', PUSH);
		await editor.openNode(PUSH);
		const credentialWindow = new CredentialWindow(editor);
		await credentialWindow.openNew();
		await credentialWindow.fill(credentialFor(scene.simulator));
		await credentialWindow.save();
		await credentialWindow.showSaved();
		await credentialWindow.waitForSuccess();
		await credentialWindow.close();
		await editor.addOption('Dry Run');
		await editor.executeStep(/nothing was sent/i);
		assert.deepEqual(boundDevices(scene.simulator), {});
		await editor.removeOption('Dry Run');
		await editor.executeStep(/7 of 16 customers, 13 devices pushed/);
		const done = (await clicks()).filter((click) => !OF_THE_TEST.test(click));
		// One copies the node.
		assert.ok(done.length + 1 <= 18, done.join('\n'));
		await editor.seeInOutput(
			/rows 2, 3, 6 and 1 more without a CustomerId took that of the row above/,
			/rows \d+, \d+ and \d+ without a CustomerId may be another customer's/,
		);
		await editor.closeMessages();
		await picture(editor, 'spreadsheet', editor.nodeWindow);
		assert.deepEqual(Object.keys(boundDevices(scene.simulator)).sort(), [
			...['01012345678', '13712345678', '13800138000', '13900139000'],
			...['KH0003', 'KH0007', 'KH0008'],
		]);
	},
);
