import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../setup/eventually.mts';
import { Execution, type StoredExecution } from './execution.mts';
import { RestSession, untilReady } from './restSession.mts';
import { CREDENTIAL_TYPE, type WorkflowJson } from './workflow.mts';

/** The owner account of an n8n that a test or the demo has started. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Demo-owner-1',
	firstName: 'Demo',
	lastName: 'Owner',
};

export interface StoredWorkflow extends WorkflowJson {
	readonly id: string;
	readonly versionId: string;
}

export interface StoredCredential {
	readonly id: string;
	readonly name: string;
}

/** How long n8n may take to store the data of an execution that has ended; a crashed one never gets any. Milliseconds. */
const LONGEST_STORING_MS = 30_000;

/** Nodes that get a webhook id when the editor imports them. n8n 2.15 does not assign one itself on the editor's route. */
const HAS_AN_ADDRESS = /\.(webhook|form|formTrigger|wait)$/;

const STATES_OF_RUNNING = ['new', 'running', 'waiting', 'unknown'];

/** n8n has no such execution: it was deleted, or is of a kind that n8n does not store. */
class ExecutionGone extends Error {}

function goneOrThrow(cause: unknown): ExecutionGone {
	if (cause instanceof ExecutionGone) {
		return cause;
	}
	throw cause;
}

/** Does what the editor does, with the same REST routes. */
export class N8nClient {
	readonly session: RestSession;

	constructor(session: RestSession) {
		this.session = session;
	}

	async setUpOwner(): Promise<void> {
		await this.session.request('POST', '/owner/setup', OWNER);
	}

	/** Removes all credentials: imported workflows, and nodes that are added in the editor, would use them. */
	async removeCredentials(): Promise<void> {
		for (const { id } of await this.session.request<StoredCredential[]>('GET', '/credentials')) {
			await this.session.request('DELETE', `/credentials/${id}`);
		}
	}

	async createCredential(
		name: string,
		data: ICredentialDataDecryptedObject,
		type = CREDENTIAL_TYPE,
	): Promise<StoredCredential> {
		return await this.session.request('POST', '/credentials', { name, type, data });
	}

	/** Tests a credential, as the credential window does after saving it. */
	async testCredential(
		{ id, name }: StoredCredential,
		data: ICredentialDataDecryptedObject,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		const credentials = { id, name, type: CREDENTIAL_TYPE, data };
		return await this.session.request('POST', '/credentials/test', { credentials });
	}

	async createWorkflow(workflow: WorkflowJson): Promise<StoredWorkflow> {
		return await this.session.request('POST', '/workflows', { ...workflow, active: false });
	}

	/**
	 * Creates a workflow from a file, as the editor does: its nodes get the credentials with the names that they refer to, and
	 * its forms and webhooks get new ids.
	 */
	async importWorkflow(workflow: WorkflowJson): Promise<StoredWorkflow> {
		const stored = await this.session.request<Array<StoredCredential & { type: string }>>(
			'GET',
			'/credentials',
		);
		const find = (type: string, reference: { id: string | null; name: string }) =>
			stored.find((each) => each.type === type && each.name === reference.name) ?? reference;
		const nodes = workflow.nodes.map((imported) => {
			const node = HAS_AN_ADDRESS.test(imported.type) ? { webhookId: randomUUID(), ...imported } : imported;
			if (node.credentials === undefined) {
				return node;
			}
			const credentials = Object.fromEntries(
				Object.entries(node.credentials).map(([type, reference]) => {
					const { id, name } = find(type, reference);
					return [type, { id, name }];
				}),
			);
			return { ...node, credentials };
		});
		return await this.createWorkflow({ ...workflow, nodes });
	}

	/** Creates a key for n8n's public API. @returns a function that posts to one of its paths */
	async openApi(): Promise<(path: string, body: object) => Promise<StoredWorkflow>> {
		const scopes = await this.session.request<string[]>('GET', '/api-keys/scopes');
		const keyRequest = { label: `key ${Date.now()}`, scopes, expiresAt: null };
		const { rawApiKey } = await this.session.request<{ rawApiKey: string }>('POST', '/api-keys', keyRequest);
		const headers = { 'content-type': 'application/json', 'X-N8N-API-KEY': rawApiKey };
		return async (path, body) => {
			const send = async () =>
				await fetch(`${this.session.origin}/api/v1${path}`, {
					method: 'POST',
					headers,
					body: JSON.stringify(body),
				});
			const response = await untilReady(send);
			assert.equal(response.status, 200, await response.clone().text());
			return (await response.json()) as StoredWorkflow;
		};
	}

	/** Saves a changed workflow as the editor does; its triggers run the old version until it is activated. */
	async updateWorkflow({ id, versionId }: StoredWorkflow, changed: WorkflowJson): Promise<StoredWorkflow> {
		return await this.session.request('PATCH', `/workflows/${id}`, { ...changed, versionId });
	}

