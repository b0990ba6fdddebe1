import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';
import { runOperation } from '../../nodes/TencentCloudIot/run/runOperation';
import { startInTurn } from '../../nodes/TencentCloudIot/sync/startInTurn';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { attempt, newExecutionData } from './attempt.mts';

afterEach(() => void jest.restoreAllMocks());

const row = (CustomerId: string, DeviceId = 'P/D1') => ({
	CustomerId,
	DeviceId,
	CustomerDeviceNo: 'SN-1',
	ProductName: 'Lock',
});

/** The facts that a test sets about a run of the node. */
interface Scene {
	operation?: string;
	rows?: IDataObject[];
	options?: IDataObject;
	/** Changes to the stored parameters of a valid node. */
	parameters?: IDataObject;
	onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	isTool?: boolean;
	/** Changes to n8n's context. */
	changes?: object;
}

/** Runs the node as n8n does, but without expressions. Resolves to its items, hints and error. */
async function runNode({
	operation = 'push',
	rows = [row('a')],
	onError = 'stopWorkflow',
	...scene
}: Scene = {}) {
	const parameters: IDataObject = {
		resource: 'deviceBinding',
		operation,
		columns: { mappingMode: 'autoMapInputData', value: null },
		options: { dryRun: true, ...scene.options },
		...scene.parameters,
	};
	const type = scene.isTool === true ? 'tencentCloudIotTool' : 'tencentCloudIot';
	const node = {
		id: 'n',
		name: 'Push',
		type,
		parameters,
		onError,
		credentials: { tencentCloudIotApi: { id: '1', name: 'C' } },
	};
	const source = { main: [{ previousNode: 'Rows' }] };
	const hints: NodeExecutionHint[] = [];
	const lines: string[] = [];
	const context = {
		...attempt(newExecutionData()),
		getNode: () => node,
		getInputData: () => rows.map((json) => ({ json })),
		getExecuteData: () => ({ node, source, data: { main: [rows.map((json) => ({ json }))] } }),
		getCredentials: async () =>
			await Promise.resolve({
				appKey: 'key',
				appSecret: 'secret',
				platform: 'custom',
				endpoint: 'https://service.example/',
				nestedRule: 'json',
			}),
		continueOnFail: () => onError !== 'stopWorkflow',
		getNodeParameter: (name: string, _: number, fallback: unknown) => parameters[name] ?? fallback,
		addExecutionHints: (hint: NodeExecutionHint) => hints.push(hint),
		helpers: {},
		logger: { info: (line: string) => lines.push(line), warn: () => {}, debug: () => {} },
		...scene.changes,
	} as unknown as IExecuteFunctions;
	const result = await runOperation(context).then(
		(items) => ({ items, error: undefined }),
		(error: Error & { description?: string }) => ({ items: [], error }),
	);
	return { ...result, hints, lines };
}

const errorIn = ({ items }: Awaited<ReturnType<typeof runNode>>) => items[0]?.json['error'] as IDataObject;

test('A node without input items does nothing', async () => {
	const { items, hints, error } = await runNode({ rows: [] });
	expect([items, hints, error]).toEqual([[], [], undefined]);
});

describe('A run that is blocked', () => {
	const parameters = { operation: 'operationOfAnotherVersion' };

	test("stops the workflow with an error that has the name of n8n's error but not its class", async () => {
		const { error, hints } = await runNode({ parameters });
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringContaining('no such operation'),
		});
		expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
		expect(error?.description ?? undefined).toBeUndefined();
		expect(hints).toEqual([]);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'has one item for all rows and a warning if the node continues on failures: %s',
		async (onError) => {
			const run = await runNode({ parameters, onError, rows: [row('a'), row('b')] });
			expect(errorIn(run)).toMatchObject({ code: 'NO_SUCH_OPERATION', outcome: 'NOT_SENT', rows: [1, 2] });
			expect(run.items).toMatchObject([{ pairedItem: [{ item: 0 }, { item: 1 }] }]);
			expect(run.hints).toEqual([
				{ message: expect.stringContaining('no such operation'), type: 'warning', location: 'outputPane' },
			]);
		},
	);

	test('has an item for each row with One Output Item Per: Input Row', async () => {
		const rows = [row('a'), row('b')];
		const options = { outputItemPer: 'row' };
		const { items } = await runNode({ parameters, rows, options, onError: 'continueRegularOutput' });
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});
});

