import { describe, expect, test } from '@jest/globals';
import type { RunMemory } from '../../nodes/TencentCloudIot/run/memory';
import { attempt, memoryOf, type AttemptSettings, type ExecutionData, newExecutionData } from './attempt.mts';

/** The memory of a run of a node. */
function openRun(data: ExecutionData, settings: AttemptSettings = {}): RunMemory {
	return memoryOf(attempt(data, settings));
}

describe('Whether an earlier run of the execution synced other customers', () => {
	/** Runs these runs one after the other. Returns what the last one finds. */
	async function lastFinds(...runs: Array<AttemptSettings & { ids: Array<string | undefined> }>) {
		const data = newExecutionData();
		let hasOthers = false;
		for (const { ids, ...settings } of runs) {
			const memory = openRun(data, settings);
			hasOthers = await memory.syncedOtherCustomers(ids);
			memory.keepForLaterRuns();
		}
		return hasOthers;
	}

	test.each<[title: string, runs: Parameters<typeof lastFinds>, hasOthers: boolean]>([
		['in the first run', [{ ids: ['a'] }], false],
		['in a round of a loop with others', [{ ids: ['a'] }, { ids: ['b'], runIndex: 1 }], true],
		['in a round with one more', [{ ids: ['a'] }, { ids: ['a', 'b'], runIndex: 1 }], true],
		['in a round with the same', [{ ids: ['a', 'b'] }, { ids: ['b', 'a', 'a'], runIndex: 1 }], false],
		[
			'in a third round with those of the first',
			[{ ids: ['a'] }, { ids: ['b'], runIndex: 1 }, { ids: ['a'], runIndex: 2 }],
			false,
		],
		['in another attempt of the same run', [{ ids: ['a'] }, { ids: ['b'] }], false],
		['in another execution', [{ ids: ['a'] }, { ids: ['b'], runIndex: 1, executionId: '8' }], false],
		['of rows that name nobody', [{ ids: [undefined] }, { ids: [undefined], runIndex: 1 }], false],
		[
			'without a usable credential, because nothing is kept then',
			[
				{ ids: ['a'], appSecret: undefined },
				{ ids: ['b'], runIndex: 1, appSecret: undefined },
			],
			false,
		],
	])('%s: $2', async (_title, runs, hasOthers) => {
		expect(await lastFinds(...runs)).toBe(hasOthers);
	});

	test('is not known if the earlier run kept nothing because it was blocked', async () => {
		const data = newExecutionData();
		await openRun(data).syncedOtherCustomers(['a']);
		const next = openRun(data, { runIndex: 1 });
		expect(await next.syncedOtherCustomers(['b'])).toBe(false);
	});

	test('is kept as a digest only', async () => {
		const data = newExecutionData();
		const memory = openRun(data);
		await memory.syncedOtherCustomers(['13712345678']);
		memory.keepForLaterRuns();
		expect(JSON.stringify(data)).not.toContain('13712345678');
	});
});

describe('The totals of all runs of an execution', () => {
	const ok = { health: 'ok', sent: 3, failed: 0 } as const;
	const degraded = { health: 'degraded', sent: 1, failed: 2 } as const;
	const failing = { health: 'failing', sent: 0, failed: 5 } as const;

	test('are the worst health and the sums', () => {
		const data = newExecutionData();
		expect(openRun(data).addTotals(ok)).toEqual(ok);
		expect(openRun(data, { runIndex: 1 }).addTotals(failing)).toEqual({
			health: 'failing',
			sent: 3,
			failed: 5,
		});
		const third = openRun(data, { nodeId: 'push 2' }).addTotals(degraded);
		expect(third).toEqual({ health: 'failing', sent: 4, failed: 7 });
	});

	test('count a run once, whatever its number of attempts', () => {
		const data = newExecutionData();
		openRun(data).addTotals(ok);
		openRun(data, { runIndex: 1 }).addTotals(failing);
		expect(openRun(data, { runIndex: 1 }).addTotals(degraded)).toEqual({
			health: 'degraded',
			sent: 4,
			failed: 2,
		});
	});

	test('are those of one execution only', () => {
		const data = newExecutionData();
		openRun(data).addTotals(failing);
		expect(openRun(data, { executionId: '8' }).addTotals(ok)).toEqual(ok);
	});
});

test('Earlier runs count as lost if a later round of a loop finds no trace of them', () => {
	const data = newExecutionData();
	openRun(data);
	expect(openRun(data, { runIndex: 1 }).hasLostEarlierRuns).toBe(false);
	expect(openRun(newExecutionData(), { runIndex: 1 }).hasLostEarlierRuns).toBe(true);
	expect(openRun(newExecutionData()).hasLostEarlierRuns).toBe(false);
});

test('The rows are those of the failed execution if Retry starts at the same run', () => {
	const data = newExecutionData();
	openRun(data);
	expect(openRun(data, { executionId: '8' }).hasRowsOfFailedExecution).toBe(true);
	const other = newExecutionData();
	openRun(other);
	expect(openRun(other, { executionId: '8', runIndex: 1 }).hasRowsOfFailedExecution).toBe(false);
});
