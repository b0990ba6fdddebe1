import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../setup/eventually.mts';
import { Execution, type StoredExecution } from './execution.mts';
import { RestSession, untilReady } from './restSession.mts';
import { CREDENTIAL_TYPE, type WorkflowJson } from './workflow.mts';

/** Who owns an n8n that a test or the demo has started. */
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

/** An execution that crashed never gets data; any other does by then. Milliseconds. */
const LONGEST_STORING_MS = 30_000;

/** Nodes to which the editor gives an id when it imports them. By the editor's route n8n 2.15 gives them none itself. */
const HAS_AN_ADDRESS = /\.(webhook|form|formTrigger|wait)$/;

const STATES_OF_RUNNING = ['new', 'running', 'waiting', 'unknown'];

/** n8n has no such execution: it was deleted, or is of a kind that is not kept. */
class ExecutionGone extends Error {}

function goneOrThrow(cause: unknown): ExecutionGone {
	if (cause instanceof ExecutionGone) {
		return cause;
	}
	throw cause;
}

/** What the editor can do, by the same REST routes. */
export class N8nClient {
	readonly session: RestSession;

	constructor(session: RestSession) {
		this.session = session;
	}

	async setUpOwner(): Promise<void> {
		await this.session.request('POST', '/owner/setup', OWNER);
	}

	/** Imported workflows, and nodes that are added in the editor, would take them for theirs. */
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

	/** What the credential window asks after it has saved a credential. */
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
	 * Creates a workflow from a file, as the editor does: its nodes get the credentials that have the names they ask
	 * for, and its forms and webhooks an id of their own.
	 */
	async importWorkflow(workflow: WorkflowJson): Promise<StoredWorkflow> {
		const stored = await this.session.request<Array<StoredCredential & { type: string }>>(
			'GET',
			'/credentials',
		);
		const find = (type: string, wanted: { id: string | null; name: string }) =>
			stored.find((each) => each.type === type && each.name === wanted.name) ?? wanted;
		const nodes = workflow.nodes.map((imported) => {
			const node = HAS_AN_ADDRESS.test(imported.type) ? { webhookId: randomUUID(), ...imported } : imported;
			if (node.credentials === undefined) {
				return node;
			}
			const credentials = Object.fromEntries(
				Object.entries(node.credentials).map(([type, wanted]) => {
					const { id, name } = find(type, wanted);
					return [type, { id, name }];
				}),
			);
			return { ...node, credentials };
		});
		return await this.createWorkflow({ ...workflow, nodes });
	}

	/** Makes a key of n8n's public API. @returns what posts to a path of it */
	async openApi(): Promise<(path: string, body: object) => Promise<StoredWorkflow>> {
		const scopes = await this.session.request<string[]>('GET', '/api-keys/scopes');
		const asked = { label: `key ${Date.now()}`, scopes, expiresAt: null };
		const { rawApiKey } = await this.session.request<{ rawApiKey: string }>('POST', '/api-keys', asked);
		const headers = { 'content-type': 'application/json', 'X-N8N-API-KEY': rawApiKey };
		return async (path, body) => {
			const send = async () =>
				await fetch(`${this.session.origin}/api/v1${path}`, {
					method: 'POST',
					headers,
					body: JSON.stringify(body),
				});
			const answer = await untilReady(send);
			assert.equal(answer.status, 200, await answer.clone().text());
			return (await answer.json()) as StoredWorkflow;
		};
	}

	/** Saves a workflow as the editor does, with what was changed in it; its triggers go on as before until it is activated. */
	async updateWorkflow({ id, versionId }: StoredWorkflow, changed: WorkflowJson): Promise<StoredWorkflow> {
		return await this.session.request('PATCH', `/workflows/${id}`, { ...changed, versionId });
	}

