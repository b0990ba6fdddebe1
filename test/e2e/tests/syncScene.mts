import assert from 'node:assert/strict';
import type { IDataObject, INode, IWorkflowSettings } from 'n8n-workflow';
import type { DeviceInfo, Simulator } from '../../../simulator/simulator.mts';
import type { N8nClient, StoredCredential, StoredWorkflow } from '../n8n/client.mts';
import {
	CREDENTIAL_TYPE,
	MAPPED_COLUMNS,
	node,
	PUSH_NODE_TYPE,
	type WorkflowJson,
} from '../n8n/workflow.mts';
import type { Postgres } from '../services/postgres.mts';
import { createCrmCredential } from './crmDatabase.mts';
import { whenRegistered } from './exampleWorkflow.mts';

/** Short, because a run waits at least this long before it takes another one for dead. Seconds. */
export const TIMEOUT_S = 5;

/** How many customers: more than the safety checks need. */
export const CUSTOMERS = 120;

/** The names of the workflow's nodes. */
const SYNC = 'Sync';
const CRM_ROWS = 'CRM Rows';

/** The report of a run: the fields that the tests use. */
export interface RunReport {
	Summary: string;
	Health: string;
	News: boolean;
	Customers: number;
	Pushed: number;
	Unchanged: number;
	Requests: number;
	State: string;
	Failures: Array<{ code: string; message: string; planId?: string }>;
}

/** A run that the webhook started. */
export interface SyncRun {
	/** Undefined if the run did not finish. */
	readonly report: RunReport | undefined;
	/** The customers of the requests that reached the service during the run, in order of arrival. */
	readonly sent: string[];
	readonly durationMs: number;
}

/** The tables of a CRM in PostgreSQL. */
export class Crm {
	readonly #postgres: Postgres;

	constructor(postgres: Postgres) {
		this.#postgres = postgres;
	}

	/** Creates a table with customers `prefix` + number, from 1. */
	async create(table: string, prefix: string, customers: number, devices = 2): Promise<void> {
		await this.query(
			`CREATE TABLE ${table} (customer_id text, serial_no text, device_id text, product text)`,
		);
		await this.query(
			`INSERT INTO ${table} SELECT '${prefix}' || c, 'SN-' || c || '-' || d, 'LOCK01/${prefix}' || c || '_' || d,
			'智能门锁' FROM generate_series(1, ${customers}) c, generate_series(1, ${devices}) d ORDER BY c, d`,
		);
	}

	async query(sql: string): Promise<string[][]> {
		return await this.#postgres.query(sql);
	}

	/** Sets the serial number of the first device of each of these customers. */
	async change(table: string, customerIds: readonly string[], serial: string): Promise<void> {
		const ids = customerIds.map((id) => `'${id}'`).join(', ');
		await this.query(
			`UPDATE ${table} SET serial_no = '${serial}' WHERE customer_id IN (${ids}) AND device_id LIKE '%\\_1'`,
		);
	}

	/** Gives each customer the devices of another one, as a wrong join does. */
	async breakJoin(table: string): Promise<void> {
		await this.query(
			`UPDATE ${table} SET device_id = 'LOCK01/' || other || right(device_id, 2)
			FROM (SELECT id, lag(id, 1, last) OVER (ORDER BY id) AS other FROM
			(SELECT DISTINCT customer_id AS id, max(customer_id) OVER () AS last FROM ${table}) ids) others WHERE customer_id = id`,
		);
	}

	/** Gives each customer its own devices back. */
	async repairJoin(table: string): Promise<void> {
		await this.query(`UPDATE ${table} SET device_id = 'LOCK01/' || customer_id || right(device_id, 2)`);
	}

	/** The devices of each customer. */
	async devices(table: string): Promise<DevicesOfCustomers> {
		const rows = await this.query(`SELECT customer_id, serial_no, device_id, product FROM ${table}`);
		const devices = new Map<string, DeviceInfo[]>();
		for (const [customer, CustomerDeviceNo, DeviceId, ProductName] of rows as Array<
			[string, string, string, string]
		>) {
			const ofCustomer = devices.get(customer) ?? [];
			ofCustomer.push({ CustomerDeviceNo, DeviceId, ProductName });
			devices.set(customer, ofCustomer);
		}
		return inOrder(devices);
	}
}

/** CustomerId → its devices as texts, each in order. */
type DevicesOfCustomers = Record<string, string[]>;

