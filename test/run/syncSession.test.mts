import { afterEach, expect, jest, test } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';
import { openSyncSession } from '../../nodes/TencentCloudIot/run/syncSession';
import { RunMemory } from '../../nodes/TencentCloudIot/run/memory';
import type { Plan, Run } from '../../nodes/TencentCloudIot/run/run';
import type { SyncOptions } from '../../nodes/TencentCloudIot/sync/session';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/health';
import { resultWith, withheldOf } from '../support/runResults.mts';
import { REOPENED } from '../../nodes/TencentCloudIot/sync/state/entries';
import { claimRun } from '../../nodes/TencentCloudIot/sync/state/settings';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { eventually } from '../support/eventually.mts';

const CREDENTIAL = {
	appKey: 'key',
	appSecret: 'secret',
	platform: 'custom',
	endpoint: 'https://service.example/',
	nestedRule: 'json',
};

/** What openSyncSession uses of an execution, over a store with these entries. */
function contextOver(
	entries: Set<string>,
	{ signal, workflow = { id: 'w' } }: { signal?: AbortSignal; workflow?: { id?: string } } = {},
) {
	const warnings: string[] = [];
	const state = {};
	const context = {
		getContext: () => state,
		getExecutionId: () => '1',
		getWorkflow: () => workflow,
		getMode: () => 'trigger',
		getNode: () => ({ id: 'n', name: 'Sync bindings' }),
		getExecuteData: () => ({ node: { name: 'Sync bindings' } }),
		getCredentials: async () => CREDENTIAL,
		getExecutionCancelSignal: () => signal,
		logger: { warn: (line: string) => warnings.push(line) },
		helpers: {
			checkProcessedAndRecord: async (items: string[], _: string, { maxEntries = 0 } = {}) => {
				const processed = items.filter((item) => entries.has(item));
				for (const item of items) entries.add(item);
				for (const item of [...entries].slice(0, maxEntries && -maxEntries)) entries.delete(item);
				return { new: [], processed };
			},
			removeProcessed: async (items: string[]) => items.forEach((item) => entries.delete(item)),
			clearAllProcessedItems: async () => entries.clear(),
			getProcessedDataCount: async () => entries.size,
		},
	};
	return { context: context as unknown as IExecuteFunctions, warnings };
}

afterEach(() => void jest.restoreAllMocks());

/** Waits of the runs of a test take no time. */
function passWaits(): void {
	const { nowMs, elapsedMs } = systemClock;
	let sleptMs = 0;
	jest.spyOn(systemClock, 'nowMs').mockImplementation(() => nowMs() + sleptMs);
	jest.spyOn(systemClock, 'elapsedMs').mockImplementation(() => elapsedMs() + sleptMs);
	jest.spyOn(systemClock, 'sleep').mockImplementation(async (ms) => void (sleptMs += ms));
}

const run = { options: { dryRun: false } } as unknown as Run;
const options: SyncOptions = {
	longestRunMinutes: 0,
	pushAgainAfterDays: 7,
	sendAll: false,
	checks: { stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: '' },
};
const plan = {
	calls: [{ parameters: {}, itemIndexes: [0], customer: { id: 'a', devices: [] } }],
	withheld: [],
	earlier: [undefined],
	ledger: undefined,
} as unknown as Plan;
const open = async (context: IExecuteFunctions, runIndex = 0) => {
	const memory = new RunMemory(
		{ ...context, getWorkflowDataProxy: () => ({ $runIndex: runIndex }) as never },
		[],
	);
	return await openSyncSession({ ...run, context, memory }, plan, options);
};

test('A run that has to wait for an earlier one logs it, once, and for how long.', async () => {
	const cancel = new AbortController();
	const { context, warnings } = contextOver(new Set([REOPENED]), cancel);
	const opening = open(context);
	await eventually(() => warnings.length, 1);
	cancel.abort();
	const session = await opening;
	expect(session.blocked?.code).toBe('CANCELLED');
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatch(/^Sync in node 'Sync bindings' of workflow w: .*Waiting 10 seconds/);
	await session.finish(undefined);
});

test('A run that has nobody to wait for logs nothing.', async () => {
	passWaits();
	const { context, warnings } = contextOver(new Set());
	const session = await open(context);
	expect(session.blocked).toBeUndefined();
	expect(warnings).toEqual([]);
	await session.finish(resultWith());
});

test('A second run in the same process knows nothing of what was reported.', async () => {
	const entries = new Set<string>();
	const { context } = contextOver(entries);
	const release = claimRun('w n')!;
	const { facts, blocked } = await open(context);
	release();
	expect(facts).toMatchObject({ state: 'interrupted', reported: undefined, gone: undefined });
	expect(blocked?.code).toBe('ALREADY_RUNNING');
	expect(entries.size).toBe(0);
});

test.each([{}, { id: '' }])(
	'The claim of a workflow without an id (%j) does not meet that of another user',
	async (workflow) => {
		const one = await open(contextOver(new Set(), { workflow }).context);
		const other = await open(contextOver(new Set(), { workflow }).context);
		expect([one.blocked, other.blocked]).toEqual([undefined, undefined]);
		await one.finish(resultWith());
		await other.finish(resultWith());
	},
);

test('Another attempt knows what was reported before the first one, which nobody saw.', async () => {
	passWaits();
	const { context } = contextOver(new Set());
	const release = claimRun('w n')!;
	await open(context);
	release();
	const session = await open(context);
	expect(session.facts.reported).toEqual(ALL_WELL);
	await session.finish(resultWith({ withheld: [withheldOf('h')], sync: session.facts }));
	const third = await open(context);
	expect(third.facts.reported).toEqual(ALL_WELL);
	expect(third.facts.failing).toEqual(new Set());
	await third.finish(resultWith({ sync: third.facts }));
	const other = await open(context, 1);
	expect(other.facts.reported).toEqual(ALL_WELL);
	await other.finish(resultWith({ withheld: [withheldOf('h')], sync: other.facts }));
	const last = await open(context, 2);
	expect(last.facts.reported?.health).toBe('degraded');
	await last.finish(undefined);
});

test('A run whose state could not be kept says so in one line of the log, and in what it found.', async () => {
	passWaits();
	const { context, warnings } = contextOver(new Set());
	const session = await open(context);
	context.helpers.clearAllProcessedItems = async () => await Promise.reject(new Error('SQLITE_BUSY'));
	await session.finish(resultWith({ sync: session.facts }));
	expect(session.facts.notKept?.isTakenOver).toBe(false);
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatch(
		/^Sync in node 'Sync bindings' of workflow w: the sync state could not be kept: /,
	);
});
