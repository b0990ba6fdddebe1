import { expect, test } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Operation } from '../../nodes/TencentCloudIot/operation';
import { beginRemembered } from '../../nodes/TencentCloudIot/run/beginRemembered';
import type { Plan } from '../../nodes/TencentCloudIot/run/plan';
import { IN_PROGRESS } from '../../nodes/TencentCloudIot/sync/stateEntries';
import { claimRun } from '../../nodes/TencentCloudIot/sync/state/begun';

const CREDENTIAL = {
	appKey: 'key',
	appSecret: 'secret',
	platform: 'custom',
	endpoint: 'https://service.example/',
	nestedRule: 'json',
};

/** What beginRemembered uses of an execution, over a memory with these entries. */
function contextOver(entries: Set<string>, { signal }: { signal?: AbortSignal } = {}) {
	const warnings: string[] = [];
	const state = {};
	const context = {
		getContext: () => state,
		getExecutionId: () => '1',
		getWorkflow: () => ({ id: 'w' }),
		getNode: () => ({ id: 'n', name: 'Sync bindings' }),
		getCredentials: async () => CREDENTIAL,
		getExecutionCancelSignal: () => signal,
		logger: { warn: (line: string) => warnings.push(line) },
		helpers: {
			checkProcessedAndRecord: async (items: string[]) => {
				const processed = items.filter((item) => entries.has(item));
				for (const item of items) entries.add(item);
				return { new: [], processed };
			},
			removeProcessed: async (items: string[]) => items.forEach((item) => entries.delete(item)),
			clearAllProcessedItems: async () => entries.clear(),
			getProcessedDataCount: async () => entries.size,
		},
	};
	return { context: context as unknown as IExecuteFunctions, warnings };
}

const operation = {
	replaces: { owner: 'CustomerId', members: 'DeviceInfos' },
} as unknown as Operation<unknown>;
const options = { dryRun: false, longestRun: 0, pushAgainAfter: 7, send: 'changed', stopAbove: 50 } as never;
const plan = {
	calls: [{ parameters: { CustomerId: 'a', DeviceInfos: [] }, itemIndexes: [0] }],
	heldBack: [],
	earlier: [undefined],
	ledger: undefined,
} as unknown as Plan;

test('A run that has to wait for an earlier one says so in the log, once, and for how long.', async () => {
	const cancel = new AbortController();
	const { context, warnings } = contextOver(new Set([IN_PROGRESS]), cancel);
	const begun = beginRemembered({ context, operation, options }, plan);
	setTimeout(() => cancel.abort(), 50);
	const remembered = await begun;
	expect(remembered.begun.stopped?.code).toBe('CANCELLED');
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toMatch(/^Sync in node 'Sync bindings' of workflow w: .*up to 30 seconds/);
	await remembered.end('failing');
});

test('A run that has nobody to wait for says nothing in the log.', async () => {
	const { context, warnings } = contextOver(new Set());
	const remembered = await beginRemembered({ context, operation, options }, plan);
	expect(remembered.begun.stopped).toBeUndefined();
	expect(warnings).toEqual([]);
	await remembered.end('ok');
});

test('A second run in the same process does not tell of another health than the first one will.', async () => {
	const entries = new Set<string>();
	const { context } = contextOver(entries);
	const release = claimRun('w n')!;
	const { begun } = await beginRemembered({ context, operation, options }, plan);
	release();
	expect(begun).toMatchObject({
		state: 'doubted',
		healthBefore: 'failing',
		stopped: { code: 'ALREADY_RUNNING' },
	});
	expect(entries.size).toBe(0);
});

test('Another try after the second run knows how the first one ended.', async () => {
	const { context } = contextOver(new Set());
	const release = claimRun('w n')!;
	await beginRemembered({ context, operation, options }, plan);
	release();
	const again = { ...plan, ledger: { isNew: false } } as Plan;
	const remembered = await beginRemembered({ context, operation, options }, again);
	expect(remembered.healthTold).toBe('ok');
	await remembered.end('failing');
	const third = await beginRemembered({ context, operation, options }, again);
	expect([third.begun.healthBefore, third.healthTold]).toEqual(['failing', 'ok']);
	await third.end('ok');
});
