import { describe, expect, test } from '@jest/globals';
import type { IExecuteWorkflowInfo, INodeExecutionData } from 'n8n-workflow';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import { equal, type TableStep, TableUnusable } from '../../nodes/TencentCloudIot/tables/dataTables';

interface Call {
	readonly workflow: IExecuteWorkflowInfo;
	readonly items: INodeExecutionData[] | undefined;
	readonly isUnheard: boolean;
}

/** A context that notes what is asked for, and answers it. */
function contextWith(answer: (call: Call) => INodeExecutionData[], signal?: AbortSignal) {
	const calls: Call[] = [];
	const context = {
		executeWorkflow: async (
			workflow: IExecuteWorkflowInfo,
			items?: INodeExecutionData[],
			_manager?: unknown,
			options?: { doNotWaitToFinish?: boolean },
		) => {
			const call = { workflow, items, isUnheard: options?.doNotWaitToFinish === true };
			calls.push(call);
			const found = answer(call);
			return await Promise.resolve({ executionId: '1', data: [call.isUnheard ? null : found] });
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

describe('Errors of n8n that trying again does not change are told apart:', () => {
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
	test('Any other error says nothing of what took effect.', async () => {
		const { tables } = contextWith(fails('Connection terminated unexpectedly'));
		await expect(tables.run([UPDATE])).rejects.toThrow('Connection terminated unexpectedly');
	});
});

describe('When the execution is over,', () => {
	const over = AbortSignal.abort();
	test('a change that fails is sent once more without waiting, and only once.', async () => {
		const { tables, calls } = contextWith(({ isUnheard }) => {
			if (isUnheard) {
				return [];
			}
			throw new Error('The execution was cancelled');
		}, over);
		const steps = [{ do: 'find', nameContains: 'table' }, UPDATE] as const;
		await expect(tables.run(steps)).rejects.toThrow('cancelled');
		await expect(tables.run(steps)).rejects.toThrow('cancelled');
		expect(calls.map(({ isUnheard }) => isUnheard)).toEqual([false, true, false]);
	});
	test('a change that succeeds is not, nor is a reading that fails.', async () => {
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

test.each(STEPS)('No value of the step $do is evaluated, and none has a NUL.', async (step) => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([step]);
	const [call] = calls;
	const evaluated = parametersOf(call!).filter((text) => text.startsWith('='));
	expect(evaluated.filter((text) => text.includes(VALUE))).toEqual([]);
	const sent = JSON.stringify([call!.items, call!.workflow]);
	expect(sent).toContain(VALUE);
	expect(sent).not.toContain('\\u0000');
});

test('A value is a parameter as it is, and one that n8n would evaluate is read from the item.', async () => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([{ ...UPDATE, set: { a: '=1+1', b: '{{ 1 }}', c: null, d: 2, e: '' } }]);
	const [, update] = calls[0]!.workflow.code!.nodes;
	expect(update!.parameters['columns']).toEqual({
		mappingMode: 'defineBelow',
		value: { a: expect.stringMatching(/^=\{\{ .* \}\}$/), b: '{{ 1 }}', c: null, d: 2, e: '' },
	});
	expect(Object.values(calls[0]!.items![0]!.json)).toContain('=1+1');
});

test('A call of which only the last step answers needs no node that gathers answers.', async () => {
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

test('Its workflow has settings of its own, so that it never takes those of the workflow that asks.', async () => {
	const { tables, calls } = contextWith(() => []);
	await tables.run([UPDATE]);
	expect(calls[0]!.workflow.code?.settings).toMatchObject({
		callerPolicy: 'workflowsFromSameOwner',
		saveDataErrorExecution: 'none',
		saveDataSuccessExecution: 'none',
		executionTimeout: -1,
	});
});

test('The answers are told apart by the item that ends each of them, whatever they hold.', async () => {
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

test('A name that could be more than a name in an expression is refused.', async () => {
	const { tables } = contextWith(() => []);
	const read = { do: 'read', table: { name: "x' + $env.SECRET + '" } } as const;
	await expect(tables.run([{ do: 'list', nameContains: 'x' }, read])).rejects.toThrow('letters, digits');
});
