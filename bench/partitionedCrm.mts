import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredWorkflow } from '../test/e2e/n8n/client.mts';
import { finishedBy, type QueueMode } from '../test/e2e/n8n/queueMode.mts';
import type { WorkflowJson } from '../test/e2e/n8n/workflow.mts';
import type { Postgres } from '../test/e2e/services/postgres.mts';
import { WEBHOOK_KEY, whenRegistered, withWebhook } from '../test/e2e/tests/exampleWorkflow.mts';

const EXAMPLE = new URL('../examples/workflows/crm-to-iot-sync-partitioned.json', import.meta.url);
const LOOK_EVERY_MS = 250;
const LONGEST_ROUND_MS = 45 * 60_000;

/** What a round took by the clock, milliseconds. */
export interface RoundTimes {
	/** From its start to the last report. */
	wallMs: number;
	/** All partitions together: from the begin of each to its report, and of that what its Sync node took. */
	executionMs: number;
	syncMs: number;
}

/** The example for partitions in n8n, without a limit of the rate or of the time, and with a table of its own. */
export class PartitionedCrm {
	readonly #n8n: QueueMode;
	readonly #crm: Postgres;
	readonly #name: string;
	readonly #partitions: number;
	#workflow: StoredWorkflow;

	private constructor(
		n8n: QueueMode,
		crm: Postgres,
		name: string,
		partitions: number,
		workflow: StoredWorkflow,
	) {
		this.#n8n = n8n;
		this.#crm = crm;
		this.#name = name;
		this.#partitions = partitions;
		this.#workflow = workflow;
	}

	/**
	 * Imports and publishes the example.
	 * @param name a word that distinguishes tables and webhooks
	 */
	static async start(
		n8n: QueueMode,
		crm: Postgres,
		name: string,
		partitions: number,
	): Promise<PartitionedCrm> {
		const text = (await readFile(EXAMPLE, 'utf8'))
			.replaceAll('http://localhost:5678', n8n.url)
			.replaceAll('sync_partitions', `sync_${name}`)
			.replaceAll('sync-partition', `sync-${name}`)
			// Which customers are scheduled for a re-push depends on the hour.
			.replaceAll('"outputItemPer": "run"', '"outputItemPer": "run", "pushAgainAfter": 0')
			// What changes is known here, however much it is.
			.replaceAll(/\? 100 : (50|3)/g, '? 100 : 100');
		const example = JSON.parse(text) as WorkflowJson;
		const { assignments } = example.nodes.find(({ name }) => name === 'Settings')!.parameters
			.assignments as unknown as { assignments: Array<{ name: string; value: unknown }> };
		const values: Record<string, number> = {
			...{ partitions, approvedPartitions: partitions },
			...{ requestsPerSecond: 0, longestRunMinutes: 0 },
		};
		for (const one of assignments) one.value = values[one.name] ?? one.value;
		const workflow = withWebhook(example, 'Every Hour', `round-${name}`);
		for (const node of workflow.nodes) {
			if (node.type.endsWith('.webhook')) node.webhookId = `${node.name}-${name}`;
		}
		const stored = await n8n.client.importWorkflow(workflow);
		await n8n.client.activate(stored);
		return new PartitionedCrm(n8n, crm, name, partitions, stored);
	}

	/** Runs all partitions to their end. */
	async round(): Promise<RoundTimes> {
		const { url } = this.#n8n;
		const startedBefore = await this.#lastStart();
		const startedAt = new Date().toISOString();
		const startMs = performance.now();
		await whenRegistered(async () => await fetch(`${url}/webhook/round-${this.#name}`, { method: 'POST' }));
		while (!(await this.#haveAllReported(startedBefore))) {
			if (performance.now() - startMs > LONGEST_ROUND_MS) throw new Error('The round did not end');
			await this.#seeNoneFailed(startedAt);
			await sleep(LOOK_EVERY_MS);
		}
		const wallMs = performance.now() - startMs;
		// An execution ends after its report.
		while ((await this.#n8n.client.running(this.#workflow)).length > 0) await sleep(LOOK_EVERY_MS);
		const [[execution, sync, unhealthy] = []] = await this.#crm.query(
			`SELECT sum(extract(epoch FROM reported_at - begun_at)) * 1000, sum(duration_ms),
				string_agg(DISTINCT summary, E'\\n') FILTER (WHERE health <> 'ok')
				FROM sync_${this.#name}`,
		);
		if (unhealthy) throw new Error(`Partitions are not healthy: ${unhealthy}`);
		return { wallMs, executionMs: Number(execution), syncMs: Number(sync) };
	}

	async #seeNoneFailed(since: string): Promise<void> {
		const failed = await this.#n8n.database.query(
			`SELECT id FROM execution_entity WHERE status IN ('error', 'crashed') AND "workflowId" = '${this.#workflow.id}'
				AND "createdAt" > '${since}'`,
		);
		if (failed.length > 0) throw new Error(`Executions that failed: ${failed.join(', ')}`);
	}

	/** When the last round started the partitions; empty before the first one. */
	async #lastStart(): Promise<string> {
		const [[found] = []] = await this.#crm.query(`SELECT to_regclass('sync_${this.#name}')`);
		if (!found) return '';
		return (await this.#crm.query(`SELECT max(started_at) FROM sync_${this.#name}`))[0]?.[0] ?? '';
	}

	async #haveAllReported(startedBefore: string): Promise<boolean> {
		if ((await this.#lastStart()) === startedBefore) return false;
		const [[count] = []] = await this.#crm.query(
			`SELECT count(*) FROM sync_${this.#name} WHERE reported_at >= started_at`,
		);
		return Number(count) === this.#partitions;
	}

	/** Reads the rows of all partitions and does nothing with them: what of a round is n8n's own. @returns milliseconds */
	async readOnly(): Promise<number> {
		const { client, url, workers } = this.#n8n;
		const { name, nodes, connections, settings } = this.#workflow;
		const reading = Object.fromEntries(
			Object.entries(connections).filter(([from]) => !from.startsWith('Read ')),
		);
		const changed = { name, nodes, connections: reading, ...(settings && { settings }) };
		const path = `sync-${this.#name}`;
		let stored = await client.updateWorkflow(this.#workflow, changed);
		await client.activate(stored);
		try {
			// n8n takes a moment to run what was published.
			await sleep(5_000);
			const finished = () => workers.flatMap(finishedBy).length;
			const before = finished();
			const startMs = performance.now();
			const headers = { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value };
			for (let part = 1; part <= this.#partitions; part++) {
				const body = JSON.stringify({ part });
				await fetch(`${url}/webhook/${path}`, { method: 'POST', headers, body });
			}
			while (finished() < before + this.#partitions) await sleep(LOOK_EVERY_MS);
			return performance.now() - startMs;
		} finally {
			stored = await client.updateWorkflow(stored, { ...changed, connections });
			await client.activate(stored);
			this.#workflow = stored;
			await sleep(5_000);
		}
	}
}
