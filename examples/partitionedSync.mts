/** `npm run --silent partitions 32 > partitions-32.json`: writes the example for partitions with that number of Sync nodes. */
import { pathToFileURL } from 'node:url';
import { inChinese } from './partitionedNotes.mts';
import { codeOfSummary, notes, QUERY, SQL, statementOf } from './partitionedTexts.mts';

/** As many Sync nodes has the example as it is shipped. */
export const SHIPPED = 8;

const MOST = 200;
const ROW = 160;
/** Where the first partition's nodes stand. */
const TOP = 420;

type Parameters = Record<string, unknown>;
type Node = Record<string, unknown> & { name: string };
type Place = readonly [x: number, y: number];

/** A workflow as n8n imports it. */
interface Workflow {
	name: string;
	nodes: Node[];
	connections: Record<string, { main: Array<Array<{ node: string; type: 'main'; index: 0 }>> }>;
	settings: Record<string, string>;
	pinData: Record<string, never>;
}

/** @param syncNodes how many partitions the workflow can have */
export function partitionedSync(syncNodes: number): Workflow {
	const parts = Array.from({ length: syncNodes }, (_, index) => index + 1);
	const middle = TOP + Math.floor(((syncNodes - 1) / 2) * ROW);
	return {
		name: 'Tencent Cloud IoT: CRM sync in partitions',
		nodes: [
			...notes(syncNodes)
				.flatMap((note) => [note, inChinese(note, syncNodes)])
				.map(({ name, place: [x, y], size: [width, height], content }) =>
					node(name, 'n8n-nodes-base.stickyNote', 1, [x, y], { content, width, height, color: 7 }),
				),
			...commonNodes(),
			...roundNodes(),
			...beginNodes(syncNodes, middle),
			...parts.flatMap((part) => [readNode(part), syncNode(part)]),
			...endNodes(middle),
		],
		connections: connections(parts),
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
		pinData: {},
	};
}

function node(
	name: string,
	type: string,
	typeVersion: number,
	position: Place,
	parameters: Parameters,
	more = {},
): Node {
	const id = name.toLowerCase().replace('(中文)', 'zh').replaceAll(' ', '-');
	return { id, name, type, typeVersion, position, parameters, ...more };
}

const settings = (field: string) => `$('Settings').first().json.${field}`;
const credential = (type: string, name: string) => ({ credentials: { [type]: { id: null, name } } });
const CRM = credential('postgres', 'CRM database');
const KEY = credential('httpHeaderAuth', 'Webhook key');
const BY_KEY = { authentication: 'genericCredentialType', genericAuthType: 'httpHeaderAuth' };
const RETRIES = { retryOnFail: true, maxTries: 3, waitBetweenTries: 5000 };

function postgres(name: string, place: Place, query: string, values: string, more = {}): Node {
	const parameters = {
		operation: 'executeQuery',
		query,
		options: { queryReplacement: `={{ [${values}] }}` },
	};
	return node(name, 'n8n-nodes-base.postgres', 2.5, place, parameters, { ...CRM, ...more });
}

function ifNode(name: string, place: Place, condition: string): Node {
	const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
	const operator = { type: 'boolean', operation: 'true', singleValue: true };
	const conditions = [
		{ id: name.toLowerCase().replaceAll(' ', '-'), leftValue: condition, rightValue: '', operator },
	];
	return node(name, 'n8n-nodes-base.if', 2.2, place, {
		conditions: { options, conditions, combinator: 'and' },
		options: {},
	});
}

function stopNode(name: string, place: Place, parameters: Parameters): Node {
	return node(name, 'n8n-nodes-base.stopAndError', 1, place, parameters);
}