describe('An unexpected error', () => {
	const breaksAt = (name: string) => ({
		getNodeParameter: (parameter: string) => {
			if (parameter === name) {
				throw new Error('user_1 broke it.');
			}
			return parameter === 'resource' ? 'deviceBinding' : 'push';
		},
	});

	test.each<[scene: string, options: IDataObject, isNamed: boolean]>([
		['may name a customer by default', {}, true],
		['names no customer with Name Customers off', { nameCustomers: false }, false],
		['may name a customer with Name Customers on', { nameCustomers: true }, true],
	])('%s, and nothing was sent', async (_, options, isNamed) => {
		const changes = breaksAt('operation');
		const { error } = await runNode({ options, changes });
		expect([error!.message.includes('user_1'), error!.message.includes('Nothing was sent')]).toEqual([
			isNamed,
			true,
		]);
		const run = await runNode({ options, changes, onError: 'continueRegularOutput' });
		expect(errorIn(run)).toMatchObject({ code: 'UNEXPECTED', outcome: 'NOT_SENT' });
	});

	test('is reported even if there are no options to read', async () => {
		const changes = breaksAt('resource');
		const run = await runNode({ parameters: { options: undefined }, changes });
		expect(run.error?.message).toContain('user_1 broke it');
	});

	test('that is not an Error is reported without a reason', async () => {
		const changes = {
			getNodeParameter: () => {
				throw 'a text';
			},
		};
		expect((await runNode({ changes })).error?.message).toContain('no reason was given');
	});
});

describe('A model may not choose the operation', () => {
	test.each([
		[{ operation: "={{ $fromAI('operation') }}" }],
		[{ resource: "={{ $fromAI('resource') }}" }],
		[{ resource: '=deviceBinding', operation: '=push' }],
	])('by an expression: %j', async (parameters) => {
		const { error } = await runNode({ parameters, isTool: true });
		expect(error?.message).toMatch(/expression.*Nothing was sent/);
	});

	test('but a workflow may', async () => {
		const values: IDataObject = {
			resource: 'deviceBinding',
			operation: 'push',
			options: { dryRun: true },
		};
		const changes = {
			getNodeParameter: (name: string, _: number, fallback: unknown) => values[name] ?? fallback,
		};
		const parameters = { resource: '=deviceBinding', operation: '=push' };
		const { items } = await runNode({ parameters, changes });
		expect(items).toMatchObject([{ json: { Status: 'WOULD_SEND', CustomerId: 'a' } }]);
	});
});

describe('A Dry Run', () => {
	test.each<[scene: string, rows: IDataObject[], type: string]>([
		['says what would be sent', [row('a'), row('b', 'P/D2')], 'info'],
		['warns of a row that cannot be sent', [row('a'), row('b', 'no slash')], 'warning'],
	])('%s', async (_, rows, type) => {
		const { items, hints } = await runNode({ rows, onError: 'continueRegularOutput' });
		expect(items.map(({ json }) => json['Status'])).toEqual([
			'WOULD_SEND',
			type === 'info' ? 'WOULD_SEND' : 'NOT_SENT',
		]);
		expect(hints).toMatchObject([{ type, message: expect.stringMatching(/^Dry run/i) }]);
	});

	test('does not fail, even if the run would stop at an invalid row', async () => {
		const { error, hints } = await runNode({ rows: [row('a', 'no slash')] });
		expect([error, hints[0]?.type]).toEqual([undefined, 'warning']);
	});

	test('adds no counts to the execution, which n8n 1 could not take', async () => {
		const setAll = jest.fn();
		const setMetadata = jest.fn();
		await runNode({ changes: { customData: { setAll }, setMetadata } });
		expect([setAll.mock.calls, setMetadata.mock.calls]).toEqual([[], []]);
	});
});

test('A Sync that waits until another one has read its rows logs the wait', async () => {
	const clock = systemClock;
	const letNextStart = await startInTurn({ clock, signal: undefined, onWait: () => {} });
	const cancelled = { getExecutionCancelSignal: () => AbortSignal.abort() };
	const { lines } = await runNode({ operation: 'sync', changes: cancelled });
	letNextStart();
	expect(lines).toEqual([
		"Sync in node 'Push' of workflow w: waiting until the Syncs before it have read their rows.",
	]);
});
