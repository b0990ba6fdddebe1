import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { readExample, runExample, type ExampleWorkflow } from './exampleNodes.mts';
import { nodeThat } from './throwAwayNode.mts';

const NAME = 'Tencent Cloud IoT: scheduled CRM sync';

type Answer = { 'Your name'?: string; Decision?: 'Approve' | 'Reject' };

/** What stands around the example in one run. */
interface Around {
	rows: IDataObject[];
	/** What the statement that writes the ledger gives, and what is in the ledger. */
	left?: IDataObject[];
	ledger?: IDataObject[];
	/** What somebody answers to a form; undefined where a day passes. */
	answer?: (around: Around) => Answer | undefined | Promise<Answer | undefined>;
}

/** The scheduled example, with what its runs leave. Resolves for each run to its messages. */
async function scheduled(example = readExample('crm-to-iot-sync')) {
	const simulator = await runSimulator();
	const processedData = createProcessedData();
	const run = async (around: Around) => {
		const told = {
			messages: [] as string[],
			forms: [] as string[],
			pages: [] as string[],
			red: [] as string[],
			entries: [] as IDataObject[],
		};
		await runExample(
			{ ...example, name: NAME } as ExampleWorkflow,
			simulator,
			{
				'n8n-nodes-base.postgres': nodeThat(
					async function () {
						const { name } = this.getNode();
						if (name === 'Write Ledger') {
							const [entries] = this.getNodeParameter('options.queryReplacement', 0) as string[];
							told.entries.push(...(JSON.parse(entries!) as IDataObject[]));
						}
						const items = { 'Write Ledger': around.left ?? [{}], 'Read Ledger': around.ledger ?? [{}] };
						return [(items[name as keyof typeof items] ?? around.rows).map((json) => ({ json }))];
					},
					['options'],
				),
				'n8n-nodes-base.httpRequest': nodeThat(
					async function () {
						const body = this.getNodeParameter('jsonBody', 0) as string | { text: IDataObject };
						const { text } = typeof body === 'string' ? (JSON.parse(body) as { text: IDataObject }) : body;
						told.messages.push(String(text.content));
						return [this.getInputData()];
					},
					['jsonBody'],
				),
				'n8n-nodes-base.wait': nodeThat(
					async function () {
						told.forms.push(String(this.getNodeParameter('formDescription', 0)));
						const answer = await around.answer?.(around);
						return [answer === undefined ? this.getInputData() : [{ json: { ...answer } }]];
					},
					['formDescription'],
				),
				'n8n-nodes-base.respondToWebhook': nodeThat(
					async function () {
						const page = this.getNodeParameter('responseBody', 0) as { formSubmittedText: string };
						told.pages.push(page.formSubmittedText);
						return [this.getInputData()];
					},
					['responseBody'],
				),
				'n8n-nodes-base.stopAndError': nodeThat(
					async function () {
						const { message } = JSON.parse(String(this.getNodeParameter('errorObject', 0))) as IDataObject;
						told.red.push(String(message));
						return [[]];
					},
					['errorObject'],
				),
			},
			{ processedData, mode: 'trigger' },
		);
		return told;
	};
	return { run, simulator };
}

const row = (customer: unknown, device: string | null = 'd', product = '智能门锁'): IDataObject => ({
	customer_id: customer as string,
	serial_no: device === null ? null : `SN-${device}`,
	device_id: device === null ? null : `LOCK01/${device}`,
	product: device === null ? null : product,
});
const many = (product?: string, ids = Array.from({ length: 30 }, (_, index) => `c${index}`)) =>
	ids.map((id) => row(id, id, product));
const ledgerOf = (rows: IDataObject[]): IDataObject[] =>
	rows.map(({ customer_id, serial_no, device_id, product }) => ({
		customer: customer_id,
		pushed: [[device_id, serial_no, product].join(' · ')],
	}));
const by = (name: string, Decision: 'Approve' | 'Reject') => ({ 'Your name': name, Decision });

/** The example with its settings as a user sets them. */
function exampleWith(settings: IDataObject): ExampleWorkflow {
	const example = readExample('crm-to-iot-sync');
	const { parameters } = example.nodes.find(({ name }) => name === 'Settings')!;
	for (const one of (parameters.assignments as unknown as { assignments: IDataObject[] }).assignments)
		if (String(one.name) in settings) one.value = settings[String(one.name)];
	return example;
}

