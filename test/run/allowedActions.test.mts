import { expect, test } from '@jest/globals';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { planRun } from '../../nodes/TencentCloudIot/run/planRun';
import type { Run } from '../../nodes/TencentCloudIot/run/run';
import type { Connection } from '../../nodes/TencentCloudIot/service/connection';
import { withheldOf } from '../support/runResults.mts';
import { attempt, memoryOf, newExecutionData } from './attempt.mts';

const TEST_ITEM = 'D-FireInsurance2020';
const LIVE_ITEM = 'FireInsurance2020';

/** Plans orders of these items and an invalid row. */
async function planOrders(
	items: readonly string[],
	allowedActions: Connection['allowedActions'] | undefined,
) {
	const node = { name: 'Order', type: 'tencentCloudIot', parameters: {} };
	const source = { main: [{ previousNode: 'Rows' }] };
	const context = {
		...attempt(newExecutionData()),
		getNode: () => node,
		getExecuteData: () => ({ node, source }),
	};
	const calls = items.map((ItemId, index) => ({ parameters: { ItemId }, itemIndexes: [index] }));
	const plannedCalls = { calls, withheld: [withheldOf(undefined)] };
	const operation = {
		effect: 'once',
		action: 'ServiceCreateOrder',
		toCalls: async () => await Promise.resolve(plannedCalls),
		inputReader: () => () => ({}),
	};
	const connection = async () =>
		await (allowedActions === undefined
			? Promise.reject(new Error('?'))
			: Promise.resolve({ allowedActions }));
	const rows = items.map((ItemId) => ({ json: { ItemId } }));
	const execution = new Execution(context as never);
	const run = {
		execution,
		input: new NodeInput(context as never, rows, execution),
		ports: { credential: { connection } },
		operation,
		items: rows,
		options: { dryRun: true },
		memory: memoryOf(context as never, rows),
	} as unknown as Run;
	const plan = await planRun(run);
	return {
		sent: plan.calls.map(({ parameters }) => parameters['ItemId']),
		withheld: plan.withheld.map(({ itemIndexes, findings: [finding], refusal }) =>
			[...itemIndexes, finding?.code, refusal?.code].join(' '),
		),
		blocked: plan.blocked?.code,
	};
}

const INVALID_ROW = '4 empty ';

test.each<
	[
		allowed: Connection['allowedActions'],
		items: string[],
		sent: string[],
		withheld: string[],
		blocked: string | undefined,
	]
>([
	['everything', [TEST_ITEM, LIVE_ITEM], [TEST_ITEM, LIVE_ITEM], [], undefined],
	['noLiveActions', [TEST_ITEM, TEST_ITEM], [TEST_ITEM, TEST_ITEM], [], undefined],
	['noLiveActions', [LIVE_ITEM, TEST_ITEM], [TEST_ITEM], ['0 liveItem NOT_ALLOWED'], undefined],
	['noLiveActions', [LIVE_ITEM, LIVE_ITEM], [LIVE_ITEM, LIVE_ITEM], [], 'NOT_ALLOWED'],
	['readsOnly', [TEST_ITEM, LIVE_ITEM], [TEST_ITEM, LIVE_ITEM], [], 'NOT_ALLOWED'],
	['noLiveActions', [], [], [], undefined],
])(
	'With Allowed Actions: %s, of the orders %j the calls are %j, withheld %j, and the run is blocked: %s.',
	async (allowed, items, sent, withheld, blocked) => {
		const plan = { sent, withheld: [INVALID_ROW, ...withheld], blocked };
		expect(await planOrders(items, allowed)).toEqual(plan);
	},
);

test('An error that is not about the credential is not reported as a credential failure.', async () => {
	await expect(planOrders([TEST_ITEM], undefined)).rejects.toThrow('?');
});
