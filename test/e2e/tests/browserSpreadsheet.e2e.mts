import { readFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Editor } from '../browser/editor.mts';
import { picture } from '../browser/picture.mts';
import { walkIn } from '../browser/walk.mts';
import { eventually } from '../setup/eventually.mts';
import { createFormLogin, formUrlOf, readExample, SIGNED_IN, whenRegistered } from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

// A spreadsheet as people keep it, in the editor.

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
	const workflow = await client.importWorkflow(await readExample('push-spreadsheet-form'));
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

step('A messy export goes through without a Code node, and the banner says what was assumed.', async () => {
	const rows = await uploadedRows();
	scene.simulator.reset();
	const example = await readExample('push-spreadsheet-form');
	const pinData = {
		'Spreadsheet Form': [{ json: {} }],
		'Read Spreadsheet': rows.map((json) => ({ json })),
	};
	await editor.openWorkflow((await scene.server.client.importWorkflow({ ...example, pinData })).id);
	await editor.executeFrom('Spreadsheet Form');
	await editor.openNode('Push Device Bindings');
	await editor.seeInOutput(
		/7 of 16 customers, 13 devices pushed/,
		/rows 2, 3, 6 and 1 more without a CustomerId took that of the row above/,
		/rows \d+, \d+ and \d+ without a CustomerId may be another customer's/,
	);
	await editor.closeMessages();
	await picture(editor, 'spreadsheet', editor.nodeWindow);
	assert.deepEqual(Object.keys(boundDevices(scene.simulator)).sort(), [
		...['01012345678', '13712345678', '13800138000', '13900139000'],
		...['KH0003', 'KH0007', 'KH0008'],
	]);
});
