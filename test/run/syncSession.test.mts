import { afterEach, expect, jest, test } from '@jest/globals';
import type { IExecuteFunctions, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { openSyncSession } from '../../nodes/TencentCloudIot/run/syncSession';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import type { Plan, Run } from '../../nodes/TencentCloudIot/run/run';
import type { SyncOptions } from '../../nodes/TencentCloudIot/sync/session';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import { resultWith, withheldOf } from '../support/runResults.mts';
import { claimInProcess } from '../../nodes/TencentCloudIot/sync/lock/claimInProcess';
import { DataTables } from '../../embedded/dataTables.mts';
import { executeInline } from '../../embedded/inlineWorkflow.mts';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { eventually } from '../support/eventually.mts';
import { memoryOf } from './attempt.mts';

const CREDENTIAL = {
	appKey: 'key',
	appSecret: 'secret',
	platform: 'custom',
	endpoint: 'https://service.example/',
	nestedRule: 'json',
};

/** The part of n8n's context that openSyncSession uses, over Data Tables whose statements a test can make fail. */
function contextOver(
	tables: DataTables,
	{ signal, workflow = { id: 'w' } }: { signal?: AbortSignal; workflow?: { id?: string } } = {},
) {
	const warnings: string[] = [];
	const state = {};
	const entries = new Set<string>();
	const database = { isBusy: false, calls: 0 };
	const context = {
		getContext: () => state,
		getExecutionId: () => '1',
		getWorkflow: () => workflow,
		getMode: () => 'trigger',
		getNode: () => ({ id: 'n', name: 'Sync bindings', type: 'tencentCloudIot' }),
		getTimezone: () => 'UTC',
		continueOnFail: () => false,
		getWorkflowDataProxy: () => ({ $runIndex: 0 }),
		getExecuteData: () => ({ node: { name: 'Sync bindings' } }),
		getCredentials: async () => CREDENTIAL,
		getExecutionCancelSignal: () => signal,
		executeWorkflow: async ({ code }: { code: IWorkflowBase }, items: INodeExecutionData[]) => {
			database.calls++;
			if (database.isBusy) {
				throw new Error('SQLITE_BUSY');
			}
			return await Promise.resolve(executeInline(code, items, tables));
		},
		logger: { warn: (line: string) => warnings.push(line) },
		helpers: {
			checkProcessedAndRecord: async (items: string[]) => {
				for (const item of items) {
					entries.add(item);
				}
				return await Promise.resolve({ new: [], processed: [] });
			},
			clearAllProcessedItems: async () => entries.clear(),
			getProcessedDataCount: async () => entries.size,
		},
	};
	return { context: context as unknown as IExecuteFunctions, warnings, database };
}

afterEach(() => void jest.restoreAllMocks());

/** Makes the waits of runs take no time. */
function passWaits(): void {
	const { nowMs, elapsedMs } = systemClock;
	let sleptMs = 0;
	jest.spyOn(systemClock, 'nowMs').mockImplementation(() => nowMs() + sleptMs);
	jest.spyOn(systemClock, 'elapsedMs').mockImplementation(() => elapsedMs() + sleptMs);
	jest.spyOn(systemClock, 'sleep').mockImplementation(async (ms) => {
		sleptMs += ms;
		await Promise.resolve();
	});
}

const run = { options: { dryRun: false, timeout: 30 } } as unknown as Run;
const options: SyncOptions = {
	longestRunMinutes: 0,
	pushAgainAfterDays: 7,
	sendAll: false,
	checks: { stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: '' },
};
const plan = {
	calls: [{ parameters: {}, itemIndexes: [0], customer: { id: 'a', devices: [] } }],
	withheld: [],
	earlierFates: [undefined],
	ledger: undefined,
} as unknown as Plan;
const open = async (context: IExecuteFunctions, runIndex = 0, startMs = systemClock.elapsedMs()) => {
	const runContext = { ...context, getWorkflowDataProxy: () => ({ $runIndex: runIndex }) as never };
	const ports = {
		credential: new Credential(context),
		openTables: () => new ProjectTables(context),
		deduplication: context.helpers,
		log: context.logger,
	} as unknown as Run['ports'];
	const execution = new Execution(runContext);
	const runWithMemory = { ...run, startMs, execution, ports, memory: memoryOf(runContext) };
	return await openSyncSession(runWithMemory, plan, options, () => undefined);
};

/** Leaves the lock row as a killed run does. */
function killOwner(tables: DataTables): void {
	const everyRow = { columnName: 'owner', condition: 'isNotEmpty', value: null } as const;
	tables.edit('tencent_iot_sync', { type: 'and', filters: [everyRow] }, { owner: 'a dead run' });
}

test('A run that has to wait for an earlier one logs once how long it waits.', async () => {
	const cancel = new AbortController();
	const tables = new DataTables();
	const first = await open(contextOver(tables).context);
	await first.finish(resultWith());
	killOwner(tables);
	const { context, warnings } = contextOver(tables, cancel);
	const opening = open(context);
	await eventually(() => warnings.length, 1);
	cancel.abort();
	const session = await opening;
	expect(session.blocked?.code).toBe('CANCELLED');
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatch(/^Sync in node 'Sync bindings' of workflow w: .*Waiting 5\d seconds/);
	await session.finish(undefined);
});

test('A run that read its rows a minute ago sends nothing if another run has finished since then.', async () => {
	passWaits();
	const { context } = contextOver(new DataTables());
	const first = await open(context);
	await first.finish(resultWith());
	const waited = await open(context, 0, systemClock.elapsedMs() - 60_000);
	expect(waited.blocked?.code).toBe('ALREADY_RUNNING');
	await waited.finish(undefined);
	const next = await open(context);
	expect(next.blocked).toBeUndefined();
	await next.finish(resultWith());
});

test('A run that does not have to wait logs nothing.', async () => {
	passWaits();
	const { context, warnings } = contextOver(new DataTables());
	const session = await open(context);
	expect(session.blocked).toBeUndefined();
	expect(warnings).toEqual([]);
	await session.finish(resultWith());
});

test('A second run in the same process is blocked without reading what was reported.', async () => {
	const { context, database } = contextOver(new DataTables());
	const release = claimInProcess('w n')!;
	const { facts, blocked } = await open(context);
	release();
	expect(facts).toMatchObject({ stateCondition: 'interrupted', lastReport: undefined, gone: undefined });
	expect(blocked?.code).toBe('ALREADY_RUNNING');
	expect(database.calls).toBe(0);
});

test.each([{}, { id: '' }])(
	'A workflow without an id (%j) does not block an unsaved workflow of another user',
	async (workflow) => {
		const first = await open(contextOver(new DataTables(), { workflow }).context);
		const second = await open(contextOver(new DataTables(), { workflow }).context);
		expect([first.blocked, second.blocked]).toEqual([undefined, undefined]);
		await first.finish(resultWith());
		await second.finish(resultWith());
	},
);

test('A further attempt starts from the report before the first attempt, whose report nobody saw.', async () => {
	passWaits();
	const { context } = contextOver(new DataTables());
	const release = claimInProcess('w n')!;
	await open(context);
	release();
	const session = await open(context);
	expect(session.facts.lastReport).toEqual(ALL_WELL);
	await session.finish(resultWith({ withheld: [withheldOf('h')], sync: session.facts }));
	const third = await open(context);
	expect(third.facts.lastReport).toEqual(ALL_WELL);
	expect(third.facts.reportedFailures).toEqual(new Set());
	await third.finish(resultWith({ sync: third.facts }));
	const other = await open(context, 1);
	expect(other.facts.lastReport).toEqual(ALL_WELL);
	await other.finish(resultWith({ withheld: [withheldOf('h')], sync: other.facts }));
	const last = await open(context, 2);
	expect(last.facts.lastReport?.health).toBe('degraded');
	await last.finish(undefined);
});

test('A further attempt after one that could not read the state starts from the stored report.', async () => {
	passWaits();
	const { context, database } = contextOver(new DataTables());
	const earlier = await open(context);
	await earlier.finish(resultWith({ withheld: [withheldOf('h')], sync: earlier.facts }));
	database.isBusy = true;
	const first = await open(context, 1);
	expect(first.blocked?.code).toBe('STATE_NOT_USABLE');
	await first.finish(resultWith({ blocked: first.blocked, sync: first.facts }));
	database.isBusy = false;
	const second = await open(context, 1);
	expect(second.facts.lastReport).toMatchObject({ health: 'degraded', stop: '' });
	await second.finish(resultWith({ sync: second.facts }));
});

test('A run whose state could not be stored says so in one line of the log and in its facts.', async () => {
	passWaits();
	const { context, warnings, database } = contextOver(new DataTables());
	const session = await open(context);
	database.isBusy = true;
	await session.finish(resultWith({ sync: session.facts }));
	expect(session.facts.notKept?.kind).toBe('unknown');
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatch(
		/^Sync in node 'Sync bindings' of workflow w: n8n's database did not respond within .* whether the sync state was kept/,
	);
});
