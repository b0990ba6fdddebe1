import { describe, expect, test } from '@jest/globals';
import type { IExecuteWorkflowInfo, INodeExecutionData } from 'n8n-workflow';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import { equal, type TableStep, TableUnusable } from '../../nodes/TencentCloudIot/tables/dataTables';

interface Call {
	readonly workflow: IExecuteWorkflowInfo;
	readonly items: INodeExecutionData[] | undefined;
	readonly isNotAwaited: boolean;
}

/** A context that records the calls and responds to them. */
function contextWith(answer: (call: Call) => INodeExecutionData[], signal?: AbortSignal) {
	const calls: Call[] = [];
	const context = {
		executeWorkflow: async (
			workflow: IExecuteWorkflowInfo,
			items?: INodeExecutionData[],
			_manager?: unknown,
			options?: { doNotWaitToFinish?: boolean },
		) => {
			const call = { workflow, items, isNotAwaited: options?.doNotWaitToFinish === true };
			calls.push(call);
			const rows = answer(call);
			return await Promise.resolve({ executionId: '1', data: [call.isNotAwaited ? null : rows] });
		},
		getExecutionCancelSignal: () => signal,
	} as unknown as ConstructorParameters<typeof ProjectTables>[0];
	return { calls, tables: new ProjectTables(context) };
}

const fails = (message: string) => () => {
	throw new Error(message);
};

const UPDATE = {
	do: 'update',
	table: { id: 'table1' },
	where: { every: [equal('id', 1), equal('stamp', '={{ $env.SECRET }}')] },
	set: { stamp: '=2' },
} as const;

describe('Errors of n8n that a retry cannot change are distinguished:', () => {
	test.each([
		['Attempted to use Data table node but the module is disabled', 'absent'],
		['Unrecognized node type: n8n-nodes-base.dataTable', 'absent'],
		['Could not get parameter "operation"', 'tooOld'],
		["Cannot read properties of undefined (reading 'execute')", 'tooOld'],
		[
			'Validation error with data table request: Data table size limit exceeded: 200MB used, limit is 200MB',
			'full',
		],
		["Validation error with data table request: unknown column name 'key'", 'otherColumns'],
		['Filter validation failed: Column(s) "key" do not exist in the selected table.', 'otherColumns'],
		['The sub-workflow (abc) cannot be called by this workflow', 'notAllowed'],
		["Data table with ID 'abc' could not be found in this project", 'notFound'],
		["Could not find the data table: 'abc'", 'notFound'],
	])('%s', async (message, why) => {
		const { tables } = contextWith(fails(message));
		const refusal: unknown = await tables.run([UPDATE]).catch((cause: unknown) => cause);
		expect(refusal).toBeInstanceOf(TableUnusable);
		expect(refusal).toMatchObject({ why, cause: { message } });
	});
	test('Any other error is passed on, because the statement may have taken effect.', async () => {
		const { tables } = contextWith(fails('Connection terminated unexpectedly'));
		await expect(tables.run([UPDATE])).rejects.toThrow('Connection terminated unexpectedly');
	});
});

describe('When the execution is over,', () => {
	const over = AbortSignal.abort();
	test('a failed change is sent once more without waiting for it, and only once.', async () => {
		const { tables, calls } = contextWith(({ isNotAwaited }) => {
			if (isNotAwaited) {
				return [];
			}
			throw new Error('The execution was cancelled');
		}, over);
		const steps = [{ do: 'find', nameContains: 'table' }, UPDATE] as const;
		await expect(tables.run(steps)).rejects.toThrow('cancelled');
		await expect(tables.run(steps)).rejects.toThrow('cancelled');
		expect(calls.map(({ isNotAwaited }) => isNotAwaited)).toEqual([false, true, false]);
	});
	test('a successful change or a failed read is not sent again.', async () => {
		const working = contextWith(() => [], over);
		await working.tables.run([UPDATE]);
		const reading = contextWith(fails('cancelled'), over);
		await expect(reading.tables.run([{ do: 'read', table: { id: 'table1' } }])).rejects.toThrow('cancelled');
		expect([working.calls.length, reading.calls.length]).toEqual([1, 1]);
	});
});