/** The two triggers, and what both read. */
function commonNodes(): Node[] {
	const rule = { interval: [{ field: 'hours' }] };
	const webhook = {
		httpMethod: 'POST',
		path: 'sync-partition',
		authentication: 'headerAuth',
		responseMode: 'onReceived',
		options: {},
	};
	const values: Array<[name: string, type: string, value: number | string | boolean]> = [
		['partitions', 'number', 2],
		['approvedPartitions', 'number', 2],
		['requestsPerSecond', 'number', 20],
		['longestRunMinutes', 'number', 50],
		['groupRobot', 'string', 'PASTE THE ADDRESS OF YOUR GROUP ROBOT HERE'],
		['nameCustomers', 'boolean', true],
		['n8nUrl', 'string', 'http://localhost:5678'],
		['query', 'string', QUERY],
	];
	const assignments = values.map(([name, type, value]) => ({ id: name, name, type, value }));
	return [
		node('Every Hour', 'n8n-nodes-base.scheduleTrigger', 1.2, [0, 0], { rule }),
		node('Partition', 'n8n-nodes-base.webhook', 2, [0, 200], webhook, {
			webhookId: '6f4f5b0e-8a55-4e86-9a43-0d7b0a1f0003',
			...KEY,
		}),
		node('Settings', 'n8n-nodes-base.set', 3.4, [220, 100], {
			assignments: { assignments },
			includeOtherFields: true,
			options: {},
		}),
		ifNode('Is a Round', [440, 100], "={{ !$('Partition').isExecuted }}"),
	];
}

/** n8n replaces a whole message in which e.g. ECONNREFUSED stands by a sentence of its own, but no description. */
const STOPPED =
	"={{ JSON.stringify({ message: $('Sum Up').first().json.text.split('\\n', 2).join('\\n'), description: $('Sum Up').first().json.text }) }}";

/** What the schedule does: it starts all partitions, and says what became of them before. */
function roundNodes(): Node[] {
	const values = ['partitions', 'approvedPartitions', 'longestRunMinutes']
		.map((name) => `$json.${name}`)
		.join(', ');
	const start = {
		method: 'POST',
		url: `={{ ${settings('n8nUrl')} }}/webhook/sync-partition`,
		...BY_KEY,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: '={ "part": {{ $json.part }} }',
		options: { timeout: 60_000 },
	};
	const message = {
		method: 'POST',
		url: `={{ ${settings('groupRobot')} }}`,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: '={ "msgtype": "text", "text": { "content": {{ JSON.stringify($json.text) }} } }',
		options: {},
	};
	const heartbeat = { url: 'PASTE THE ADDRESS OF YOUR HEARTBEAT MONITOR HERE', options: {} };
	const http = (name: string, place: Place, parameters: Parameters, more: Parameters) =>
		node(name, 'n8n-nodes-base.httpRequest', 4.2, place, parameters, more);
	return [
		postgres('Begin Round', [660, 0], statementOf(SQL.beginRound), values),
		ifNode('Can Start', [880, 0], '={{ $json.part > 0 }}'),
		http('Start Partition', [1100, -80], start, { onError: 'continueRegularOutput', ...KEY }),
		node('Sum Up', 'n8n-nodes-base.code', 2, [1320, 0], { jsCode: codeOfSummary }),
		ifNode('Something New', [1540, 0], '={{ $json.hasNews }}'),
		http('Send Message', [1760, -80], message, RETRIES),
		ifNode('Is It Failing', [1980, 0], "={{ $('Sum Up').first().json.isFailing }}"),
		stopNode('Stop Red', [2200, -80], { errorType: 'errorObject', errorObject: STOPPED }),
		http('Heartbeat', [2200, 100], heartbeat, { disabled: true, ...RETRIES }),
	];
}

/** What each partition's execution begins with. */
function beginNodes(syncNodes: number, middle: number): Node[] {
	const output = `={{ ($json.part <= ${syncNodes} ? $json.part : ${syncNodes + 1}) - 1 }}`;
	const none =
		"={{ $json.part ? 'There is no Sync node for partition ' + $json.part + '.' : 'This partition is none of the approved number of partitions.' }} Nothing was sent.";
	return [
		postgres(
			'Begin Partition',
			[660, middle],
			statementOf(SQL.beginPartition),
			'$json.body.part, $json.partitions',
		),
		node('Which Partition', 'n8n-nodes-base.switch', 3.2, [880, middle], {
			mode: 'expression',
			numberOutputs: syncNodes + 1,
			output,
		}),
		stopNode('No Such Partition', [1100, TOP + syncNodes * ROW], { errorMessage: none }),
	];
}

