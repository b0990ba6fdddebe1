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
import { customer, resultWith } from '../support/runResults.mts';
import { attempt, memoryOf, newExecutionData } from './attempt.mts';

test('An item has all RequestIds where there were several.', async () => {
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

test('The runs of an execution add up, each by its last attempt, with the worst health.', () => {
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
])('A node to which no other one leads may not %s: %s, %s.', async (_, effect, dryRun, code) => {
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
	['whose rows lack customers', undefined, true],
	['that was stopped: who is missing is not gone yet', failureWith({ code: 'TOO_FEW_CUSTOMERS' }), false],
])('The ids of all customers are an item of a run %s', async (_, blocked, isThere) => {
	const run = { operation: pushOperation, options: {}, places: placesOf(true) } as unknown as Run;
	const sync = { ...resultWith().sync!, gone: 2 };
	const items = await new RunItems(run).ofReport(tallyRun(resultWith({ sync, blocked })));
	expect(items.some(({ json }) => 'CustomerIds' in json)).toBe(isThere);
});