	/** Makes a workflow run by its own triggers, as it was last read. */
	async activate({ id, versionId }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/activate`, { versionId });
	}

	async deactivate({ id }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Runs a workflow as the button 'Execute workflow' does, without waiting for its end. Gives the execution's id. */
	async start(workflow: StoredWorkflow, trigger = 'Start'): Promise<string> {
		const body = { workflowData: workflow, triggerToStartFrom: { name: trigger } };
		const { executionId } = await this.session.request<{ executionId: string }>(
			'POST',
			`/workflows/${workflow.id}/run`,
			body,
		);
		return executionId;
	}

	/** Creates a workflow, runs it and gives what was stored of it. */
	async createAndRun(workflow: WorkflowJson): Promise<Execution> {
		return await this.whenDone(await this.start(await this.createWorkflow(workflow)));
	}

	/** @throws ExecutionGone where there is none */
	async execution(id: string): Promise<Execution> {
		const stored = await this.session.request<StoredExecution | undefined>('GET', `/executions/${id}`);
		if (stored === undefined) {
			throw new ExecutionGone(`There is no execution ${id}`);
		}
		return new Execution(stored);
	}

	/**
	 * Waits for the end of an execution, and for its data: they are stored one after the other.
	 * @throws ExecutionGone where it is not there, or not any more
	 */
	async whenDone(id: string, timeoutMs = 120_000): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		let dataDeadline = Infinity;
		for (;;) {
			// n8n 2.15 answers with an error as long as an execution that runs has no data.
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

	/** The executions of a workflow that are under way. */
	async running({ id }: StoredWorkflow): Promise<string[]> {
		return await this.#executions({ workflowId: id, status: ['new', 'running'] });
	}

	/** The execution of a workflow that was begun last, at its end: its webhook may have answered before it was stored. */
	async latest(workflow: StoredWorkflow): Promise<Execution> {
		for (;;) {
			// A call by which Sync reaches Data Tables may be the latest one, and gone before it is looked at.
			const execution = await this.whenDone(await this.latestId(workflow)).catch(goneOrThrow);
			if (!(execution instanceof ExecutionGone)) {
				return execution;
			}
		}
	}

	/** That execution's id. The calls by which Sync reaches Data Tables are in the list as long as they run, and in none after it. */
	async latestId(workflow: StoredWorkflow): Promise<string> {
		const ids = await this.#idsOf(workflow);
		for (const id of ids.toSorted((id, other) => other - id)) {
			if (await this.#isStored(String(id))) {
				return String(id);
			}
		}
		throw new Error(`Workflow ${workflow.id} has no execution`);
	}

	/** n8n 2.15 answers with an error as long as an execution that runs has no data. */
	async #isStored(id: string): Promise<boolean> {
		const stored = await this.session
			.request<StoredExecution | undefined>('GET', `/executions/${id}`)
			.catch(() => ({ id }));
		return stored !== undefined;
	}

	/**
	 * Does something that begins an execution of a workflow, and gives its id: a webhook may answer before n8n has stored the
	 * execution, and one in which the workflow calls itself comes after it.
	 */
	async executionStartedBy(workflow: StoredWorkflow, start: () => Promise<unknown>): Promise<string> {
		const before = Math.max(0, ...(await this.#idsOf(workflow)));
		await start();
		return await eventually(async () => {
			const begun = (await this.#idsOf(workflow)).filter((id) => id > before);
			if (begun.length === 0) {
				throw new Error(`No execution after ${before}`);
			}
			return String(Math.min(...begun));
		});
	}

	/** In two looks, for n8n lists first what runs and then what has ended: one that ends meanwhile is in neither. */
	async #idsOf({ id }: StoredWorkflow): Promise<number[]> {
		const looks = [await this.#executions({ workflowId: id }), await this.#executions({ workflowId: id })];
		return looks.flat().map(Number);
	}

	/** Those of all workflows, from the newest. */
	async executions(): Promise<string[]> {
		return await this.#executions({});
	}

	/** From the newest. */
	async #executions(filter: object): Promise<string[]> {
		const { results } = await this.session.request<{ results: Array<{ id: string }> }>(
			'GET',
			`/executions?filter=${encodeURIComponent(JSON.stringify(filter))}`,
		);
		return results.map(({ id }) => id);
	}

	/** What the button 'Stop' does. */
	async stop(executionId: string): Promise<void> {
		await this.session.request('POST', `/executions/${executionId}/stop`, {});
	}
}