function readNode(part: number): Node {
	const values = '$json.partitions, $json.part - 1';
	const query = `{{ ${settings('query')} }}`;
	return postgres(`Read ${part}`, [1100, TOP + (part - 1) * ROW], query, values, { alwaysOutputData: true });
}

function syncNode(part: number): Node {
	const first = (yes: string, no: string) =>
		`={{ $('Begin Partition').first().json.every_customer ? ${yes} : ${no} }}`;
	const parameters = {
		resource: 'deviceBinding',
		operation: 'sync',
		columns: {
			mappingMode: 'defineBelow',
			value: {
				CustomerId: '={{ $json.customer_id }}',
				CustomerDeviceNo: '={{ $json.serial_no }}',
				DeviceId: '={{ $json.device_id }}',
				ProductName: '={{ $json.product }}',
			},
		},
		rowHandling: { rowsWithoutDevice: 'leaveOut' },
		safetyChecks: { stopAbove: first('100', '50'), stopWhenDevicesDrop: first('100', '3') },
		options: {
			longestRun: `={{ ${settings('longestRunMinutes')} }}`,
			outputItemPer: 'run',
			requestsPerSecond: `={{ ${settings('requestsPerSecond')} / ${settings('partitions')} }}`,
			send: first("'every'", "'changed'"),
		},
	};
	const place: Place = [1320, TOP + (part - 1) * ROW];
	return node(`Sync ${part}`, 'n8n-nodes-tencent-iot.tencentCloudIot', 1, place, parameters, {
		...credential('tencentCloudIotApi', 'Tencent Cloud IoT account'),
		onError: 'continueErrorOutput',
	});
}

function endNodes(middle: number): Node[] {
	const failures =
		"$json.Failures.slice(0, 1).map((failure) => failure.planId ? '确实如此：把 Approved Plan 设为 ' + failure.planId + '，然后发布。\\nIt is meant: set Approved Plan to ' + failure.planId + ', and publish.' : failure.rows.length === 0 ? '' : (failure.CustomerId ?? failure.code) + ': ' + failure.message.replace(/^(?=.{151})(.{1,150}) .*/s, '$1 …')).join('')";
	const values = `JSON.stringify($json), $('Begin Partition').first().json.part, ${settings('partitions')}, ${failures}`;
	return [
		postgres('Store Report', [1640, middle - ROW / 2], statementOf(SQL.storeReport), values),
		node('Failed Customers', 'n8n-nodes-base.noOp', 1, [1640, middle + ROW / 2], {}),
	];
}

function connections(parts: readonly number[]): Workflow['connections'] {
	const to = (...outputs: string[]) => ({
		main: outputs.map((next) =>
			next === '' ? [] : [{ node: next, type: 'main' as const, index: 0 as const }],
		),
	});
	return {
		'Every Hour': to('Settings'),
		Partition: to('Settings'),
		Settings: to('Is a Round'),
		'Is a Round': to('Begin Round', 'Begin Partition'),
		'Begin Round': to('Can Start'),
		'Can Start': to('Start Partition', 'Sum Up'),
		'Start Partition': to('Sum Up'),
		'Sum Up': to('Something New'),
		'Something New': to('Send Message', 'Is It Failing'),
		'Send Message': to('Is It Failing'),
		'Is It Failing': to('Stop Red', 'Heartbeat'),
		'Begin Partition': to('Which Partition'),
		'Which Partition': to(...parts.map((part) => `Read ${part}`), 'No Such Partition'),
		...Object.fromEntries(parts.map((part) => [`Read ${part}`, to(`Sync ${part}`)])),
		...Object.fromEntries(parts.map((part) => [`Sync ${part}`, to('Store Report', 'Failed Customers')])),
	};
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const syncNodes = Number(process.argv[2] ?? SHIPPED);
	if (!Number.isInteger(syncNodes) || syncNodes < 1 || syncNodes > MOST) {
		process.stderr.write(`The number of Sync nodes is from 1 to ${MOST}, not '${process.argv[2]}'.\n`);
		process.exit(1);
	}
	process.stdout.write(`${JSON.stringify(partitionedSync(syncNodes), null, '\t')}\n`);
}
