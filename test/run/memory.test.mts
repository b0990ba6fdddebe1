import { describe, expect, test } from '@jest/globals';
import type { RunMemory } from '../../nodes/TencentCloudIot/run/memory';
import { attempt, memoryOf, type AttemptSettings, type ExecutionData, newExecutionData } from './attempt.mts';

/** A run of a node, which keeps what it has to say at its end. */
function openRun(data: ExecutionData, settings: AttemptSettings = {}): RunMemory {
	return memoryOf(attempt(data, settings));
}

describe('Whether an earlier run of the execution synced other customers', () => {
	/** The customers of each run, one run after the other, and what the last one finds. */
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
			'without a usable credential, of which nothing is known',
			[
				{ ids: ['a'], appSecret: undefined },
				{ ids: ['b'], runIndex: 1, appSecret: undefined },
			],
			false,
		],
	])('%s: $2', async (_title, runs, hasOthers) => {
		expect(await lastFinds(...runs)).toBe(hasOthers);
	});

	test('is not known of a run that kept nothing, since it was blocked', async () => {
		const data = newExecutionData();
		await openRun(data).syncedOtherCustomers(['a']);
		const next = openRun(data, { runIndex: 1 });
		expect(await next.syncedOtherCustomers(['b'])).toBe(false);
	});

	test('is kept as a digest alone', async () => {
		const data = newExecutionData();
		const memory = openRun(data);
		await memory.syncedOtherCustomers(['13712345678']);
		memory.keepForLaterRuns();
		expect(JSON.stringify(data)).not.toContain('13712345678');
	});
});

describe('What all runs of an execution came to', () => {
	const ok = { health: 'ok', sent: 3, failed: 0 } as const;
	const degraded = { health: 'degraded', sent: 1, failed: 2 } as const;
	const failing = { health: 'failing', sent: 0, failed: 5 } as const;

	test('is the worst of them, and the sum', () => {
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

	test('counts a run once, however often it is tried', () => {
		const data = newExecutionData();
		openRun(data).addTotals(ok);
		openRun(data, { runIndex: 1 }).addTotals(failing);
		expect(openRun(data, { runIndex: 1 }).addTotals(degraded)).toEqual({
			health: 'degraded',
			sent: 4,
			failed: 2,
		});
	});

	test('is that of one execution', () => {
		const data = newExecutionData();
		openRun(data).addTotals(failing);
		expect(openRun(data, { executionId: '8' }).addTotals(ok)).toEqual(ok);
	});
});

test('Earlier runs are lost where a round of a loop finds no word of them', () => {
	const data = newExecutionData();
	openRun(data);
	expect(openRun(data, { runIndex: 1 }).hasLostEarlierRuns).toBe(false);
	expect(openRun(newExecutionData(), { runIndex: 1 }).hasLostEarlierRuns).toBe(true);
	expect(openRun(newExecutionData()).hasLostEarlierRuns).toBe(false);
});

test('The rows are old where Retry goes on with a failed execution at the same run', () => {
	const data = newExecutionData();
	openRun(data);
	expect(openRun(data, { executionId: '8' }).hasRowsOfFailedExecution).toBe(true);
	const other = newExecutionData();
	openRun(other);
	expect(openRun(other, { executionId: '8', runIndex: 1 }).hasRowsOfFailedExecution).toBe(false);
});
