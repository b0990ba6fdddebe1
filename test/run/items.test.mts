import { expect, test } from '@jest/globals';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { RunItems } from '../../nodes/TencentCloudIot/run/items';
import { placesOf } from '../../nodes/TencentCloudIot/messages/text';
import { planRun } from '../../nodes/TencentCloudIot/run/planRun';
import type { RunMemory } from '../../nodes/TencentCloudIot/run/memory';
import { tallyRun } from '../../nodes/TencentCloudIot/run/report/result';
import type { Run } from '../../nodes/TencentCloudIot/run/run';
import { answered, OK } from '../support/fates.mts';
import { failureWith } from '../support/failures.mts';
import { customer, resultWith, withheldOf } from '../support/runResults.mts';
import { attempt, memoryOf, newExecutionData } from './attempt.mts';

test('An item lists all RequestIds if there were several.', async () => {
	const execution = { timezone: 'UTC' };
	const run = {
		execution,
		operation: pushOperation,
		options: { outputItemPer: 'request' },
	} as unknown as Run;
	const calls = [1, 2].map((requests) => customer({ fate: answered(OK, requests) }));
	const { done } = await new RunItems(run).outputsOf(resultWith({ calls }));
	expect(done.map(({ json }) => json.RequestIds)).toEqual([undefined, ['r0', 'r1']]);
});

test('The totals of an execution add up the last attempt of each run and have the worst health.', () => {
	const data = newExecutionData();
	const add = (runIndex: number, ...[totals]: Parameters<RunMemory['addTotals']>) =>
		memoryOf(attempt(data, { runIndex })).addTotals(totals);
	add(0, { health: 'degraded', sent: 1, failed: 2 });
	add(1, { health: 'failing', sent: 9, failed: 9 });
	expect(add(1, { health: 'ok', sent: 3, failed: 4 })).toEqual({ health: 'degraded', sent: 4, failed: 6 });
});

test.each([
	['write', 'once', false, 'RUNS_ALONE'],
	['write in a Dry Run', 'once', true, undefined],
	['read', 'read', false, undefined],
])('A node without a node before it may or may not %s: %s, %s.', async (_, effect, dryRun, code) => {
	const node = { name: 'Push', type: 'tencentCloudIot', parameters: {} };
	const context = {
		...attempt(newExecutionData()),
		getNode: () => node,
		getExecuteData: () => ({ node, source: null }),
	};
	const toCalls = async () => await Promise.resolve({ calls: [], withheld: [] });
	const operation = { effect, toCalls, inputReader: () => () => ({}) };
	const memory = memoryOf(context as never);
	const items = [{ json: {} }];
	const execution = new Execution(context as never);
	const input = new NodeInput(context as never, items, execution);
	const ports = { credential: new Credential(context as never) };
	const options = { dryRun };
	const run = { execution, input, ports, operation, items, options, memory } as unknown as Run;
	expect((await planRun(run)).blocked?.code).toBe(code);
});

test.each([
	['has one if its rows lack customers', undefined, true],
	[
		'has none if it was stopped, because missing customers are not gone yet',
		failureWith({ code: 'TOO_FEW_CUSTOMERS' }),
		false,
	],
])('A run with an item for the ids of all customers: it %s', async (_, blocked, hasIds) => {
	const run = { operation: pushOperation, options: {}, places: placesOf(true) } as unknown as Run;
	const sync = { ...resultWith().sync!, gone: 2 };
	const items = await new RunItems(run).ofReport(tallyRun(resultWith({ sync, blocked })));
	expect(items.some(({ json }) => 'CustomerIds' in json)).toBe(hasIds);
});

/** A run whose rows name customers that were sent, withheld and left out. */
const ofThreeKinds = resultWith({
	calls: [customer({ id: 'sent' }), customer({ id: 'in part' })],
	withheld: [withheldOf('in part'), withheldOf('withheld'), withheldOf(undefined)],
	leftOut: new Map([['left out', [7]]]),
	sync: { ...resultWith().sync!, gone: 1 },
});

test('The list of all customers has each id in the rows once, whatever became of the customer.', async () => {
	const run = { operation: pushOperation, options: {}, places: placesOf(true) } as unknown as Run;
	const items = await new RunItems(run).ofReport(tallyRun(ofThreeKinds));
	const ids = JSON.parse(String(items.at(-1)?.json['CustomerIds'])) as string[];
	expect(ids.sort()).toEqual(['in part', 'left out', 'sent', 'withheld']);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual(items.map(() => ({ item: 0 })));
});

test.each([
	['of the report, in one text', true, 1],
	['after the report', false, 3],
])('The records of all customers are in the item %s.', async (_, isReportedInOneItem, itemCount) => {
	const run = { operation: pushOperation, options: {}, places: placesOf(true), isReportedInOneItem };
	const items = await new RunItems(run as unknown as Run).ofReport(tallyRun(ofThreeKinds));
	const records = items.flatMap(({ json }) => JSON.parse(String(json['Records'] ?? '[]')) as unknown[]);
	expect([items.length, records.length, items[0]?.json['RecordCount']]).toEqual([itemCount, 3, 3]);
	expect(items[0]).toMatchObject({ json: { Health: 'degraded' }, pairedItem: { item: 0 } });
});

test.each([
	[
		'row',
		[
			{ Status: 'UNCHANGED', Message: '', CustomerId: 'a' },
			{ Status: 'POSTPONED', Message: 'Later.', CustomerId: 'a' },
		],
	],
	['request', []],
])(
	'Customers that need not be sent are items only with one item per row: %s.',
	async (outputItemPer, jsons) => {
		const run = { execution: { timezone: 'UTC' }, operation: pushOperation, options: { outputItemPer } };
		const calls = [
			customer({ fate: { kind: 'unchanged' } }),
			customer({ fate: { kind: 'postponed', why: failureWith({ reason: 'Later.' }) } }),
		];
		const { done, failed } = await new RunItems(run as unknown as Run).outputsOf(resultWith({ calls }));
		expect([done.map(({ json }) => json), failed]).toEqual([jsons, []]);
	},
);

test('Each element of a list is a separate item, linked to the rows of its request.', async () => {
	const operation = { toJson: () => [{ a: 1 }, { a: 2 }] };
	const run = { execution: { timezone: 'UTC' }, operation, options: {} } as unknown as Run;
	const calls = [customer({ itemIndexes: [3] })];
	const { done } = await new RunItems(run).outputsOf(resultWith({ calls }));
	expect(done).toEqual([
		{ json: { a: 1 }, itemIndexes: [3] },
		{ json: { a: 2 }, itemIndexes: [3] },
	]);
});

test('The item of a customer that an earlier attempt pushed says AlreadyDone, because it has no RequestId.', async () => {
	const run = { execution: { timezone: 'UTC' }, operation: pushOperation, options: {} } as unknown as Run;
	const outcome = { ...OK, requestId: undefined } as typeof OK;
	const calls = [customer({ fate: { kind: 'earlierAttempt', outcome } })];
	const { done } = await new RunItems(run).outputsOf(resultWith({ calls }));
	expect(done).toMatchObject([{ json: { Status: 'OK', AlreadyDone: true, RequestId: '' } }]);
});
