import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { postgresSettings } from '../n8n/settings.mts';
import { buildTablesNode, startTablesNode } from '../n8n/tablesNode.mts';
import { eventually } from '../setup/eventually.mts';
import { QUIET_MINUTES } from '../setup/quietSchedule.mts';
import { createWebhookKey, formUrlOf, readExample, WEBHOOK_KEY, whenRegistered } from './exampleWorkflow.mts';
import { ExampleForms } from './exampleForms.mts';
import {
	startExamples,
	withMessagesIn,
	type RunningExamples,
	type ScheduledSync,
} from './runningExamples.mts';
import { SyncTables } from './syncTables.mts';

// What failed runs of the examples leave in n8n's database and log, with n8n on PostgreSQL at log level debug; and Sync when Data Tables
// are full.

/** The space of all Data Tables together. */
const MAX_BYTES = 8 * 1024 * 1024;

const MANY_ROWS = 500_000;
/** How many bytes a failed run may store: its error text has some hundred. */
const MOST_STORED = 10_000;

const CUSTOMERS = 1_000;
/** The first customer id; none of the ids is a real phone number. */
const FIRST_NUMBER = 13_055_500_000;
const phoneNumbers = Array.from({ length: CUSTOMERS }, (_, index) => String(FIRST_NUMBER + index * 7));
/** The customer that the service refuses, and the one that the forms are asked about. */
const [refused = '', askedFor = ''] = phoneNumbers;
const INVALID_WEBHOOK = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };

let examples: RunningExamples;
let forms: ExampleForms;
let sync: ScheduledSync;

before(async () => {
	examples = await startExamples({
		quietMinutes: QUIET_MINUTES.redEnds,
		more: async (postgres) => {
			await postgres.query('CREATE DATABASE n8n');
			return {
				...postgresSettings({ ...postgres.login, database: 'n8n' }),
				N8N_CUSTOM_EXTENSIONS: await buildTablesNode(),
				N8N_DATA_TABLES_MAX_SIZE_BYTES: String(MAX_BYTES),
				N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
				N8N_LOG_LEVEL: 'debug',
				N8N_PAYLOAD_SIZE_MAX: '64',
				NODE_OPTIONS: '--max-old-space-size=6144',
			};
		},
	});
	await examples.importExample('approve-a-plan');
	const support = await examples.importExample('customer-support-form');
	const { client } = examples.scene.server;
	forms = new ExampleForms(client.session.origin, formUrlOf(support, client));
	sync = await examples.importSync('crm-to-iot-sync');
});
after(async () => {
	await examples?.end();
});

/** How many bytes of executions n8n's database stores. */
async function storedBytes(): Promise<number> {
	const sql = `SELECT coalesce(sum(octet_length(data) + octet_length("workflowData"::text)), 0) FROM execution_data`;
	const [[bytes] = []] = await examples.postgres.query(sql, 'n8n');
	return Number(bytes);
}

