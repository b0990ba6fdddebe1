import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type RequestRecord, type Simulator } from '../../../simulator/simulator.mts';
import type { N8nClient } from '../n8n/client.mts';
import { credentialFor } from '../tests/scene.mts';
import type { SyncHost } from './hosts.mts';
import { startSync, type Crm, type RunReport, type SyncedCrm, type SyncParts } from '../tests/syncScene.mts';

/** Enough for the safety checks to apply. */
export const CUSTOMERS = 25;
/** Few enough that no safety check stops a run. */
const CHANGED = 5;

/** How long to wait for a run: n8n may never respond for an execution whose worker was killed. Milliseconds. */
const LONGEST_RUN_MS = 90_000;

/** A CRM that is synced, and how. */
export interface Watched {
	readonly name: string;
	/** How long the service takes to respond, milliseconds. Requests are sent one at a time. */
	readonly latencyMs: number;
	/** n8n's time limit for a run, seconds. */
	readonly limitS?: number;
	/** 25 if omitted. With more, the safety check of changes is off, so that many can change at once. */
	readonly customers?: number;
}

/**
 * A CRM whose rows change, the workflow that syncs it, and a separate service. After each run that reports `ok` and
 * started after the last change, the service must have exactly the rows.
 */
export class WatchedCrm {
	readonly name: string;
	readonly synced: SyncedCrm;
	/** The runs that reported `ok` although the service had something else. */
	readonly wrong: string[] = [];
	/** How many runs ended in each way: `ok`, the code of the first failure, or `none` without a report. */
	readonly ends = new Map<string, number>();
	readonly simulator: Simulator;
	/** The reports of the runs that finished, in the order in which they did. */
	readonly reports: RunReport[] = [];
	readonly latencyMs: number;
	/** How many customers an edit changes. */
	readonly changed = CHANGED;
	readonly #client: N8nClient;
	readonly #crm: Crm;
	readonly #table: string;
	#version = 0;
	#edits = 0;
	#serials = 0;
	#approved: string | undefined;
	#isEditing = false;
	readonly #inProgress = new Set<Promise<unknown>>();

	private constructor(
		{ name, latencyMs }: Watched,
		synced: SyncedCrm,
		simulator: Simulator,
		{ client, crm }: Pick<SyncParts, 'client' | 'crm'>,
		table: string,
	) {
		this.name = name;
		this.latencyMs = latencyMs;
		this.synced = synced;
		this.simulator = simulator;
		this.#client = client;
		this.#crm = crm;
		this.#table = table;
	}

	static async start(
		{ client, url }: Pick<SyncHost, 'client' | 'url'>,
		parts: Pick<SyncParts, 'crm' | 'crmCredential'>,
		watched: Watched,
	): Promise<WatchedCrm> {
		const { name, latencyMs, limitS, customers = CUSTOMERS } = watched;
		const simulator = await startSimulator({ latencyMs, keepBodies: true });
		const credential = await client.createCredential(name, credentialFor(simulator));
		const table = `crm_${name.toLowerCase().replaceAll(' ', '_')}`;
		await parts.crm.create(table, 'user_', customers);
		const synced = await startSync(
			{ ...parts, client, url, simulator, credential },
			{
				name,
				table,
				options: { concurrency: 1 },
				safetyChecks: customers > CUSTOMERS ? { stopAbove: 100 } : {},
				settings: limitS === undefined ? {} : { executionTimeout: limitS },
			},
		);
		return new WatchedCrm(watched, synced, simulator, { client, crm: parts.crm }, table);
	}

	/**
	 * Gives some customers other devices.
	 * @param serial the new serial number; if omitted, often one that they had before
	 * @returns the ids of the customers
	 */
	async edit(serial?: string, changed = CHANGED): Promise<string[]> {
		const customers = Array.from({ length: changed }, (_, index) => `user_${index + 1}`);
		this.#edits += 1;
		const usual = `SN-${this.#edits % 3}`;
		await this.#change(async () => await this.#crm.change(this.#table, customers, serial ?? usual));
		return customers;
	}

	/** How many runs have ended so far, in any way. */
	get runs(): number {
		return [...this.ends.values()].reduce((sum, count) => sum + count, 0);
	}

