import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { EFFECTS } from '../../nodes/TencentCloudIot/service/actions';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runOperation, type OperationRun } from './operationRun.mts';
import { errorOf, push, row } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const SETTINGS = ['everything', 'noLiveActions', 'readsOnly'];
const onError = 'continueErrorOutput' as const;
const device = { productId: 'P', deviceName: picked('D1') };
const order = { customerId: picked('c1'), orderNo: 'O-1' };
const live = { ...order, itemId: 'FireInsurance2020', liveOrder: true };
const action = { ...device, actionId: picked('open_door') };
const customers = Array.from({ length: 1_200 }, (_, index) => row(`c${index}`, index));
const byName = { columns: { mappingMode: 'autoMapInputData', value: null } };
const options = { includeSecrets: true };

/** The first cell of a row in the table of SECURITY.md, a run of that kind, and its number of requests with each setting. */
type Case = [row: string, operation: string, run: Partial<OperationRun>, requests: number[]];

const CASES: Case[] = [
	['A read, e.g. _Device: Get_', 'device.get', { parameters: device }, [1, 1, 1]],
	['_Account: Check_', 'account.check', {}, [12, 12, 12]],
	[
		'_Push_ of 3 customers',
		'deviceBinding.push',
		{ parameters: byName, rows: customers.slice(0, 3) },
		[3, 3, 0],
	],
	[
		'_Sync_ of 1,200 customers',
		'deviceBinding.sync',
		{ parameters: byName, rows: customers },
		[1_200, 1_200, 0],
	],
	[
		'Another write that is idempotent, e.g. _Customer: Create_',
		'customer.create',
		{ parameters: { customerId: 'c3', phoneNumber: '13800138000' } },
		[1, 1, 0],
	],
	['_Order: Create_ of a test item', 'order.create', { parameters: order }, [1, 1, 0]],
	['_Order: Create_ of a live item', 'order.create', { parameters: live }, [1, 0, 0]],
	[
		'_Device: Control_, _Call Action_',
		'device.control',
		{ parameters: { ...device, data: '{"power_switch":1}' } },
		[1, 0, 0],
	],
	['_Device: Control_, _Call Action_', 'device.callAction', { parameters: action }, [1, 0, 0]],
	[
		'_Device: Control_, _Call Action_',
		'device.callAction',
		{ parameters: { ...action, waitForResult: false } },
		[1, 0, 0],
	],
	['_Include Secrets_', 'device.get', { parameters: device, options }, [1, 0, 0]],
	['_Include Secrets_', 'device.getMany', { parameters: { productId: 'P' }, options }, [1, 0, 0]],
];

const actionsOf = ({ requests }: Simulator) =>
	requests.map(({ body }) => (JSON.parse(body!) as { Action: string }).Action);

describe.each(SETTINGS)('With the credential set to %s,', (allowedActions) => {
	const column = SETTINGS.indexOf(allowedActions);

	test.each(CASES)('%s: %s %j sends %j', async (_, operation, run, requests) => {
		const simulator = await runSimulator(contents);
		const credential = { allowedActions };
		const settings = { onError, processedData: createProcessedData(), credential };
		const result = await runOperation(simulator, { operation, ...run, ...settings });
		expect(simulator.requests).toHaveLength(requests[column]!);
		if (requests[column]! > 0) {
			return;
		}
		expect(result.success).toEqual([]);
		const errors = result.error.map((item) => errorOf(item));
		expect(errors).toMatchObject([{ code: 'NOT_ALLOWED', outcome: 'NOT_SENT' }]);
		expect(errors[0]?.message).toMatch(
			/^'Allowed Actions' in the credential is '[^']+', which [^.]+\. Nothing was sent\.$/,
		);
	});

	test('Check tries ServiceBindDevice only if writes are allowed', async () => {
		const simulator = await runSimulator(contents);
		await runOperation(simulator, { operation: 'account.check', credential: { allowedActions } });
		const writes = actionsOf(simulator).filter(
			(name) => EFFECTS[name as keyof typeof EFFECTS] === 'idempotent',
		);
		expect(writes).toEqual(allowedActions === 'readsOnly' ? [] : ['ServiceBindDevice']);
	});

	test('the credential signs only allowed Actions for the HTTP Request node', async () => {
		const authenticate = loadTestedNode().credentialType.authenticate as unknown as (
			...args: [data: object, options: IHttpRequestOptions]
		) => Promise<IHttpRequestOptions>;
		const url = 'https://iot.example.com/api';
		const credential = { appKey: 'k', appSecret: 's', platform: 'custom', endpoint: url, allowedActions };
		for (const Action of [...Object.keys(EFFECTS), 'ServiceNobodyKnows']) {
			const [row, requests] = httpCase(Action);
			for (const body of [{ Action }, JSON.stringify({ Action })]) {
				const signing = authenticate(credential, { url, method: 'POST', body } as IHttpRequestOptions);
				const why = await signing.then(
					() => undefined,
					(error: Error) => error.message,
				);
				if (requests[column]! > 0) {
					expect([row, why]).toEqual([row, undefined]);
				} else {
					expect(why).toMatch(
						/^'Allowed Actions' in the credential is .* Nothing was sent\. Use another credential/,
					);
				}
			}
		}
	});
});

