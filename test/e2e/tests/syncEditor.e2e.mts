import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Editor } from '../browser/editor.mts';
import { walkIn } from '../browser/walk.mts';
import { node, PUSH_NODE_TYPE } from '../n8n/workflow.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { rowsOf, setScene, type Scene } from './scene.mts';
import {
	createCrm,
	CRM_ROWS,
	CUSTOMERS,
	startSync,
	SYNC,
	type SyncedCrm,
	type SyncParts,
} from './syncScene.mts';

const RENAMED = 'Renamed';

const LONGEST_PUBLISHING_MS = 60_000;

/** Three test rows, as a user pins them; they are none of the CRM's. */
const PINNED = rowsOf('pinned_1/1', 'pinned_2/1', 'pinned_3/1');

let scene: Scene;
let postgres: Postgres;
let parts: SyncParts;
let synced: SyncedCrm;
let editor: Editor;
before(async () => {
	postgres = await startPostgres();
	scene = await setScene();
	const { server, simulator, credential } = scene;
	const { client, url } = server;
	parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
	await parts.crm.create('crm', 'user_', CUSTOMERS);
	synced = await startSync(parts, {
		name: 'Sync',
		table: 'crm',
		pinData: { [CRM_ROWS]: PINNED.map((json) => ({ json })) },
	});
	editor = await Editor.open(url);
	await editor.openWorkflow(synced.stored.id);
});
after(async () => {
	await editor?.close();
	await scene?.end();
	await postgres?.stop();
});

const step = walkIn(() => editor);

step(
	'An editor that was open since before a run renames and saves the node, and the run after that sends nothing.',
	async () => {
		const { client } = scene.server;
		const first = await synced.run();
		assert.deepEqual([first.report?.State, first.report?.Pushed], ['empty', CUSTOMERS]);
		await synced.seeSame();
		await editor.renameNode(SYNC, RENAMED);
		await editor.publish();
		// n8n 2 says that a workflow is published before the webhook runs it: until then the node has its old name.
		const isRenamedInRun = async () => {
			await synced.seeNothingToSend();
			return (await client.latest(synced.stored)).runs(RENAMED).length === 1;
		};
		const deadlineMs = Date.now() + LONGEST_PUBLISHING_MS;
		while (!(await isRenamedInRun())) assert.ok(Date.now() < deadlineMs, 'The webhook runs the old version');
		await parts.crm.change('crm', ['user_7'], 'SN-new');
		assert.deepEqual((await synced.run()).sent, ['user_7']);
		await synced.seeSame();
	},
);

step(
	'A try in the editor with three pinned rows sends nothing, says why, and leaves the memory alone.',
	async () => {
		const { simulator } = scene;
		const before = simulator.requests.length;
		await editor.executeFrom('Start');
		await editor.openNode(RENAMED);
		await editor.seeInOutput(/failing/);
		assert.equal(simulator.requests.length, before);
		const execution = await scene.server.client.latest(synced.stored);
		assert.deepEqual(execution.json(CRM_ROWS), PINNED);
		const [error] = execution.json(RENAMED, 1).map((json) => json.error as { code: string; message: string });
		assert.equal(error?.code, 'TOO_FEW_CUSTOMERS');
		assert.match(error.message, /^117 of 120 customers are missing from the rows, /);
		await synced.seeNothingToSend();
		assert.ok(![...simulator.bindings.keys()].some((customer) => customer.startsWith('pinned')));
	},
);

step('An IF behind a Sync that was not run is offered its health.', async () => {
	const { id } = await scene.server.client.createWorkflow({
		name: 'Not run',
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger'),
			node(SYNC, PUSH_NODE_TYPE, { resource: 'deviceBinding', operation: 'sync' }, { position: [220, 0] }),
			node('If', 'n8n-nodes-base.if', {}, { typeVersion: 2.2, position: [440, 0] }),
		],
		connections: {
			Start: { main: [[{ node: SYNC, type: 'main', index: 0 }]] },
			[SYNC]: { main: [[{ node: 'If', type: 'main', index: 0 }]] },
		},
		settings: { executionOrder: 'v1' },
	});
	await editor.openWorkflow(id);
	await editor.openNode('If');
	for (const column of ['Health', 'News', 'CustomerId']) await editor.seeColumn(column);
});