/** Replaces the rows of the CRM. @param devices `SELECT` of customer, serial number, device and product */
async function fillCrm(devices: string): Promise<void> {
	await examples.postgres.query('TRUNCATE crm_customers, crm_devices');
	await examples.postgres.query(
		`INSERT INTO crm_customers (customer_id) SELECT DISTINCT customer_id FROM (${devices}) AS rows`,
	);
	await examples.postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product) ${devices}`,
	);
}

const changeSerials = async (suffix: string, most: number) =>
	await examples.postgres.query(
		`UPDATE crm_devices SET serial_no = 'SN-' || id || '${suffix}' WHERE customer_id IN (SELECT customer_id FROM crm_customers ORDER BY customer_id LIMIT ${most})`,
	);

test('A failed run of 500,000 rows stores no row.', async () => {
	// The same customers as in the other tests: otherwise Sync would take those rows for the result of a wrong query.
	await fillCrm(
		`SELECT (${FIRST_NUMBER} + 7 * (i % ${CUSTOMERS}))::text AS customer_id, 'SN-' || i AS serial_no, 'no product here' AS device_id, 'Lock' AS product FROM generate_series(1, ${MANY_ROWS}) AS i`,
	);
	const before = await storedBytes();
	const { isRed, messages } = await sync.run();
	assert.deepEqual([isRed, messages.length], [true, 1]);
	assert.match(messages[0]!, /500/);
	const stored = (await storedBytes()) - before;
	assert.ok(stored > 0 && stored <= MOST_STORED, `${stored} bytes`);
});

test('The write-back example writes the outcome of each customer to the CRM, and its messages are in Chinese only if the node says so.', async () => {
	const values = phoneNumbers.map((id) => `('${id}')`).join();
	await fillCrm(
		`SELECT column1 AS customer_id, 'SN-' || column1 AS serial_no, 'CAM01/' || column1 AS device_id, '摄像头' AS product FROM (VALUES ${values}) AS ids`,
	);
	const refusal = { Code: 'InvalidParameterValue', Message: `CustomerId ${refused} 无效` };
	examples.scene.simulator.setOptions({ refuseCustomers: { [refused]: refusal } });
	const example = await examples.importSync('write-back-to-crm', withMessagesIn('chinese'));
	const withoutColumns = await example.run();
	assert.equal(withoutColumns.isRed, true);
	assert.doesNotMatch(withoutColumns.messages.join().replace(/^[^：]*：/, ''), /[a-z]{3,} [a-z]{3,}/);
	await examples.postgres.query(
		'ALTER TABLE crm_customers ADD iot_outcome text, ADD iot_reason text, ADD iot_request_id text, ADD iot_at timestamptz',
	);
	await changeSerials('b', 100);
	// The refused customer is retried in one of three runs.
	await eventually(async () => {
		assert.equal((await example.run()).isRed, false);
		const [counts] = await examples.postgres.query(
			"SELECT count(*) FILTER (WHERE iot_outcome = 'OK' AND iot_request_id <> ''), count(*) FILTER (WHERE iot_outcome = 'REFUSED' AND iot_reason <> ''), count(iot_at) FROM crm_customers",
		);
		assert.deepEqual(counts, ['99', '1', '100']);
	}, 90_000);
	await examples.scene.server.client.deactivate(example.workflow);
});

/** The execution that a form page belongs to: `…/form-waiting/123?signature=…`. */
function executionOf(formUrl: string): number {
	return Number(new URL(formUrl).pathname.split('/').at(-1));
}

test("n8n's log has no phone number after a run of each example has failed.", async () => {
	const { scene, postgres, robot } = examples;
	const { client } = scene.server;
	// The robot refuses the message.
	robot.answer = INVALID_WEBHOOK;
	assert.equal((await sync.run()).isRed, true);
	robot.answer = undefined;
	await postgres.query('CREATE TABLE accepted AS SELECT id, serial_no FROM crm_devices');
	// No request is accepted.
	examples.fault = { kind: 'error', Code: 'InternalError', Message: `no ${phoneNumbers.join()}` };
	await changeSerials('c', 20);
	assert.equal((await sync.run()).isRed, true);
	examples.fault = undefined;
	// A safety check stops the run.
	await changeSerials('d', 600);
	assert.equal((await sync.run()).isRed, true);
	const { url } = await forms.openApproval(askedFor);
	// Somebody opens the plan and does not decide. The execution ends after an hour.
	const undecided = await forms.openApproval(refused);
	await postgres.query(
		`UPDATE execution_entity SET "waitTill" = now() WHERE status = 'waiting' AND id = ${executionOf(undecided.url)}`,
		'n8n',
	);
	await forms.untilFailed(undecided.url);
	assert.match((await forms.openApproval(askedFor)).page, /600/);
	await forms.decide(url, 'Reject');
	// The source fails, and so does the form that reads it.
	await postgres.query('ALTER TABLE crm_devices RENAME TO elsewhere');
	assert.equal((await sync.run()).isRed, true);
	await forms.failSupport([askedFor, '', '', 'Push']);
	await postgres.query('ALTER TABLE elsewhere RENAME TO crm_devices');
	await forms.askSupport([refused, '', '', 'Push']);
	await createWebhookKey(client);
	await examples.importExample('set-customer-devices-webhook');
	const devices = [{ serialNo: 'SN-1', deviceId: 'LOCK01/front', product: '智能门锁' }];
	const answer = await whenRegistered(
		async () =>
			await fetch(`${scene.server.url}/webhook/set-customer-devices`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value },
				body: JSON.stringify({ customerId: refused, devices }),
			}),
	);
	assert.equal(answer.status, 422);
	robot.answer = INVALID_WEBHOOK;
	const audit = await client.importWorkflow(
		await readExample('monthly-audit', { 'PASTE THE ADDRESS OF YOUR GROUP ROBOT HERE': robot.url }),
	);
	const audited = await client.whenDone(await client.start(audit, 'Every Month'));
	robot.answer = undefined;
	assert.equal(audited.status, 'error');
	const { log } = scene.server;
	assert.match(log, /debug/);
	const inExample = ['13800138000', '13800138009', '13800138002'];
	assert.deepEqual(
		[...phoneNumbers, ...inExample].filter((number) => log.includes(number)),
		[],
	);
});

test('When Data Tables are full and an old transaction keeps PostgreSQL from freeing space, Sync sends nothing, says why, and recovers once there is space.', async () => {
	const { scene, postgres } = examples;
	const { server, simulator } = scene;
	simulator.setOptions({ refuseCustomers: {} });
	await postgres.query(
		'UPDATE crm_devices SET serial_no = accepted.serial_no FROM accepted WHERE crm_devices.id = accepted.id',
	);
	// A failed customer is retried in one of three runs.
	await eventually(async () => {
		const before = simulator.requests.length;
		await sync.run();
		assert.equal(simulator.requests.length, before);
	}, 120_000);
	const host = await startTablesNode(server, { database: 'postgres', maxBytes: MAX_BYTES });
	const tables = new SyncTables(host);
	const oldTransaction = 'SELECT pg_sleep(900)';
	const transaction = postgres
		.query(
			`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workflow_entity; ${oldTransaction}`,
			'n8n',
		)
		.catch(() => undefined);
	const freeSpace = await tables.fill(MAX_BYTES);
	await changeSerials('e', 20);
	const before = simulator.requests.length;
	const full = await sync.run();
	assert.deepEqual([full.isRed, simulator.requests.length - before], [true, 0]);
	assert.match(full.messages.join(), /Data Tables 空间/);
	await freeSpace();
	const healed = await sync.run();
	assert.deepEqual([healed.isRed, simulator.requests.length - before], [false, 20]);
	assert.deepEqual((await sync.run()).isRed, false);
	assert.equal(simulator.requests.length - before, 20);
	const notPushedSince = phoneNumbers.at(-1)!;
	assert.match(await forms.askSupport([notPushedSince, '', '', 'Show']), /此前接受了什么不得而知/);
	const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%${oldTransaction}%' AND pid <> pg_backend_pid()`;
	await postgres.query(end, 'n8n');
	await transaction;
});
