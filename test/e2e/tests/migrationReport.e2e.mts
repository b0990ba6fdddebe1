import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { node } from '../n8n/workflow.mts';
import { exampleFolder } from '../setup/folders.mts';
import { createWebhookKey, importExamples } from './exampleWorkflow.mts';
import { setScene, type Scene } from './scene.mts';

interface MigrationReport {
	report: { targetVersion: string; workflowResults: Array<{ ruleId: string }> };
	totalWorkflows: number;
}

interface RuleReport {
	affectedWorkflows: Array<{ name: string }>;
}

let scene: Scene;
before(async () => {
	scene = await setScene();
	await createWebhookKey(scene.server.client);
});
after(async () => {
	await scene?.end();
});

test("n8n's migration report for n8n 3 lists no example workflow as affected.", async () => {
	const { client } = scene.server;
	await importExamples(client, scene.simulator.origin);
	// The report must name this one: otherwise an empty report would prove nothing.
	await client.createWorkflow({
		name: 'Affected',
		nodes: [node('Start', 'n8n-nodes-base.manualTrigger')],
		connections: {},
		settings: { callerPolicy: 'any' },
	});
	const path = '/breaking-changes/report/refresh?version=v3';
	const { report, totalWorkflows } = await client.session.request<MigrationReport>('POST', path, {});
	assert.equal(report.targetVersion, 'v3');
	assert.ok(totalWorkflows > (await readdir(exampleFolder)).length);
	const named: string[] = [];
	for (const { ruleId } of report.workflowResults) {
		const rule = `/breaking-changes/report/${ruleId}`;
		const { affectedWorkflows } = await client.session.request<RuleReport>('GET', rule);
		named.push(...affectedWorkflows.map(({ name }) => name));
	}
	assert.ok(named.includes('Affected'));
	assert.deepEqual(
		named.filter((name) => name.startsWith('Tencent Cloud IoT')),
		[],
	);
});
