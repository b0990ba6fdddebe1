import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nClient, StoredCredential } from '../n8n/client.mts';
import type { WorkflowJson } from '../n8n/workflow.mts';
import { exampleFolder } from '../setup/folders.mts';

/** The header by which the example webhooks know their callers. */
export const WEBHOOK_KEY = { name: 'X-Webhook-Key', value: 'e2e-key' };

/** The path of an example workflow. */
export const examplePath = (name: string): string => join(exampleFolder, `${name}.json`);

/** Imports an example workflow by its file name, as the editor does. */
export async function importExample(client: N8nClient, file: string): Promise<void> {
	await client.importWorkflow(await readExample(file.replace(/\.json$/, '')));
}

/** Reads an example workflow as it is shipped. */
export async function readExample(name: string): Promise<WorkflowJson> {
	return JSON.parse(await readFile(examplePath(name), 'utf8')) as WorkflowJson;
}

/** The credential 'Webhook key' of the examples. */
export async function createWebhookKey(client: N8nClient): Promise<StoredCredential> {
	return await client.createCredential('Webhook key', WEBHOOK_KEY, 'httpHeaderAuth');
}

/** Calls a webhook until n8n knows it: newer versions register it some moments after the workflow was activated. */
export async function whenRegistered<T extends { status: number }>(call: () => Promise<T>): Promise<T> {
	for (let round = 0; ; round++) {
		const answer = await call();
		if (answer.status !== 404 || round > 100) return answer;
		await sleep(200);
	}
}