	/** Publishes the version of a workflow that was last read, so that its triggers run it. */
	async activate({ id, versionId }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/activate`, { versionId });
	}

	async deactivate({ id }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Starts a workflow as the button 'Execute workflow' does. @returns the execution's id, without waiting for its end */
	async start(workflow: StoredWorkflow, trigger = 'Start'): Promise<string> {
		const body = { workflowData: workflow, triggerToStartFrom: { name: trigger } };
		const { executionId } = await this.session.request<{ executionId: string }>(
			'POST',
			`/workflows/${workflow.id}/run`,
			body,
		);
		return executionId;
	}

	/** Creates a workflow, runs it and returns the stored execution. */
	async createAndRun(workflow: WorkflowJson): Promise<Execution> {
		return await this.whenDone(await this.start(await this.createWorkflow(workflow)));
	}

	/** @throws ExecutionGone if there is none */
	async execution(id: string): Promise<Execution> {
		const stored = await this.session.request<StoredExecution | undefined>('GET', `/executions/${id}`);
		if (stored === undefined) {
			throw new ExecutionGone(`There is no execution ${id}`);
		}
		return new Execution(stored);
	}

	/**
	 * Waits until an execution has ended and its data is stored, which happens later.
	 * @throws ExecutionGone if it does not exist, or not any more
	 */
	async whenDone(id: string, timeoutMs = 120_000): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		let dataDeadline = Infinity;
		for (;;) {
			// n8n 2.15 responds with an error while a running execution has no data.
			const execution = await eventually(async () => await this.execution(id).catch(goneOrThrow));
			if (execution instanceof ExecutionGone) {
				throw execution;
			}
			const isDone = !STATES_OF_RUNNING.includes(execution.status);
			if (execution.status === 'crashed') {
				return execution;
			}
			if (isDone && (execution.hasData || Date.now() > dataDeadline)) {
				return execution;
			}
			if (isDone) {
				dataDeadline = Math.min(dataDeadline, Date.now() + LONGEST_STORING_MS);
			}
			if (Date.now() > deadline) {
				throw new Error(`Execution ${id} is still ${execution.status}`);
			}
			await sleep(250);
		}
	}

	/** The ids of the running executions of a workflow. */
	async running({ id }: StoredWorkflow): Promise<string[]> {
		return await this.#executions({ workflowId: id, status: ['new', 'running'] });
	}

	/** Waits for the end of the latest execution of a workflow: its webhook may respond before the execution is stored. */
	async latest(workflow: StoredWorkflow): Promise<Execution> {
		for (;;) {
			// The latest one may be a call of Sync to Data Tables, which is deleted before it can be read.
			const execution = await this.whenDone(await this.latestId(workflow)).catch(goneOrThrow);
			if (!(execution instanceof ExecutionGone)) {
				return execution;
			}
		}
	}

	/** The id of the latest execution. Calls of Sync to Data Tables are only listed while they run, and do not count. */
	async latestId(workflow: StoredWorkflow): Promise<string> {
		const ids = await this.#idsOf(workflow);
		for (const id of ids.toSorted((id, other) => other - id)) {
			if (await this.#isStored(String(id))) {
				return String(id);
			}
		}
		throw new Error(`Workflow ${workflow.id} has no execution`);
	}

	/** An error counts as stored: n8n 2.15 responds with one while a running execution has no data. */
	async #isStored(id: string): Promise<boolean> {
		const stored = await this.session
			.request<StoredExecution | undefined>('GET', `/executions/${id}`)
			.catch(() => ({ id }));
		return stored !== undefined;
	}

	/**
	 * Does something that starts an execution of a workflow, and returns the execution's id. A webhook may respond before n8n has
	 * stored the execution; executions in which the workflow calls itself have higher ids.
	 */
	async executionStartedBy(workflow: StoredWorkflow, start: () => Promise<unknown>): Promise<string> {
		const before = Math.max(0, ...(await this.#idsOf(workflow)));
		await start();
		return await eventually(async () => {
			const started = (await this.#idsOf(workflow)).filter((id) => id > before);
			if (started.length === 0) {
				throw new Error(`No execution after ${before}`);
			}
			return String(Math.min(...started));
		});
	}

	/** Lists twice: n8n lists running executions and then ended ones, so one that ends in between is missing from one list. */
	async #idsOf({ id }: StoredWorkflow): Promise<number[]> {
		const lists = [await this.#executions({ workflowId: id }), await this.#executions({ workflowId: id })];
		return lists.flat().map(Number);
	}

	/** The ids of the executions of all workflows, newest first. */
	async executions(): Promise<string[]> {
		return await this.#executions({});
	}

	/** Newest first. */
	async #executions(filter: object): Promise<string[]> {
		const { results } = await this.session.request<{ results: Array<{ id: string }> }>(
			'GET',
			`/executions?filter=${encodeURIComponent(JSON.stringify(filter))}`,
		);
		return results.map(({ id }) => id);
	}

	/** Stops an execution, as the button 'Stop' does. */
	async stop(executionId: string): Promise<void> {
		await this.session.request('POST', `/executions/${executionId}/stop`, {});
	}
}
