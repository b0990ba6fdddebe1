import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ICredentialType, IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import {
	createProcessedData,
	rowsNode,
	runWorkflow,
	type NodeTypeMap,
} from '../../../embedded/embeddedEngine.mts';
import { startSimulator, type Fault, type Simulator } from '../../../simulator/simulator.mts';
import { Dice } from '../../invariants/dice.mts';
import { NodeProcess } from '../../timelines/nodeProcess.mts';
import { TimelineClock } from '../../timelines/timelineClock.mts';
import type { WorkflowJson } from '../n8n/workflow.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { freePorts } from '../setup/freePort.mts';
import { n8nFolder } from '../setup/folders.mts';
import { fillCrmDatabase } from './crmDatabase.mts';
import { enterSettings, readExample } from './exampleWorkflow.mts';

// The example crm-to-iot-sync with n8n's own nodes on its engine, a PostgreSQL and a robot: what a run meets between any
// two of its nodes. In n8n itself examplesSync runs it.

/** More of them, or others, by hand. */
const TIMELINES = Number(process.env.TIMELINES ?? 15);
const FIRST = Number(process.env.FIRST ?? 1);

const require = createRequire(join(n8nFolder('n8n-2'), 'node_modules/n8n-nodes-base/package.json'));
const load = <T,>(path: string, name: string): T =>
	new (require(`./dist/${path}`) as Record<string, new () => T>)[name]!();

