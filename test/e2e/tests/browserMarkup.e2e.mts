import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { IDataObject, INode } from 'n8n-workflow';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { CREDENTIAL_TYPE, node, PUSH_NODE_TYPE, workflowOfRows } from '../n8n/workflow.mts';
import { rowsOf, setScene, type Scene } from './scene.mts';

// Texts that the editor shows as HTML, with markup from rows and from the service: n8n would keep links and their style.

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

/** Pushes the rows, and checks that the editor shows the markup as text and has no link. */
async function expectMarkupAsText(
	name: string,
	rows: IDataObject[],
	settings: Partial<INode>,
): Promise<void> {
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
	await editor.expectInOutput(AS_TEXT);
	assert.deepEqual(await editor.page.locator(`a[href*="${HOST}"]`).all(), []);
	await editor.closeMessages();
}

step('The banner above the output shows a column name with a link as text.', async () => {
	const rows = [{ [LINK]: 'a' }];
	await expectMarkupAsText('Banner', rows, { onError: 'continueRegularOutput' });
});

step('The error of a run that stops shows a column name with a link as text.', async () => {
	await expectMarkupAsText('Stopped', [{ [LINK]: 'a' }], {});
});

step("The error of a run that stops shows a link in the service's message as text.", async () => {
	await expectMarkupAsText('Refused', rowsOf('customer_1/1'), {});
});
