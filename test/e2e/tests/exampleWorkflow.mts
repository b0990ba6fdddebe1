import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { N8nClient, StoredCredential } from '../n8n/client.mts';
import { untilReady } from '../n8n/restSession.mts';
import { node, type WorkflowJson } from '../n8n/workflow.mts';
import { eventually } from '../setup/eventually.mts';
import { exampleFolder } from '../setup/folders.mts';

/** The header that callers of the example webhooks must send. */
export const WEBHOOK_KEY = { name: 'X-Webhook-Key', value: 'demo-key' };

/** The login of the examples' forms. */
export const FORM_LOGIN = { user: 'support', password: 'demo-login' };

/** The header with that login. */
export const SIGNED_IN = {
	authorization: `Basic ${Buffer.from(`${FORM_LOGIN.user}:${FORM_LOGIN.password}`).toString('base64')}`,
};

/** Where the examples expect n8n. */
const DEFAULT_URL = 'http://localhost:5678';

/** The placeholder in the scheduled sync for the address of the group robot. */
export const ROBOT_ADDRESS = 'PASTE THE ADDRESS OF YOUR GROUP ROBOT HERE';

/** Imports all example workflows, as the editor does, with the address of a group robot. */
export async function importExamples(client: N8nClient, robotUrl: string): Promise<void> {
	for (const file of (await readdir(exampleFolder)).sort()) {
		const replacements = { [DEFAULT_URL]: client.session.origin, [ROBOT_ADDRESS]: robotUrl };
		await client.importWorkflow(await readExample(file.replace(/\.json$/, ''), replacements));
	}
}

/** Reads an example workflow as it is shipped. @param replacements text → new text, e.g. for addresses */
export async function readExample(
	name: string,
	replacements: Readonly<Record<string, string>> = {},
): Promise<WorkflowJson> {
	const text = await readFile(join(exampleFolder, `${name}.json`), 'utf8');
	const edited = Object.entries(replacements).reduce((done, [from, to]) => done.replaceAll(from, to), text);
	return JSON.parse(edited) as WorkflowJson;
}

/** Replaces an example's trigger with a webhook: its runs are not manual, and nothing else starts one. */
export function withWebhook(workflow: WorkflowJson, trigger: string, path: string): WorkflowJson {
	const webhook = node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{ httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		// From version 2 on it refuses workflows that respond to the form of a Wait node.
		{ typeVersion: 1.1, webhookId: path },
	);
	const { nodes, connections } = workflow;
	return {
		...workflow,
		nodes: [...nodes.map((of) => (of.name === trigger ? { ...of, disabled: true } : of)), webhook],
		connections: { ...connections, Webhook: connections[trigger]! },
	};
}

/** An example without some of its nodes, as a user deletes them. */
export function withoutNodes(
	{ nodes, connections, ...workflow }: WorkflowJson,
	names: string[],
): WorkflowJson {
	const isKept = (name: string) => !names.includes(name);
	const keptConnections = Object.entries(connections).filter(([name]) => isKept(name));
	return {
		...workflow,
		nodes: nodes.filter(({ name }) => isKept(name)),
		connections: Object.fromEntries(
			keptConnections.map(([name, { main = [] }]) => [
				name,
				{ main: main.map((output) => (output ?? []).filter(({ node: to }) => isKept(to))) },
			]),
		),
	};
}

/** The credential 'Webhook key' of the examples. */
export async function createWebhookKey(client: N8nClient): Promise<StoredCredential> {
	return await client.createCredential('Webhook key', WEBHOOK_KEY, 'httpHeaderAuth');
}

/** The credential 'Form login' of the examples. */
export async function createFormLogin(client: N8nClient): Promise<StoredCredential> {
	return await client.createCredential('Form login', FORM_LOGIN, 'httpBasicAuth');
}

/** The address of the form that triggers an example. */
export function formUrlOf({ nodes }: WorkflowJson, client: N8nClient): string {
	const { webhookId } = nodes.find(({ type }) => type === 'n8n-nodes-base.formTrigger')!;
	return `${client.session.origin}/form/${webhookId}`;
}

/** Waits until an execution waits for its form: n8n keeps a browser that opens it earlier waiting forever. */
export async function untilWaiting(formUrl: string): Promise<string> {
	const status = new URL(formUrl);
	status.pathname += '/n8n-execution-status';
	await eventually(async () => assert.equal(await (await fetch(status)).text(), 'form-waiting'));
	return formUrl;
}

/** Calls a webhook until n8n knows it. */
export async function whenRegistered<T extends { status: number }>(call: () => Promise<T>): Promise<T> {
	return await untilReady(call, [404, 503]);
}