test('A database that is down is reported once, with what it says and where to look, and is red until it is up again.', async () => {
	const { run, simulator } = await scheduled();
	// What n8n's Postgres node gives out where the database does not respond.
	const rows = [{ message: 'connect ECONNREFUSED', error: { code: 'ECONNREFUSED' } }];
	expect(await run({ rows: [row('a')] })).toMatchObject({
		messages: [expect.stringContaining('这是该节点的首次运行')],
		red: [],
		entries: [{ status: 'OK' }],
	});
	const down = await run({ rows });
	// The summaries have the advice.
	const summaries =
		/^Sync 失败（NO_ROWS）：数据源出错.*：connect ECONNREFUSED。\nSync is failing \(NO_ROWS\): The source failed.*: connect ECONNREFUSED\.$/;
	expect(down).toMatchObject({ red: [expect.stringMatching(summaries)], entries: [] });
	const [zh, en, where, ...others] = down.messages[0]!.split('\n');
	expect(`${zh}\n${en}`).toMatch(summaries);
	expect(others).toEqual([]);
	expect(where).toMatch(/^工作流 \/ Workflow: .*\/workflow\/workflow\/executions\/\S+$/);
	expect(await run({ rows })).toMatchObject({ messages: [], red: [expect.stringContaining('NO_ROWS')] });
	const up = await run({ rows: [row('a')] });
	// n8n keeps no execution that is well.
	expect(up.messages).toEqual([expect.stringMatching(/Sync is ok.*\/workflow\/workflow$/s)]);
	expect(simulator.requests).toHaveLength(1);
});

test('A source that is suddenly empty, and a Dry Run that was left on, are reported, red, and not in the ledger.', async () => {
	const example = readExample('crm-to-iot-sync');
	const { run } = await scheduled(example);
	await run({ rows: many() });
	const empty = await run({ rows: [{}] });
	expect(empty).toMatchObject({ messages: [expect.stringContaining('NO_ROWS')], red: [expect.anything()] });
	await run({ rows: many() });
	const { parameters } = example.nodes.find(({ name }) => name === 'Sync Device Bindings')!;
	Object.assign(parameters.options as object, { dryRun: true });
	const dry = await run({ rows: many() });
	expect(dry.messages).toEqual([expect.stringMatching(/DRY_RUN.*Switch off 'Dry Run' in the node/s)]);
	expect([empty, dry].flatMap(({ entries }) => entries)).toEqual([]);
	expect(dry.red).toHaveLength(1);
});

test('A plan that is approved is sent in the same execution, and reported with who approved it; one that is rejected, or not answered, is not sent.', async () => {
	const { run, simulator } = await scheduled();
	const [before, after] = [many('Lock'), [...many('Smart').slice(2), row('new', 'n')]];
	const runWith = async (answer: Answer | undefined) => {
		const known = simulator.requests.length;
		const told = await run({ rows: after, ledger: ledgerOf(before), answer: () => answer });
		// The same stop is reported once: with the next run it is over.
		await run({ rows: before });
		return { ...told, sent: simulator.requests.length - known };
	};
	await run({ rows: before });

	const rejected = await runWith(by('王芳', 'Reject'));
	expect(rejected).toMatchObject({
		sent: 0,
		red: [expect.stringContaining('TOO_MANY_CHANGES')],
		entries: [],
	});
	const [asked, answered, ...others] = rejected.messages;
	expect(others).toEqual([]);
	expect(asked).toMatch(
		/^Sync 失败（TOO_MANY_CHANGES）.*\n确实如此.*approve plan \w{16} in the form: http\S+\n工作流/s,
	);
	expect(asked).not.toContain('Approved Plan');
	// The error workflow has no form.
	expect(rejected.red[0]).toMatch(
		/\n确实如此：.*Approved Plan 设为 \w{16}.*\nIt is meant: set 'Approved Plan' under 'Safety Checks' to \w{16}, and publish\.$/,
	);
	expect(answered).toMatch(/^王芳 未批准.*\n工作流/);
	expect(rejected.pages).toEqual([expect.stringMatching(/^王芳：未批准.*Rejected: nothing was sent/)]);
	const [form = ''] = rejected.forms;
	expect(form).toMatch(
		/^Sync 失败（TOO_MANY_CHANGES）.*\nSync is failing .*\n\n新增 1 个客户，变化 28 个，缺失 2 个；设备：之前 30 台，现在 29 台。\nCustomers: 1 new, 28 changed, 2 missing; devices: 30 before, 29 now\.\nc2: LOCK01\/c2 · SN-c2 · Lock → LOCK01\/c2 · SN-c2 · Smart\n/,
	);
	expect(form.match(/^c\d: /gm)).toHaveLength(5);
	expect(form).not.toContain('Approved Plan');

	const late = await runWith(undefined);
	expect(late).toMatchObject({ sent: 0, red: [expect.anything()] });
	expect(late.messages[1]).toMatch(/Nobody answered within a day: nothing was sent\n/);

	const approved = await runWith(by('李雷', 'Approve'));
	// The next run, with the rows as they were, is stopped.
	expect(approved).toMatchObject({ sent: 29, red: [] });
	expect(approved.pages).toEqual([expect.stringMatching(/^李雷：已批准/)]);
	expect(approved.messages[1]).toMatch(
		/^已由 李雷 批准 \/ Approved by 李雷\nSync 正常.*\nSync is ok: .*29 pushed now/,
	);
	expect(approved.entries).toHaveLength(29);
}, 60_000);

