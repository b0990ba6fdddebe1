import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { IDataObject, INode } from 'n8n-workflow';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { CREDENTIAL_TYPE, node, PUSH_NODE_TYPE, workflowOfRows } from '../n8n/workflow.mts';
import { rowsOf, setScene, type Scene } from './scene.mts';

// What the editor shows as HTML, with markup of rows and of the service in it: n8n keeps links and their style.

const HOST = 'markup.example.com';
const LINK = `<a href="https://${HOST}/" style="position:fixed;inset:0;z-index:99999">Session expired, log in</a>`;
const AS_TEXT = /‹a href="https:\/\/markup\.example\.com/;

let scene: Scene;
let editor: Editor;
before(async () => {
	const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: LINK } as const;
	scene = await setScene({ faults: () => refused });
	editor = await Editor.open(scene.server);
});
after(async () => {
	await editor?.close();
	await scene?.end();
});

const step = walkIn(() => editor);

/** Runs a Push of such rows, and sees a text with the markup in it, and no link, wherever the editor shows it. */
async function seeNothingButText(name: string, rows: IDataObject[], settings: Partial<INode>): Promise<void> {
	const { id, name: credential } = scene.credential;
	const parameters = {
		resource: 'deviceBinding',
		operation: 'push',
		columns: { mappingMode: 'autoMapInputData', value: null },
	};
	const tried = node(name, PUSH_NODE_TYPE, parameters, {
		credentials: { [CREDENTIAL_TYPE]: { id, name: credential } },
		...settings,
	});
	const { client } = scene.server;
	await editor.openWorkflow((await client.createWorkflow(workflowOfRows(name, rows, [tried]))).id);
	await editor.openNode(name);
	await editor.execute();
	await editor.seeInOutput(AS_TEXT);
	assert.deepEqual(await editor.page.locator(`a[href*="${HOST}"]`).all(), []);
	await editor.closeMessages();
}

step('A column named like a link is text in the banner above the output', async () => {
	const rows = [{ [LINK]: 'a' }];
	await seeNothingButText('Banner', rows, { onError: 'continueRegularOutput' });
});

step('and in the error of a run that stops.', async () => {
	await seeNothingButText('Stopped', [{ [LINK]: 'a' }], {});
});

step('What the service says is text in such an error.', async () => {
	await seeNothingButText('Refused', rowsOf('customer_1/1'), {});
});