function inOrder(devices: ReadonlyMap<string, readonly DeviceInfo[]>): DevicesOfCustomers {
	const lists = Array.from(devices, ([customer, infos]): [string, string[]] => [
		customer,
		infos
			.map(({ DeviceId, CustomerDeviceNo, ProductName }) => `${DeviceId} ${CustomerDeviceNo} ${ProductName}`)
			.sort(),
	]);
	return Object.fromEntries(lists.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface SyncWorkflowOptions {
	readonly name: string;
	/** The CRM's table. */
	readonly table: string;
	readonly credential: StoredCredential;
	readonly crmCredential: StoredCredential;
	readonly options?: IDataObject;
	readonly safetyChecks?: IDataObject;
	readonly settings?: IWorkflowSettings;
}

/** Webhook → the rows of the CRM → Sync; the webhook responds with the report. */
function syncWorkflow(workflow: SyncWorkflowOptions): WorkflowJson {
	const { name, table, credential, crmCredential, options, safetyChecks = {}, settings } = workflow;
	const reference = ({ id, name: called }: StoredCredential) => ({ id, name: called });
	const webhook = { httpMethod: 'POST', path: pathOf(name), responseMode: 'lastNode', options: {} };
	const query = `SELECT customer_id AS "CustomerId", serial_no AS "CustomerDeviceNo", device_id AS "DeviceId",
		product AS "ProductName" FROM ${table} ORDER BY device_id`;
	const sync = {
		resource: 'deviceBinding',
		operation: 'sync',
		columns: MAPPED_COLUMNS,
		options: {
			outputItemPer: 'run',
			requestsPerSecond: 0,
			pushAgainAfter: daysWithoutRePush(Date.now()),
			timeout: TIMEOUT_S,
			...options,
		},
		safetyChecks,
	};
	const nodes: INode[] = [
		node('Webhook', 'n8n-nodes-base.webhook', webhook, { typeVersion: 2, webhookId: pathOf(name) }),
		node(
			CRM_ROWS,
			'n8n-nodes-base.postgres',
			{ operation: 'executeQuery', query, options: {} },
			{ typeVersion: 2.5, position: [220, 0], credentials: { postgres: reference(crmCredential) } },
		),
		node(SYNC, PUSH_NODE_TYPE, sync, {
			position: [440, 0],
			credentials: { [CREDENTIAL_TYPE]: reference(credential) },
			onError: 'continueErrorOutput',
		}),
	];
	const to = (next: string) => ({ main: [[{ node: next, type: 'main' as const, index: 0 }]] });
	return {
		name,
		nodes,
		connections: { Webhook: to(CRM_ROWS), [CRM_ROWS]: to(SYNC) },
		settings: { executionOrder: 'v1', ...settings },
	};
}

/** How many re-push slots a period has: each re-pushes one group of customers. */
const SLOTS = 168;
const DAY_MS = 86_400_000;
/** Longer than any test takes. Milliseconds. */
const LONGEST_TEST_MS = 6 * 3_600_000;

/**
 * A value of *Push Again After* in days with which it is on, as for users, but no re-push is due while a test runs: due times depend only on
 * the clock.
 */
function daysWithoutRePush(nowMs: number): number {
	const slotAt = (ms: number, days: number) => Math.floor((ms * SLOTS) / (days * DAY_MS));
	let days = 365;
	while (slotAt(nowMs, days) !== slotAt(nowMs + LONGEST_TEST_MS, days)) {
		days -= 1;
	}
	return days;
}

function pathOf(name: string): string {
	return name.toLowerCase().replaceAll(' ', '-');
}

/** A workflow with Sync that runs by its webhook, with the CRM and the simulator that its runs are compared with. */
export class SyncedCrm {
	#stored: StoredWorkflow;
	readonly #url: string;
	readonly #table: string;
	readonly #simulator: Simulator;
	readonly #crm: Crm;

	constructor(stored: StoredWorkflow, url: string, table: string, simulator: Simulator, crm: Crm) {
		this.#stored = stored;
		this.#url = `${url}/webhook/${pathOf(stored.name)}`;
		this.#table = table;
		this.#simulator = simulator;
		this.#crm = crm;
	}

	get stored(): StoredWorkflow {
		return this.#stored;
	}

	/** Publishes the workflow with an approved plan. */
	async approve(client: N8nClient, planId: string): Promise<void> {
		const nodes = this.#stored.nodes.map((each) =>
			each.name === SYNC
				? { ...each, parameters: { ...each.parameters, safetyChecks: { approvedPlan: planId } } }
				: each,
		);
		this.#stored = await client.updateWorkflow(this.#stored, { ...this.#stored, nodes });
		await client.activate(this.#stored);
	}

	/** Runs the workflow to its end. */
	async run(): Promise<SyncRun> {
		const before = this.#simulator.requests.length;
		const startMs = performance.now();
		const response = await whenRegistered(async () => await fetch(this.#url, { method: 'POST' }));
		const text = await response.text();
		const report = reportIn(text);
		const sent = this.#simulator.requests.slice(before).map(({ CustomerId }) => String(CustomerId));
		return { report, sent, durationMs: performance.now() - startMs };
	}

	/** Runs it, and checks that it uses its state and sends nothing. */
	async expectNothingToSend(): Promise<void> {
		const { report, sent } = await this.run();
		assert.deepEqual([report?.State, report?.Health, sent], ['used', 'ok', []]);
		await this.expectInSync();
	}

	/** Checks that the service has exactly the devices of the CRM for each customer. */
	async expectInSync(): Promise<void> {
		const wanted = await this.#crm.devices(this.#table);
		const bindings = inOrder(this.#simulator.bindings);
		assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((id) => [id, bindings[id]])), wanted);
	}
}

function reportIn(text: string): RunReport | undefined {
	try {
		const report = JSON.parse(text) as Partial<RunReport>;
		return report.Health === undefined ? undefined : (report as RunReport);
	} catch {
		return undefined;
	}
}

/** What a workflow with Sync needs. */
export interface SyncParts {
	readonly client: N8nClient;
	readonly url: string;
	readonly simulator: Simulator;
	readonly credential: StoredCredential;
	readonly crmCredential: StoredCredential;
	readonly crm: Crm;
}

/** Creates a CRM and its credential. */
export async function createCrm(
	client: N8nClient,
	postgres: Postgres,
): Promise<Pick<SyncParts, 'crm' | 'crmCredential'>> {
	return { crm: new Crm(postgres), crmCredential: await createCrmCredential(client, postgres.login) };
}

/** Creates and activates a workflow with Sync. */
export async function startSync(
	{ client, url, simulator, credential, crmCredential, crm }: SyncParts,
	workflow: Omit<SyncWorkflowOptions, 'credential' | 'crmCredential'>,
): Promise<SyncedCrm> {
	const json = syncWorkflow({ ...workflow, credential, crmCredential });
	const stored = await client.createWorkflow(json);
	await client.activate(stored);
	return new SyncedCrm(stored, url, workflow.table, simulator, crm);
}
