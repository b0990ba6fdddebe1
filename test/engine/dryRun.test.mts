import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));
const dryRun = { dryRun: true };

describe('A Dry Run', () => {
	test.each<[OnError, object]>([
		['stopWorkflow', {}],
		['stopWorkflow', { outputItemPer: 'row' }],
		['continueErrorOutput', {}],
		['continueRegularOutput', {}],
	])('shows the whole plan and what is wrong with it, with %s and %j.', async (onError, options) => {
		const simulator = await runSimulator();
		const threeRows = [row('a', 1), row('b', 'no slash'), row('c', 2)];
		const result = await push(threeRows, simulator, { onError, options: { ...dryRun, ...options } });
		expect(result.failure).toBeUndefined();
		const items = [...result.success, ...result.error];
		expect(items.map(linksOf).toSorted()).toEqual([[0], [1], [2]]);
		const wrong = items.find((item) => linksOf(item)[0] === 1)!;
		const isSplit = onError === 'continueErrorOutput';
		const message = isSplit ? errorOf(wrong)?.message : wrong.json.Message;
		expect(message).toMatch(/^\[row 2, b\] 'DeviceId': 'no slash' is not ProductId/);
		// Items of one table have the same columns, whether they could be sent or not.
		const columns = new Set(result.success.map(({ json }) => Object.keys(json).join()));
		expect(columns.size).toBe(1);
		expect([...columns][0]).toMatch(/CustomerId,.*DeviceInfos,.*Action|Status,Message,.*Action/);
		const statuses = result.success.map(({ json }) => json.Status);
		const valid = ['WOULD_SEND', 'WOULD_SEND'];
		expect(statuses.toSorted()).toEqual(isSplit ? valid : ['NOT_SENT', ...valid]);
		expect(simulator.requests).toHaveLength(0);
		expect(result.hints[0]?.message.includes('with Stop Workflow, these rows would end the run')).toBe(
			onError === 'stopWorkflow',
		);
		expect(result.hints[0]?.type).toBe('warning');
	});

	test('shows the numbers of customers and devices, and the duration at the chosen rate.', async () => {
		const simulator = await runSimulator();
		const manyRows = [...rows(20_000), row('c0', 20_001)];
		const slow = await push(manyRows, simulator, { options: { ...dryRun, requestsPerSecond: 20 } });
		expect(slow.hints[0]).toMatchObject({
			message:
				'Dry run: nothing was sent. 20,000 customers, 20,001 devices: 20,000 requests, about 17 min at 20 requests per second',
			type: 'info',
		});
		const unlimited = await push(manyRows.slice(0, 1), simulator, { options: dryRun });
		expect(unlimited.hints[0]?.message).toBe('Dry run: nothing was sent. 1 customer, 1 device: 1 request');
	});

	test('of Sync counts the customers that would be sent and those that are unchanged.', async () => {
		const simulator = await runSimulator();
		const sync = { operation: 'sync', processedData: createProcessedData() };
		await push([row('a', 1), row('b', 2)], simulator, sync);
		const changed = await push([row('a', 1), row('b', 3)], simulator, { ...sync, options: dryRun });
		expect(changed.hints[0]?.message).toBe(
			'Dry run: nothing was sent. 1 customer, 1 device: 1 request; 1 unchanged',
		);
		const same = await push([row('a', 1), row('b', 2)], simulator, { ...sync, options: dryRun });
		expect(same.hints[0]?.message).toBe('Dry run: nothing was sent. There is nothing to send; 2 unchanged');
	});
});

describe('The option Dry Run', () => {
	const { nodeType } = loadTestedNode();
	const { properties } = nodeType.description;
	test('is on as soon as it is added, and off if it is not added.', async () => {
		const entries = properties
			.filter(({ name }) => name === 'options')
			.map(({ displayOptions, options = [] }) => ({
				operations: displayOptions?.show?.operation,
				dryRun: options.find(({ name }) => name === 'dryRun'),
			}));
		const without = entries.filter(({ dryRun }) => dryRun === undefined);
		// Neither writes: Check uses no rows, and Audit only compares them.
		expect(new Set(without.flatMap(({ operations }) => operations))).toEqual(new Set(['check', 'audit']));
		const added = entries.flatMap(({ dryRun }) => dryRun ?? []);
		expect(new Set(added.map((entry) => 'default' in entry && entry.default))).toEqual(new Set([true]));
		const simulator = await runSimulator();
		await push([row('a', 1)], simulator);
		expect(simulator.bindings.size).toBe(1);
	});
});

describe('The log of n8n', () => {
	afterEach(() => void jest.restoreAllMocks());

	test.each([
		[
			'every 30 seconds in a long run',
			31_000,
			[/^Tencent Cloud IoT, node 'Node': \d of 5 customers sent, about \d+(\.\d)? (s|min) left$/],
		],
		['never in a short run', 10, []],
	] as const)('shows the progress %s.', async (_what, jumpMs, expected) => {
		const now = performance.now.bind(performance);
		let requests = 0;
		jest.spyOn(performance, 'now').mockImplementation(() => now() + (requests >= 2 ? jumpMs : 0));
		const simulator = await runSimulator({
			faults: () => {
				requests++;
				return undefined;
			},
		});
		const { logs, success, failure } = await push(rows(5), simulator, {
			options: { concurrency: 1, timeout: 600 },
		});
		expect([success.length, failure?.message]).toEqual([5, undefined]);
		const progress = logs.filter(({ level, message }) => level === 'info' && message.startsWith('Tencent'));
		expect(progress.map(({ message }) => message)).toEqual(
			expected.map((line) => expect.stringMatching(line)),
		);
		expect(JSON.stringify(progress)).not.toMatch(/c\d/);
	});
});