test('Rows that changed after the form was sent are another plan, which is asked for anew; without a ledger the form says what the rows have.', async () => {
	const { run, simulator } = await scheduled();
	await run({ rows: many('Lock') });
	const known = simulator.requests.length;
	let asked = 0;
	const told = await run({
		rows: many('Smart'),
		answer: (around) => {
			if (asked++ === 0) around.rows = many('Smarter');
			return by('李雷', asked === 1 ? 'Approve' : 'Reject');
		},
	});
	expect(told.forms).toHaveLength(2);
	expect(told.forms[0]).toContain('The rows have 30 customers, 30 devices. Without a ledger');
	expect(told.messages[1]).toMatch(/^已由 李雷 批准.*have changed since the approval, and nothing was sent/s);
	expect([simulator.requests.length - known, told.red.length]).toEqual([0, 2]);
}, 60_000);

test('A plan that is approved while another run is under way is asked for once more.', () => {
	const { jsCode } = readExample('crm-to-iot-sync').nodes.find(
		({ name }) => name === 'Write Message',
	)!.parameters;
	const report = {
		...{ Summary: 'Sync is failing', SummaryZh: 'Sync 失败', Health: 'failing', News: false },
		Failures: [{ code: 'ALREADY_RUNNING', rows: [], message: '', advice: '' }],
	};
	const outputs: Record<string, IDataObject> = {
		Settings: { nameCustomers: true, approvalForm: true },
		Plan: { planId: 'q3BzX0yAf9LmK2dV' },
		'Wait for Approval': by('李雷', 'Approve'),
	};
	const itemOf = (json: IDataObject) => ({ first: () => ({ json }), last: () => ({ json }), all: () => [] });
	const code = new Function('$', '$input', '$runIndex', '$execution', '$workflow', String(jsCode));
	const run = (runIndex: number) => {
		const $ = (name: string) => itemOf(outputs[name] ?? {});
		const execution = {
			id: '7',
			resumeUrl: 'https://n8n/webhook-waiting/7',
			resumeFormUrl: 'https://n8n/form',
		};
		const [item] = code($, itemOf(report), runIndex, execution, { id: 'w', name: 'Sync' }) as [IDataObject];
		return item.json as IDataObject;
	};
	expect(run(0)).toMatchObject({ isApproval: false, isNew: false, isFailing: false });
	expect(run(1)).toMatchObject({
		isApproval: true,
		isNew: true,
		isFailing: true,
		planId: 'q3BzX0yAf9LmK2dV',
	});
	expect(run(1).text).toMatch(/^已由 李雷 批准.*approve once more/s);
});

