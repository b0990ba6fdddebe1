import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { demoWorld } from '../../../simulator/demoWorld/demoWorld.mts';
import { Editor } from '../browser/editor.mts';
import { picture } from '../browser/picture.mts';
import { walkIn } from '../browser/walk.mts';
import { eventually } from '../setup/eventually.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import {
	createFormLogin,
	readExample,
	ROBOT_ADDRESS,
	SIGNED_IN,
	whenRegistered,
	withWebhook,
} from './exampleWorkflow.mts';
import { lineUnderTest, setScene, type Scene } from './scene.mts';

// Examples as a user opens them in the editor.

let scene: Scene;
let postgres: Postgres;
let robot: GroupRobot;
let editor: Editor;
before(async () => {
	postgres = await startPostgres();
	await fillCrmDatabase(postgres);
	robot = await startGroupRobot();
	const world = demoWorld(Date.now());
	// Without those of the export, the customers of the examples are all there are.
	scene = await setScene({ ...world, customers: world.customers.slice(0, 2) });
	const { client, url } = scene.server;
	await createCrmCredential(client, postgres.login);
	await createFormLogin(client);
	await client.createCredential('OpenAI account', { apiKey: 'a key of nobody' }, 'openAiApi');
	editor = await Editor.open(url);
});
after(async () => {
	await editor?.close();
	await scene?.end();
	await robot?.stop();
	await postgres?.stop();
});

const step = walkIn(() => editor);

/** Opens an example, of which the editor shows every node. */
async function open(name: string): Promise<void> {
	const example = await readExample(name, { [ROBOT_ADDRESS]: robot.url });
	await editor.openWorkflow((await scene.server.client.importWorkflow(example)).id);
	const nodes = example.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
	assert.deepEqual((await editor.canvasNodes()).sort(), nodes.map((node) => node.name).sort());
}

step('The example for agents opens with its model and all of its tools.', async () => {
	await open('ai-agent');
	await editor.showWhole();
	await picture(editor, 'ai-agent');
});

step('The scheduled example, executed, says in its first message which row cannot be used.', async () => {
	await open('crm-to-iot-sync');
	await editor.showWhole();
	await picture(editor, 'sync-canvas');
	await editor.executeFrom('Every 15 Minutes');
	await editor.openNode('Sync');
	await editor.showOutputAsJson();
	await editor.seeInOutput(/"degraded"/, /"News":\s*true/);
	await editor.closeMessages();
	await picture(editor, 'sync-report', editor.nodeWindow);
	assert.match(robot.messages.join(), /user_5120/);
});

// The pictures are of n8n 2, and n8n 1 has no Data Tables.
if (lineUnderTest() === 'n8n-2') {
	step(
		'What a safety check stopped is approved by the form that its message links to, and the next message says by whom.',
		async () => {
			const { client } = scene.server;
			await postgres.query(`INSERT INTO crm_customers SELECT 'KH' || n FROM generate_series(1001, 1030) n`);
			await postgres.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
			SELECT 'KH' || n, 'SN-' || n, 'LOCK01/door' || n, '智能门锁' FROM generate_series(1001, 1030) n`);
			const example = await readExample('crm-to-iot-sync', { [ROBOT_ADDRESS]: robot.url });
			const workflow = await client.importWorkflow(withWebhook(example, 'Every 15 Minutes', 'by-form'));
			await client.activate(workflow);
			const url = `${client.session.origin}/webhook/by-form`;
			const start = async () =>
				await client.begunBy(
					workflow,
					async () => await whenRegistered(async () => await fetch(url, { method: 'POST' })),
				);
			await client.whenDone(await start());
			await postgres.query("UPDATE crm_devices SET product = '智能门锁 Pro' WHERE product = '智能门锁'");
			await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'KH1030'");
			const id = await start();
			const link = await eventually(() => /http\S+form-waiting\S+/.exec(robot.messages.at(-1) ?? '')![0]);
			// The message comes before the form: n8n lets a browser wait for ever that opens the link of a running execution.
			await eventually(async () => assert.equal((await client.execution(id)).status, 'waiting'));
			const { page } = editor;
			await page.setExtraHTTPHeaders(SIGNED_IN);
			await page.goto(link);
			await page.locator('input[name=field-0]').fill('李雷');
			await page.locator('select[name=field-1]').selectOption('Approve');
			await picture(editor, 'approval-form', page.locator('.card').first());
			await page.locator('button[type=submit], #submit-btn').first().click();
			await page
				.getByText(/已批准/)
				.first()
				.waitFor();
			await picture(editor, 'approval-done', page.locator('#submitted-form'));
			await page.setExtraHTTPHeaders({});
			assert.equal((await client.whenDone(id)).status, 'success');
			assert.match(robot.messages.join('\n\n'), /已由 李雷 批准 \/ Approved by 李雷\n/);
		},
	);

	step('The monthly audit shows each difference, and its message sums them up.', async () => {
		await open('monthly-audit');
		await editor.executeFrom('Every Month');
		await eventually(() => assert.match(robot.messages.join(), /5 new, 5 open, 0 closed/));
		await editor.openNode('Audit Device Bindings');
		await editor.showOutputAsJson();
		await editor.seeInOutput(/Audit: 1 device unknown to Tencent/, /LOCK01\/back_dooor/);
		await editor.closeMessages();
		await picture(editor, 'audit', editor.nodeWindow);
	});
}