/** The rows of SECURITY.md on the HTTP Request node: the first cell, and the number of requests with each setting. */
const HTTP_CASES = Array.from(
	readFileSync('SECURITY.md', 'utf8').matchAll(/^\| (HTTP Request node: .*) \| (\d) \| (\d) \| (\d) \|$/gm),
	([, row = '', ...requests]): [string, number[]] => [row, requests.map(Number)],
);

/** How a row describes Actions that it does not name. Each Action that must not be repeated is named. */
const KIND_IN_ROW = {
	read: 'a read',
	idempotent: 'a write that is idempotent',
	once: 'is listed by its name',
	unknown: 'does not know',
};

function httpCase(Action: string): [row: string, requests: number[]] {
	const named = HTTP_CASES.find(([row]) => row.includes(`\`${Action}\``));
	if (named !== undefined) {
		return named;
	}
	const effect = EFFECTS[Action as keyof typeof EFFECTS] ?? 'unknown';
	return HTTP_CASES.find(([row]) => row.includes(KIND_IN_ROW[effect]))!;
}

test('SECURITY.md has the number of requests of each case.', () => {
	const text = readFileSync('SECURITY.md', 'utf8');
	const shown = CASES.map(
		([cell, , , requests]) =>
			`| ${[cell, ...requests.map((count) => count.toLocaleString('en'))].join(' | ')} |`,
	);
	expect(shown.filter((line) => !text.includes(line))).toEqual([]);
	expect(HTTP_CASES).toHaveLength(5);
});

test('A live order among test orders is not sent, but the test orders are placed.', async () => {
	const simulator = await runSimulator(contents);
	const rows = [
		{ no: 'O-1', item: 'D-FireInsurance2020' },
		{ no: 'O-2', item: 'FireInsurance2020' },
	];
	const parameters = { ...live, orderNo: '={{ $json.no }}', itemId: '={{ $json.item }}' };
	const credential = { allowedActions: 'noLiveActions' };
	const run = { operation: 'order.create', parameters, rows, onError, credential };
	const { error, hints } = await runOperation(simulator, run);
	expect(simulator.state.orders).toMatchObject([{ OrderNo: 'O-1' }]);
	const refused = { code: 'NOT_ALLOWED', outcome: 'NOT_SENT', OrderNo: 'O-2', rows: [2] };
	expect(error.map((item) => errorOf(item))).toMatchObject([refused]);
	expect(hints[0]?.message).toContain("1 not sent because of 'Allowed Actions'");
});

test.each(['push', 'sync'])(
	'A Dry Run of %s shows the plan and says that the credential does not allow it.',
	async (operation) => {
		const simulator = await runSimulator(contents);
		const credential = { allowedActions: 'readsOnly' };
		const run = { operation, credential, processedData: createProcessedData(), options: { dryRun: true } };
		const { success, hints } = await push(customers.slice(0, 3), simulator, run);
		expect(success.map(({ json }) => json.CustomerId)).toEqual(['c0', 'c1', 'c2']);
		expect(hints[0]?.message).toContain(
			"A run would send nothing: 'Allowed Actions' in the credential is 'Reads Only', which does not allow ServiceBindDevice.",
		);
		expect(simulator.requests).toEqual([]);
	},
);

test.each([
	['READS', 0],
	[true, 0],
	['={{ "everything" }}', 0],
	[undefined, 1],
])(
	'An unknown value of Allowed Actions allows the least; without a stored value the default applies: %j.',
	async (stored, testOrders) => {
		const simulator = await runSimulator(contents);
		const run = { operation: 'order.create', onError, credential: { allowedActions: stored as string } };
		await runOperation(simulator, { ...run, parameters: live });
		expect(simulator.requests).toEqual([]);
		await runOperation(simulator, { ...run, parameters: order });
		expect(simulator.requests).toHaveLength(testOrders);
	},
);
