import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { CredentialWindow } from '../browser/credentialWindow.mts';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { eventually } from '../setup/eventually.mts';
import { Film } from '../browser/film.mts';
import { picture } from '../browser/picture.mts';
import { COLUMNS, crmWorkflow } from './crmWorkflow.mts';
import { boundDevices, credentialFor, lineUnderTest, setOwnScene, type Scene } from './scene.mts';

let scene: Scene;
let editor: Editor;
let credentialWindow: CredentialWindow;
before(async () => {
	scene = await setOwnScene({}, { hasEditor: true, withoutCredential: true });
	editor = await Editor.open(scene.server);
	credentialWindow = new CredentialWindow(editor);
	await editor.openWorkflow((await scene.server.client.createWorkflow(crmWorkflow)).id);
});
after(async () => {
	await editor?.close();
	await scene?.end();
});

const step = walkIn(() => editor);
/** Drag, Dry Run, Execute. */
const film = new Film();

step('The node is found by "tencent", "device binding" and "腾讯".', async () => {
	await editor.openNodePanel();
	for (const words of ['tencent', '腾讯', 'device binding']) {
		await editor.searchNodes(words, ['Tencent Cloud IoT Enablement']);
	}
	await picture(editor, 'node-panel');
});

step('Adding the node by its action opens it, and its input shows the rows of the CRM.', async () => {
	await editor.addNode('Tencent Cloud IoT Enablement', 'Push device bindings');
	await editor.fetchInput('customer');
});

step("Testing a credential with a wrong secret shows the node's own message.", async () => {
	await credentialWindow.openNew();
	const { appKey, endpoint } = scene.simulator;
	await credentialWindow.fill({ appKey, appSecret: 'wrong', endpoint });
	await credentialWindow.save();
	await credentialWindow.waitForFailure(/Check App Key and App Secret/);
	await editor.closeMessages();
	await picture(editor, 'credential-refused', credentialWindow.modal);
});

step('Testing the credential with the right secret succeeds.', async () => {
	await credentialWindow.fill(credentialFor(scene.simulator));
	await credentialWindow.save();
	await credentialWindow.showSaved();
	await credentialWindow.waitForSuccess();
	await editor.closeMessages();
	await picture(editor, 'credential-test', credentialWindow.modal);
	await credentialWindow.close();
});

step('Dragging the columns onto the four fields maps them.', async () => {
	await film.add(editor, 1);
	for (const [column, field] of Object.entries(COLUMNS)) {
		await editor.dragColumn(column, field);
		await editor.closeMessages();
		await film.add(editor, 1);
	}
	await editor.leaveField();
	await picture(editor, 'mapped-columns', editor.nodeWindow);
});

step('A Dry Run shows what would be sent, and sends nothing.', async () => {
	await editor.addOption('Dry Run');
	await editor.executeStep(/nothing was sent/i);
	await editor.expectInOutput(/3 items/, /user_1024/);
	assert.deepEqual(boundDevices(scene.simulator), {});
	await editor.closeMessages();
	await film.add(editor, 3);
	await editor.removeOption('Dry Run');
});

step('A run outputs one item per customer, and the banner has the totals.', async () => {
	await editor.executeStep(/^3 customers, 4 devices pushed/);
	await editor.expectInOutput(/3 items/, /user_1024/, /user_2048/, /user_4096/);
	assert.deepEqual(boundDevices(scene.simulator), {
		user_1024: ['LOCK01/front_door', 'LOCK01/back_door'],
		user_2048: ['CAM01/entrance'],
		user_4096: ['CAM01/garage'],
	});
	await editor.closeMessages();
	await picture(editor, 'output', editor.nodeWindow);
});

step('With the error output on, a refused customer is on the error branch with the reason.', async () => {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await editor.openTab('settings');
	await editor.choose('onError', 'using error output');
	await editor.openTab('params');
	await editor.executeStep(/^2 of 3 customers, 3 devices pushed; 1 refused/);
	await editor.closeMessages();
	await film.add(editor, 4);
	await film.keep(editor, 'first-push');
	await editor.output
		.getByText(/Error.*\(1 item\)/)
		.first()
		.click();
	await editor.showOutputAsJson();
	await editor.expectInOutput(/CustomerId 无效/, /Tencent refused it; nothing was changed/);
	await picture(editor, 'error-branch', editor.nodeWindow);
});

/** Errors that both lines of n8n raise themselves in a browser without internet, whatever nodes are installed. */
const RAISED_BY_N8N =
	/versions\.store|ResizeObserver|Failed to fetch sessions metadata|^Failed to load resource/;

step(`The editor of ${lineUnderTest()} logged no error, failed request or exception.`, async () => {
	const { origin } = new URL(scene.server.url);
	const pageLog = editor.log;
	// The log works: it has the node's icon, and it catches errors that are raised on purpose.
	assert.ok(pageLog.responses.includes('200 /types/nodes.json'));
	assert.ok(
		pageLog.responses.some((answer) => /^200 \/icons\/n8n-nodes-tencent-iot\/.*\.svg$/.test(answer)),
		'The icon of the node was never loaded',
	);
	await pageLog.raiseExamples('raised here');
	await eventually(() => {
		assert.match(pageLog.exceptions.join('\n'), /exception raised here/);
		assert.ok(pageLog.consoleErrors.some(({ text }) => text.includes('console raised here')));
	});
	const isRemarkable = (text: string) => !RAISED_BY_N8N.test(text) && !text.includes('raised here');
	assert.deepEqual(pageLog.exceptions.filter(isRemarkable), []);
	const ownErrors = pageLog.consoleErrors.filter(({ url }) => url === '' || url.startsWith(origin));
	assert.deepEqual(
		ownErrors.filter(({ text }) => isRemarkable(text)),
		[],
	);
	assert.deepEqual(
		pageLog.responses.filter((answer) => /^5/.test(answer) || /^4.*tencent/i.test(answer)),
		[],
	);
	const { log } = scene.server;
	assert.match(log, /Editor is now accessible/);
	assert.doesNotMatch(log, /tencent.*(fail|error|warn|deprecat|missing)/i);
});