const nodesOfN8n: NodeTypeMap = Object.fromEntries(
	[
		'Set/Set',
		'ExecuteWorkflow/ExecuteWorkflow/ExecuteWorkflow',
		'ExecuteWorkflow/ExecuteWorkflowTrigger/ExecuteWorkflowTrigger',
		'If/If',
		'Switch/Switch',
		'HttpRequest/HttpRequest',
		'Postgres/Postgres',
		'Wait/Wait',
		'RespondToWebhook/RespondToWebhook',
		'StopAndError/StopAndError',
	].map((path) => {
		const name = path.split('/').at(-1)!;
		const stored = `n8n-nodes-base.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
		return [stored, load<INodeType>(`nodes/${path}.node.js`, name)];
	}),
);

let postgres: Postgres;
let robot: GroupRobot;
let simulator: Simulator;
let nobodysPort: number;
let example: WorkflowJson;
const clock = new TimelineClock();
let fault: (() => Fault | undefined) | undefined;
before(async () => {
	postgres = await startPostgres();
	await fillCrmDatabase(postgres);
	robot = await startGroupRobot();
	simulator = await startSimulator({ clock: clock.ofService, faults: () => fault?.() });
	[nobodysPort] = (await freePorts(1)) as [number];
	example = await readExample('crm-to-iot-sync');
});
after(async () => {
	await postgres?.stop();
	await robot?.stop();
	await simulator?.close();
});

/** What a run meets. */
interface Weather {
	robot?: 'away' | 'fails' | 'refuses' | 'silent' | 'never filled in';
	/** `log`: it takes no row of a run. */
	database?: 'away' | 'log';
	/** What the robot answers. */
	answer?: { status: number; body: string };
	service?: 'out' | 'loses responses' | 'refuses one';
	/** The node behind which n8n is killed. */
	killedBehind?: string;
	settings?: IDataObject;
}

const REFUSAL = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };

/** The workflow of one installation, whose reports are numbered: two may say the same. */
class Installed {
	readonly #table = createProcessedData();
	readonly #node: INodeType;
	readonly #credentialType: ICredentialType;
	/** The reports with news that got as far as the log. */
	readonly news: number[] = [];
	/** Whether some run changed the state and did not get as far as a log that had others. */
	isLost = false;
	#report = 0;
	#isChanged = false;

	constructor() {
		const { nodeType, credentialType } = new NodeProcess('pool', clock);
		const number = (items: INodeExecutionData[]) => this.#number(items);
		const { execute } = nodeType;
		this.#node = Object.create(nodeType, {
			execute: {
				async value(this: never) {
					const outputs = (await execute!.call(this)) as INodeExecutionData[][];
					number(outputs[0]!);
					return outputs;
				},
			},
		}) as INodeType;
		this.#credentialType = credentialType;
	}

	#number([item]: INodeExecutionData[]): void {
		const report = item!.json;
		const mark = `#${++this.#report}# `;
		this.#isChanged = report.StateId !== report.FoundStateId;
		if (report.News === true) this.news.push(this.#report);
		for (const text of ['Text', 'SummaryZh']) report[text] = mark + String(report[text]);
	}

	async run({ robot: of, answer, database, service, killedBehind, settings = {} }: Weather = {}) {
		robot.answer =
			of === 'silent'
				? 'silence'
				: of === 'refuses'
					? REFUSAL
					: of === 'fails'
						? { status: 500, body: 'no' }
						: answer;
		const lost: Fault = { kind: service === 'out' ? 'reset' : 'applyThenReset' };
		fault = service === 'out' || service === 'loses responses' ? () => lost : undefined;
		const refused = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
		simulator.setOptions({ refuseCustomers: service === 'refuses one' ? { user_1024: refused } : {} });
		const [[hasLog] = []] = await postgres.query("SELECT to_regclass('sync_runs') IS NOT NULL");
		this.#isChanged = false;
		await postgres.query(
			`DO $$ BEGIN IF to_regclass('sync_runs') IS NOT NULL THEN ALTER TABLE sync_runs DROP CONSTRAINT IF EXISTS broken;
				${database === 'log' ? 'ALTER TABLE sync_runs ADD CONSTRAINT broken CHECK (false) NOT VALID;' : ''} END IF; END $$`,
		);
		const address =
			of === 'away'
				? `http://127.0.0.1:${nobodysPort}/send?key=demo`
				: of === 'never filled in'
					? undefined
					: robot.url;
		const entered: IDataObject = { ...(address && { address }), ...settings };
		const nodes = structuredClone(example.nodes).filter(({ type }) => !type.endsWith('.stickyNote'));
		enterSettings({ ...example, nodes }, entered);
		const controller = new AbortController();
		const { host, port, user, password, database: name } = postgres.login;
		const login = { host, user, password, database: name, port: database === 'away' ? nobodysPort : port };
		const { endpoint, appKey, appSecret } = simulator;
		const before = { news: this.news.length, messages: robot.messages.length };
		const { status, run } = await runWorkflow({
			nodes,
			connections: example.connections,
			nodeTypes: {
				...nodesOfN8n,
				'n8n-nodes-base.scheduleTrigger': rowsNode([{ json: {} }]),
				'n8n-nodes-tencent-iot.tencentCloudIot': this.#node,
			},
			startNode: 'Every 15 Minutes',
			mode: 'trigger',
			processedData: this.#table,
			signal: controller.signal,
			onNodeProgress: ({ node, state }) => {
				if (state === 'finished' && node === killedBehind) controller.abort();
			},
			credentials: [
				{ type: this.#credentialType, data: { platform: 'custom', endpoint, appKey, appSecret } },
				{
					type: load<ICredentialType>('credentials/Postgres.credentials.js', 'Postgres'),
					data: { ...login, ssl: 'disable' },
				},
			],
		});
		clock.startMs += 15 * 60_000;
		const { runData, error } = run.data.resultData;
		const isUnlogged = killedBehind === 'Sync Device Bindings' || database === 'log';
		this.isLost ||= isUnlogged && hasLog === 't' && this.#isChanged;
		// What no log has seen, nobody can tell later: the next run says that there was something, and tells the health.
		if (killedBehind === 'Sync Device Bindings') this.news.splice(before.news);
		return {
			status,
			failure: error?.message ?? '',
			report: runData['Sync']?.at(-1)?.data?.main?.[0]?.[0]?.json,
			messages: robot.messages.slice(before.messages),
		};
	}

	/** How often the group was told of each report with news. */
	told(messages: readonly string[]): number[] {
		const all = messages.join('\n');
		return this.news.map((number) => all.split(`#${number}# `).length - 1);
	}
}

/** Everything as on the first day. */
async function anew(): Promise<Installed> {
	await postgres.query(
		'DROP TABLE IF EXISTS sync_runs, sync_log CASCADE; DROP TABLE crm_devices, crm_customers CASCADE',
	);
	await fillCrmDatabase(postgres);
	simulator.reset();
	return new Installed();
}

const ALL_WELL: Weather = {};
/** What the log has: runs, records, and messages that are still to be told. */
const logged = async () =>
	(
		await postgres.query(
			'SELECT (SELECT count(*) FROM sync_runs), (SELECT count(*) FROM sync_log), (SELECT count(*) FROM sync_runs WHERE news AND told_at IS NULL AND unclear < 2)',
		)
	)[0];

test('The first run says that all is set up; a quiet one says nothing and writes one row.', async () => {
	const installed = await anew();
	const first = await installed.run();
	assert.equal(first.status, 'success', first.failure);
	assert.match(first.messages.join(), /^#1# .*No heartbeat is set.*n8n: http:\S+\/workflow\/workflow$/s);
	assert.deepEqual([(await installed.run()).messages, await logged()], [[], ['2', '4', '0']]);
});

for (const [name, weather, red, untold] of [
	['refuses it', { robot: 'refuses' }, /not taken \(200 .*93000.*#1# /s, '1'],
	['is away', { robot: 'away' }, /not taken \(.*#1# /s, '1'],
	['fails', { robot: 'fails' }, /not taken \(500.*#1# /s, '1'],
	['has no address', { robot: 'never filled in' }, /not taken.*#1# /s, '1'],
] as const) {
	test(`Where the robot ${name}, the run ends red with the message, and the next run sends it.`, async () => {
		const installed = await anew();
		const { status, failure } = await installed.run(weather);
		assert.equal(status, 'error');
		assert.match(failure, red);
		assert.equal((await logged())![2], untold);
		assert.doesNotMatch((await postgres.query('SELECT answer FROM sync_runs')).join(), /demo/);
		await installed.run(weather);
		assert.deepEqual(installed.told((await installed.run()).messages), [1]);
	});
}

test('A robot that never answers counts as told the second time.', async () => {
	const installed = await anew();
	const sent = async (weather: Weather) => {
		const before = robot.bodies.length;
		await installed.run(weather);
		return robot.bodies.length - before;
	};
	assert.deepEqual(
		[await sent({ robot: 'silent' }), await sent({ robot: 'silent' }), await sent({})],
		[1, 1, 0],
	);
});

const taken = (body: string, status = 200) => ({ status, body });
for (const [messenger, yes, no, content] of [
	['wecom', taken('{"errcode":0}'), taken('{"errcode":93000}'), { msgtype: 'text' }],
	['dingtalk', taken('{"errcode":0,"errmsg":"ok"}'), taken('{"errcode":310000}'), { msgtype: 'text' }],
	['feishu', taken('{"StatusCode":0,"code":0}'), taken('{"code":19024}'), { msg_type: 'text' }],
	['slack', taken('ok'), taken('no_service', 404), {}],
	['text', taken('anything'), taken('no', 403), undefined],
] as const) {
	test(`A message to ${messenger} is taken when its answer says so.`, async () => {
		const installed = await anew();
		const send = async (answer: typeof yes | typeof no) => {
			const before = robot.bodies.length;
			const { status } = await installed.run({ answer, settings: { messenger } });
			return [status, robot.bodies.slice(before)] as const;
		};
		const [refused, [body]] = await send(no);
		assert.equal(refused, 'error');
		if (content !== undefined) assert.partialDeepStrictEqual(JSON.parse(body!), content);
		assert.match(body!, /#1# /);
		assert.equal((await send(yes))[0], 'success');
		assert.deepEqual((await send(yes))[1], []);
	});
}

test('Where the database is away the run says so, ends red, and the next one goes on.', async () => {
	const installed = await anew();
	await installed.run();
	const { status, failure, messages } = await installed.run({ database: 'away' });
	assert.equal(status, 'error');
	assert.match(messages.join(), /NO_ROWS/);
	assert.match(failure, /log was not written.*NO_ROWS/s);
	assert.deepEqual(installed.told((await installed.run()).messages), [0, 0, 1]);
});

test('A log that takes nothing loses no receipt unsaid: the red execution has them, and the message counts them.', async () => {
	const installed = await anew();
	await installed.run();
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/new' WHERE serial_no = 'SN-3'");
	const { status, messages, report } = await installed.run({ database: 'log' });
	assert.equal(status, 'error');
	assert.match(messages.join(), /\n2 .* receipts are not in the log\n/);
	const [record] = JSON.parse(String(report!.Records)) as IDataObject[];
	assert.partialDeepStrictEqual(record, { CustomerId: 'user_2048', Outcome: 'OK' });
});

const LOST = /A run after \S+ \S+ is not in the log/;

test('What a run pushed that was killed before its log is news for the next run; where it pushed nothing, or the log is new, there is none.', async () => {
	const installed = await anew();
	await installed.run();
	const next = async () => (await installed.run()).messages.join();
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/new' WHERE serial_no = 'SN-3'");
	await installed.run({ killedBehind: 'Sync Device Bindings' });
	assert.match(await next(), LOST);
	await installed.run({ killedBehind: 'Sync Device Bindings' });
	assert.equal(await next(), '');
	await postgres.query('DROP TABLE sync_runs, sync_log CASCADE');
	assert.doesNotMatch(await next(), LOST);
});

const ASKED = ['user_1024', 'user_2048', 'user_4096', 'user_5120', 'user_9999'];

/**
 * Asks the support form for each customer: it names no request but one of that customer, as accepted none but what was carried
 * out, and where each run came to write its log, the last one that was.
 */
async function askSupport(isWhole: boolean): Promise<number> {
	const form = await readExample('customer-support-form');
	const query = String(form.nodes.find(({ name }) => name === 'Read Log')!.parameters.query);
	for (const customer of ASKED) {
		const lines = await postgres.query(query.replace('$1', `'${customer}'`).replaceAll('$2', "''"));
		const answer = lines.join('\n');
		const own = simulator.requests.filter(({ CustomerId }) => CustomerId === customer);
		for (const [line, id] of answer.matchAll(/.* RequestId (\S+)/g)) {
			const request = own.find(({ RequestId }) => RequestId === id);
			assert.ok(request && (request.applied || !/ OK /.test(line)), line);
		}
		const last = own.findLast(({ applied }) => applied);
		if (last === undefined) assert.doesNotMatch(answer, / OK /);
		else if (isWhole) assert.match(answer, new RegExp(`(OK|UNKNOWN) .*RequestId ${last.RequestId}`));
	}
	return ASKED.length;
}

/** What a random timeline changes in the CRM before a run. */
const changes = (dice: Dice): string[] => {
	const customer = dice.pick(ASKED);
	const serial = dice.pick(['SN-1', 'SN-2', 'SN-3', 'SN-4', 'SN-5', 'SN-6']);
	return [
		'SELECT 1',
		`UPDATE crm_devices SET customer_id = '${customer}' WHERE serial_no = '${serial}'`,
		`UPDATE crm_devices SET device_id = 'LOCK01/${dice.integer(0, 99)}' WHERE serial_no = '${serial}'`,
		`UPDATE crm_devices SET device_id = 'no slash' WHERE serial_no = '${serial}'`,
		`UPDATE crm_customers SET active = NOT active WHERE customer_id = '${customer}'`,
		`DELETE FROM crm_devices WHERE serial_no = '${serial}'`,
	];
};
const KILLED_BEHIND = [
	'Settings',
	'When Called',
	'Read All Customers',
	'Sync Device Bindings',
	'Write Log',
	'Report',
	'Sync',
	'Something New',
	'Send Message',
	'Note Told',
];

test(`Each piece of news is reported within one run after all is well, and once: ${TIMELINES} timelines.`, async (context) => {
	const met = { runs: 0, news: 0, red: 0, twice: 0, lost: 0, answers: 0 };
	for (let seed = FIRST; seed < FIRST + TIMELINES; seed++) {
		const dice = new Dice(seed);
		const installed = await anew();
		const messages: string[] = [];
		let [isWhole, unnoted] = [true, 0];
		const play = async (weather: Weather) => {
			const { messages: told, status, report, failure } = await installed.run(weather);
			messages.push(...told);
			met.runs++;
			met.red += Number(status === 'error');
			// The second row never ends red: what the first one has is a report.
			if (weather.killedBehind === undefined) assert.ok(report?.Health, `${seed}: ${failure}`);
		};
		for (let event = 0; event < 6; event++) {
			await postgres.query(dice.pick(changes(dice)));
			const robotMeets = dice.happens(0.5)
				? dice.pick(['away', 'fails', 'refuses', 'silent', 'never filled in'] as const)
				: undefined;
			const service = dice.happens(0.3)
				? dice.pick(['out', 'loses responses', 'refuses one'] as const)
				: undefined;
			// Who is not reached, and has nowhere to note it, tells it a day later.
			const database =
				robotMeets === undefined && dice.happens(0.2) ? dice.pick(['away', 'log'] as const) : undefined;
			const killedBehind = database === undefined && dice.happens(0.3) ? dice.pick(KILLED_BEHIND) : undefined;
			unnoted += Number(killedBehind === 'Send Message');
			isWhole &&= database === undefined && killedBehind !== 'Sync Device Bindings';
			await play({
				...(robotMeets && { robot: robotMeets }),
				...(service && { service }),
				...(database && { database }),
				...(killedBehind && { killedBehind }),
			});
		}
		// The first one may find the state of a run that was killed.
		await play(ALL_WELL);
		await play(ALL_WELL);
		met.news += installed.news.length;
		assert.equal((await logged())![2], '0', `seed ${seed}`);
		const [[lostRuns] = []] = await postgres.query("SELECT count(*) FROM sync_runs WHERE health = 'lost'");
		assert.equal(lostRuns !== '0', installed.isLost, `seed ${seed}: ${lostRuns} lost`);
		met.lost += Number(lostRuns);
		const lost = await postgres.query(
			"SELECT regexp_replace(text, '^#(\\d+)#.*', '\\1') FROM sync_runs WHERE unclear >= 2",
		);
		installed.told(messages).forEach((times, index) => {
			const number = installed.news[index]!;
			const isUnclear = lost.some(([one]) => one === String(number));
			if (!isUnclear && !messages.some((message) => /earlier ones/.test(message)))
				assert.ok(times >= 1, `seed ${seed}: #${number} was not told`);
			met.twice += Number(times > 1);
			// Once more for each time that nobody could note it.
			assert.ok(times <= 1 + unnoted, `seed ${seed}: #${number} was told ${times} times`);
		});
		met.answers += await askSupport(isWhole);
	}
	context.diagnostic(JSON.stringify(met));
});