/** Every text in the parameters of the nodes. */
function parametersOf({ workflow }: Call): string[] {
	const texts: string[] = [];
	JSON.stringify(
		workflow.code?.nodes.map(({ parameters }) => parameters),
		(_, value: unknown) => {
			if (typeof value === 'string') {
				texts.push(value);
			}
			return value;
		},
	);
	return texts;
}

const VALUE = 'ΩΩΩ';
const STEPS: TableStep[] = [
	{ do: 'list', nameContains: `=${VALUE}` },
	{ do: 'create', name: `=${VALUE}`, columns: { a: 'string' } },
	{ do: 'read', table: { name: 'table_1' }, where: { every: [equal('a', `=${VALUE}`)] } },
	{ do: 'insert', table: { id: 'table1' }, rows: [{ a: `=${VALUE}` }] },
	{ do: 'update', table: { id: 'table1' }, where: { some: [equal('a', VALUE)] }, set: { a: `=${VALUE}` } },
	{ do: 'remove', table: { id: 'table1' }, where: { some: [equal('a', `=${VALUE}\0`)] } },
];

test.each(STEPS)('n8n evaluates no value of the step $do, and no value has a NUL.', async (step) => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([step]);
	const [call] = calls;
	const evaluated = parametersOf(call!).filter((text) => text.startsWith('='));
	expect(evaluated.filter((text) => text.includes(VALUE))).toEqual([]);
	const sent = JSON.stringify([call!.items, call!.workflow]);
	expect(sent).toContain(VALUE);
	expect(sent).not.toContain('\\u0000');
});

test('A value is passed as a parameter, except one that n8n would evaluate, which is read from the item.', async () => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([{ ...UPDATE, set: { a: '=1+1', b: '{{ 1 }}', c: null, d: 2, e: '' } }]);
	const [, update] = calls[0]!.workflow.code!.nodes;
	expect(update!.parameters['columns']).toEqual({
		mappingMode: 'defineBelow',
		value: { a: expect.stringMatching(/^=\{\{ .* \}\}$/), b: '{{ 1 }}', c: null, d: 2, e: '' },
	});
	expect(Object.values(calls[0]!.items![0]!.json)).toContain('=1+1');
});

test('A call with a result only in its last step needs no node that collects results.', async () => {
	const { tables, calls } = contextWith(() => []);
	const table = { name: 'table_1' } as const;
	await tables.run([
		{ do: 'find', nameContains: 'table' },
		{ do: 'insert', table, rows: [{ a: '1' }] },
		{ ...UPDATE, table },
	]);
	const types = calls[0]!.workflow.code!.nodes.map(({ type }) => type.split('.')[1]);
	expect(types).toEqual(['executeWorkflowTrigger', 'dataTable', 'dataTable', 'dataTable']);
});

test('The inline workflow has its own settings, so that it does not inherit those of the calling workflow.', async () => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([UPDATE]);
	expect(calls[0]!.workflow.code?.settings).toMatchObject({
		callerPolicy: 'workflowsFromSameOwner',
		saveDataErrorExecution: 'none',
		saveDataSuccessExecution: 'none',
		executionTimeout: -1,
	});
});

test('The results of several steps are separated by the item that ends each of them.', async () => {
	const end = { json: { isEndOfResult: true } };
	const listed = { json: { id: 'table1', name: 'table_1', columns: [{ name: 'a', type: 'string' }] } };
	const { tables } = contextWith(() => [
		listed,
		end,
		{ json: {} },
		end,
		{ json: { id: 2, a: 'x' } },
		{ json: { id: 1, a: 'y' } },
		end,
	]);
	const read = { do: 'read', table: { name: 'table_1' } } as const;
	expect(await tables.run([{ do: 'list', nameContains: 'table' }, read, read])).toEqual([
		[{ id: 'table1', name: 'table_1', columns: ['a'] }],
		[],
		[
			{ id: 1, a: 'y' },
			{ id: 2, a: 'x' },
		],
	]);
});

test('A table name that could inject code into an expression is refused.', async () => {
	const { tables } = contextWith(() => []);
	const read = { do: 'read', table: { name: "x' + $env.SECRET + '" } } as const;
	await expect(tables.run([{ do: 'list', nameContains: 'x' }, read])).rejects.toThrow('letters, digits');
});