	/**
	 * What runs have reported: `State`, the code of the first failure or `Health`, and how many customers were pushed.
	 * @param since the index of the first report that counts
	 */
	outcomesSince(since: number): string {
		const outcomes = this.reports
			.slice(since)
			.map(({ State, Failures, Health, Pushed }) => `${State} ${Failures[0]?.code ?? Health} ${Pushed}`);
		return [...new Set(outcomes)].join(', ');
	}

	/** A serial number that no customer has had. */
	newSerial(): string {
		this.#serials += 1;
		return `SN-new-${this.#serials}`;
	}

	/** Stops the run in progress, as the button 'Stop' does. */
	async stopRunning(): Promise<void> {
		// The list also has the calls of Sync to Data Tables while they run; their ids are higher.
		const ids = (await this.#client.running(this.synced.stored)).map(Number);
		await this.#client.stop(String(Math.min(...ids)));
	}

	/** Gives every customer the devices of another one. None of these rows may be sent. */
	async breakJoin(): Promise<void> {
		await this.#change(async () => await this.#crm.breakJoin(this.#table));
	}

	async repairJoin(): Promise<void> {
		await this.#change(async () => await this.#crm.repairJoin(this.#table));
	}

	/** How many requests so far gave a customer the devices of another one. */
	get requestsWithWrongRows(): number {
		const isOwn = ({ body = '', CustomerId }: RequestRecord) => body.includes(`/${CustomerId}_1`);
		return this.simulator.requests.filter((request) => !isOwn(request)).length;
	}

	/** Approves the plan of a run that stopped and waits for an approval. */
	async approve(report: RunReport | undefined): Promise<void> {
		const planId = report?.Failures[0]?.planId;
		if (planId === undefined || planId === this.#approved) {
			return;
		}
		this.#approved = planId;
		await this.synced.approve(this.#client, planId);
	}

	async #change(change: () => Promise<void>): Promise<void> {
		this.#isEditing = true;
		this.#version++;
		await change();
		this.#isEditing = false;
	}

	/** Runs the workflow; never rejects. @returns undefined if n8n responded without a report, or not at all */
	async run(): Promise<RunReport | undefined> {
		const version = this.#isEditing ? undefined : this.#version;
		const run = this.#run();
		this.#inProgress.add(run);
		const report = await run;
		this.#inProgress.delete(run);
		const end = report === undefined ? 'none' : (report.Failures[0]?.code ?? report.Health);
		this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
		if (report !== undefined) {
			this.reports.push(report);
		}
		if (report?.Health !== 'ok') {
			return report;
		}
		const isSame = await this.isSame();
		if (isSame || version !== this.#version || this.#isEditing) {
			return report;
		}
		this.wrong.push(`${this.name}: a run said ok, and the service has something else`);
		return report;
	}

	/** Whether the service has exactly the rows. */
	async isSame(): Promise<boolean> {
		return await this.synced.expectInSync().then(
			() => true,
			() => false,
		);
	}

	/**
	 * Whether the service has exactly the rows, and a run finds nothing to send. If a run reports a lost state, approves
	 * its plan.
	 */
	async isRight(): Promise<boolean> {
		const report = await this.run();
		if (report?.Failures[0]?.code === 'STATE_LOST') {
			await this.approve(report);
		}
		return report?.Health === 'ok' && report.Requests === 0 && (await this.isSame());
	}

	/**
	 * Runs the workflow at an interval, in milliseconds, until everything is in sync, and still is when all runs have
	 * ended: a late one may have changed something.
	 * @param atOnce how many runs start together
	 * @returns how long that took, milliseconds; Infinity if it took longer than the limit
	 */
	async untilInSync(everyMs: number, limitMs: number, atOnce = 1): Promise<number> {
		const startMs = performance.now();
		const passedMs = () => performance.now() - startMs;
		while (passedMs() < limitMs) {
			const right = new AbortController();
			let rightMs = Infinity;
			const check = async () => {
				if (!(await this.isRight()) || right.signal.aborted) {
					return;
				}
				rightMs = passedMs();
				right.abort();
			};
			while (!right.signal.aborted && passedMs() < limitMs) {
				for (let run = 0; run < atOnce; run++) {
					void check();
				}
				await sleep(everyMs, undefined, { signal: right.signal }).catch(() => undefined);
			}
			await Promise.all(this.#inProgress);
			if (rightMs <= limitMs && (await this.isRight())) {
				return rightMs;
			}
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
