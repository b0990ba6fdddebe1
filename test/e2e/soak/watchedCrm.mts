import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import type { QueueMode } from '../n8n/queueMode.mts';
import { credentialFor } from '../tests/scene.mts';
import { startSync, type Crm, type RunReport, type SyncedCrm, type SyncParts } from '../tests/syncScene.mts';

/** Enough for the safety checks; so few of them change at once that none trips. */
export const CUSTOMERS = 25;
const CHANGED = 5;

/** n8n may not answer at all for an execution whose worker was killed. Milliseconds. */
const LONGEST_RUN_MS = 90_000;

/** What is synced, and how. */
export interface Watched {
	readonly name: string;
	/** How long the service takes to answer, milliseconds; one request at a time. */
	readonly latencyMs: number;
	/** n8n's time limit of a run, seconds. */
	readonly limitS?: number;
}

/**
 * A CRM whose rows change, the workflow that syncs it, and a service of its own. After each run that says `ok`, and that began
 * after the last change, the service must have exactly the rows.
 */
export class WatchedCrm {
	readonly name: string;
	readonly synced: SyncedCrm;
	/** What was wrong after a run that said `ok`. */
	readonly wrong: string[] = [];
	/** How many runs ended how: `ok`, the code of the first failure, or `none` without an answer. */
	readonly ends = new Map<string, number>();
	readonly simulator: Simulator;
	/** How many customers an edit changes. */
	readonly changed = CHANGED;
	readonly #crm: Crm;
	readonly #table: string;
	#version = 0;
	#isEditing = false;
	readonly #underWay = new Set<Promise<unknown>>();

	private constructor(name: string, synced: SyncedCrm, simulator: Simulator, crm: Crm, table: string) {
		this.name = name;
		this.synced = synced;
		this.simulator = simulator;
		this.#crm = crm;
		this.#table = table;
	}

	static async start(
		{ client, url }: QueueMode,
		parts: Pick<SyncParts, 'crm' | 'crmCredential'>,
		{ name, latencyMs, limitS }: Watched,
	): Promise<WatchedCrm> {
		const simulator = await startSimulator({ latencyMs });
		const credential = await client.createCredential(name, credentialFor(simulator));
		const table = `crm_${name.toLowerCase().replaceAll(' ', '_')}`;
		await parts.crm.create(table, 'user_', CUSTOMERS);
		const synced = await startSync(
			{ ...parts, client, url, simulator, credential },
			{
				name,
				table,
				options: { concurrency: 1 },
				...(limitS !== undefined && { settings: { executionTimeout: limitS } }),
			},
		);
		return new WatchedCrm(name, synced, simulator, parts.crm, table);
	}

	/** Gives some customers other devices, often ones that they had before. */
	async edit(): Promise<void> {
		this.#isEditing = true;
		const version = ++this.#version;
		const customers = Array.from({ length: CHANGED }, (_, index) => `user_${index + 1}`);
		await this.#crm.change(this.#table, customers, `SN-${version % 3}`);
		this.#isEditing = false;
	}

	/** Runs the workflow; never rejects. @returns undefined when n8n had no report to answer with */
	async run(): Promise<RunReport | undefined> {
		const version = this.#isEditing ? undefined : this.#version;
		const run = this.#run();
		this.#underWay.add(run);
		const report = await run;
		this.#underWay.delete(run);
		const end = report === undefined ? 'none' : (report.Failures[0]?.code ?? report.Health);
		this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
		if (report?.Health !== 'ok') return report;
		const isSame = await this.isSame();
		if (isSame || version !== this.#version || this.#isEditing) return report;
		this.wrong.push(`${this.name}: a run said ok, and the service has something else`);
		return report;
	}

	/** Whether the service has exactly the rows. */
	async isSame(): Promise<boolean> {
		return await this.synced.seeSame().then(
			() => true,
			() => false,
		);
	}

	/** Whether the service has exactly the rows, and a run finds nothing to send. */
	async isRight(): Promise<boolean> {
		const report = await this.run();
		return report?.Health === 'ok' && report.Requests === 0 && (await this.isSame());
	}

	/**
	 * Runs the workflow at an interval, in milliseconds, until all is right, and still is when no run is under way any more: then
	 * what a late one has done shows.
	 * @param atOnce how many runs begin together
	 * @returns how long that took, milliseconds; Infinity when it took longer than the limit
	 */
	async untilRight(everyMs: number, limitMs: number, atOnce = 1): Promise<number> {
		const startMs = performance.now();
		const passedMs = () => performance.now() - startMs;
		while (passedMs() < limitMs) {
			const right = new AbortController();
			let rightMs = Infinity;
			const look = async () => {
				if (!(await this.isRight()) || right.signal.aborted) return;
				rightMs = passedMs();
				right.abort();
			};
			while (!right.signal.aborted && passedMs() < limitMs) {
				for (let run = 0; run < atOnce; run++) void look();
				await sleep(everyMs, undefined, { signal: right.signal }).catch(() => undefined);
			}
			await Promise.all(this.#underWay);
			if (rightMs <= limitMs && (await this.isRight())) return rightMs;
		}
		return Infinity;
	}

	async close(): Promise<void> {
		await this.simulator.close();
	}

	async #run(): Promise<RunReport | undefined> {
		try {
			const run = this.synced.run().then(({ report }) => report);
			return await Promise.race([run, sleep(LONGEST_RUN_MS, undefined, { ref: false })]);
		} catch {
			return undefined;
		}
	}
}
