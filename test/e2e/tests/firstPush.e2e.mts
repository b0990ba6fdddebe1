import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { CredentialWindow } from '../browser/credentialWindow.mts';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { COLUMNS, crmWorkflow } from './crmWorkflow.mts';
import { boundDevices, credentialFor, setScene, type Scene } from './scene.mts';

// The steps of README.md, "First push", click by click.

let scene: Scene;
let editor: Editor;
before(async () => {
	scene = await setScene({}, { withoutCredential: true });
	editor = await Editor.open(scene.server.url);
});
after(async () => {
	await editor?.close();
	await scene?.end();
});

const step = walkIn(() => editor);
const REFUSED = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };

for (const { operation, action, pushed } of [
	{
		operation: 'Push',
		action: 'Push device bindings',
		pushed: /^2 of 3 customers, 3 devices pushed; 1 refused/,
	},
	{
		operation: 'Sync',
		action: 'Sync device bindings',
		pushed: /^1 customer newly failed; 2 of 3 customers are up to date, 2 pushed now \(3 dev.+; 1 refused/,
	},
]) {
	step(`${operation} 1: a node delivers the rows of the CRM and was executed once.`, async () => {
		scene.simulator.reset();
		scene.simulator.setOptions({ refuseCustomers: { user_4096: REFUSED } });
		await editor.openWorkflow((await scene.server.client.createWorkflow(crmWorkflow)).id);
		await editor.openNode('CRM Rows');
		await editor.execute();
		await editor.seeInOutput(/4 items/);
		await editor.closeNode();
	});

	step(`${operation} 2: a click on + and a search for "tencent" add the node.`, async () => {
		await editor.openNodePanel();
		await editor.searchNodes('tencent', ['Tencent Cloud IoT Enablement']);
		await editor.addNode('Tencent Cloud IoT Enablement', action);
	});

	if (operation === 'Push') {
		step('Push 3: the credential is filled in and saved, and its test succeeds.', async () => {
			const credentialWindow = new CredentialWindow(editor);
			await credentialWindow.openNew();
			await credentialWindow.fill(credentialFor(scene.simulator));
			await credentialWindow.save();
			await credentialWindow.showSaved();
			await credentialWindow.waitForSuccess();
			await editor.closeMessages();
			await credentialWindow.close();
		});
	}

	step(`${operation} 4: the four columns are dragged onto their fields.`, async () => {
		for (const [column, field] of Object.entries(COLUMNS)) await editor.dragColumn(column, field);
		await editor.closeMessages();
		await editor.leaveField();
	});

	step(
		`${operation} 5: the option Dry Run shows each request and sends nothing; the bin beside its name removes it.`,
		async () => {
			await editor.addOption('Dry Run');
			await editor.executeStep(/nothing was sent/i);
			await editor.seeInOutput(/3 items/, /user_1024/, /user_2048/, /user_4096/);
			assert.deepEqual(boundDevices(scene.simulator), {});
			await editor.removeOption('Dry Run');
		},
	);

	step(`${operation} 6: On Error is set to the error output.`, async () => {
		await editor.openTab('settings');
		await editor.choose('onError', 'using error output');
		await editor.openTab('params');
	});

	step(`${operation} 7: each customer is one item, and the execution hint sums up.`, async () => {
		await editor.executeStep(pushed);
		await editor.seeInOutput(/user_1024/, /user_2048/);
		assert.deepEqual(boundDevices(scene.simulator), {
			user_1024: ['LOCK01/front_door', 'LOCK01/back_door'],
			user_2048: ['CAM01/entrance'],
		});
		await editor.closeNode();
	});

	step(`${operation} 7: the node behind the error output gets the refused customer.`, async () => {
		await editor.addToErrorOutput(action, 'No Operation, do nothing');
		await editor.execute();
		await editor.seeInOutput(/1 item/, /user_4096/);
		await editor.closeNode();
	});
}