test.each([
	['Send Message', ['Something New', 'Send Message', 'Send Rejected']],
	['Write Ledger', ['One Entry per Customer', 'Write Ledger', 'What Left', 'Send What Left']],
	[
		'Wait for Approval',
		[
			'Needs Approval',
			'Read Ledger',
			'Describe Plan',
			'Wait for Approval',
			'Answer',
			'Is Approved',
			'Plan',
			'Send Rejected',
		],
	],
	['Stop Red', ['Is It Failing', 'Stop Red', 'Heartbeat']],
])(
	'Without the row of %s the others do what they did.',
	async (name, names) => {
		const { nodes, connections } = exampleWith({ approvalForm: name !== 'Wait for Approval' });
		const isLeft = ({ name: node }: { name: string }) => !names.includes(node);
		const { run } = await scheduled({
			nodes: nodes.filter(isLeft),
			connections: Object.fromEntries(
				Object.entries(connections)
					.filter(([node]) => !names.includes(node))
					.map(([node, { main = [] }]) => [
						node,
						{ main: main.map((output) => (output ?? []).filter(({ node: to }) => !names.includes(to))) },
					]),
			),
		});
		const first = await run({ rows: many() });
		const stopped = await run({ rows: many('Smart'), answer: () => by('李雷', 'Reject') });
		expect([first.entries.length, stopped.forms.length, stopped.red.length]).toEqual([
			name === 'Write Ledger' ? 0 : 30,
			name === 'Wait for Approval' ? 0 : 1,
			name === 'Stop Red' ? 0 : 1,
		]);
		if (name !== 'Send Message') expect(stopped.messages[0]).toMatch(/TOO_MANY_CHANGES/);
		if (name === 'Wait for Approval')
			expect(stopped.messages[0]).toMatch(/'Approved Plan' under 'Safety Checks' to \w{16}/);
	},
	60_000,
);

test('The ledger takes ids as texts, each customer as it ended, and nothing of a run that was stopped or left some for the next.', async () => {
	const { run, simulator } = await scheduled();
	simulator.setOptions({ refuseCustomers: { '3': { Code: 'InvalidParameterValue', Message: 'no' } } });
	const rows = [row(1, 'a'), row(' 2 ', 'b'), row('2', 'c'), row(3, 'e'), row('4', null), row('5', 'x/y')];
	const { entries } = await run({ rows });
	expect(entries.map(({ customer, devices, status }) => [customer, devices, status])).toEqual([
		['1', ['LOCK01/a'], 'OK'],
		['2', ['LOCK01/b', 'LOCK01/c'], 'OK'],
		['3', ['LOCK01/e'], 'REFUSED'],
		['4', [], 'NO_DEVICES'],
		['5', ['LOCK01/x/y'], 'NOT_SENT'],
	]);
	expect(entries[1]!.pushed).toEqual(['LOCK01/b · SN-b · 智能门锁', 'LOCK01/c · SN-c · 智能门锁']);
});

test('A message names who and what left, and who has it now.', async () => {
	const { run } = await scheduled();
	const left = [
		{ customer: 'a', devices: ['LOCK01/x', 'LOCK01/y'], gone: true },
		{ customer: 'b', devices: ['LOCK01/z'], gone: false },
	];
	const { messages } = await run({ rows: [row('b', 'x'), row('c', 'z')], left });
	expect(messages.at(-1)!.split('\n')).toEqual([
		'a 已不在数据中，腾讯侧仍保留：LOCK01/x（现属 b）、LOCK01/y',
		'a is no longer in the rows; Tencent keeps LOCK01/x (now b), LOCK01/y',
		'LOCK01/z 已离开 b（现属 c）：请在腾讯云控制台确认 b 名下已没有它',
		"LOCK01/z left b (now c): make sure in Tencent's console that b no longer has it",
		expect.stringMatching(/^工作流 \/ Workflow: /),
	]);
});

const PHONES = Array.from({ length: 40 }, (_, index) => `138001380${10 + index}`);

test.each<[string, Around, RegExp]>([
	[
		'failures',
		{ rows: PHONES.map((id, index) => row(id, index < 5 ? 'no/slash' : id)) },
		/degraded: 5 customers newly failed.* 40: /,
	],
	[
		'a stopped run',
		{ rows: many('门锁', PHONES) },
		/TOO_MANY_CHANGES.*is failing.*: 0 pushed, 0 unclear, \d+ not sent\..*approve plan \w{16} in the form/s,
	],
	[
		'what left',
		{
			rows: many(undefined, PHONES),
			left: PHONES.map((customer) => ({ customer, devices: [], gone: true })),
		},
		/^40 个客户已离开数据/,
	],
])(
	'Messages of %s name customers only while nameCustomers is on, and are short enough for WeCom.',
	async (_, around, counts) => {
		const told = await Promise.all(
			[true, false].map(async (nameCustomers) => {
				const { run } = await scheduled(exampleWith({ nameCustomers }));
				await run({ rows: many(undefined, PHONES) });
				const { messages } = await run(around);
				for (const text of messages) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
				return messages[0]!;
			}),
		);
		if (!counts.source.startsWith('TOO')) expect(told[0]).toContain(PHONES[0]);
		for (const phone of PHONES) expect(told[1]).not.toContain(phone);
		expect(told[1]).toMatch(counts);
	},
	60_000,
);
