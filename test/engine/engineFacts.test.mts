import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { n8nWorkflow, runNode } from '../../embedded/embeddedEngine.mts';
import { nodeReturning, nodeThat } from './throwAwayNode.mts';

const rows = [{ customer: 'A' }, { customer: 'B' }];
const json = (items: INodeExecutionData[]) => items.map((item) => item.json);

describe('A throw', () => {
	const nodeType = nodeThat(async () => {
		throw new n8nWorkflow.UserError('No way');
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'sends the input items to the success output of a successful execution with On Error %s.',
		async (onError) => {
			const result = await runNode({ rows, nodeType, onError });
			expect(result.status).toBe('success');
			expect(json(result.success)).toEqual(rows);
			expect(result.error).toEqual([]);
			expect(result.runs[0]?.error?.message).toBe('No way');
			expect(result.failure).toBeUndefined();
		},
	);

	test('fails the execution and passes no items on with On Error stopWorkflow.', async () => {
		const result = await runNode({ rows, nodeType });
		expect(result.status).toBe('error');
		expect(result.failure?.message).toBe('No way');
		expect([...result.success, ...result.error]).toEqual([]);
	});
});

describe('An item with the property `error`', () => {
	test('is reduced to the message of its error, on the success output too.', async () => {
		const error = new n8nWorkflow.NodeOperationError(
			{ id: '', name: '', type: '', typeVersion: 1, position: [0, 0], parameters: {} },
			'Refused',
		);
		const nodeType = nodeThat(async () => [[{ json: { customer: 'A' }, error, pairedItem: 0 }]]);
		const result = await runNode({ rows, nodeType, onError: 'continueRegularOutput' });
		expect(json(result.success)).toEqual([{ error: 'Refused' }]);
	});
});

describe('With an error output, an item', () => {
	const errorItems: IDataObject[] = [
		{ error: { message: 'Refused', customer: 'A' } },
		{ error: 'Refused' },
		{ error: 'Refused', message: 'Refused' },
		{ error: 'Refused', details: { customer: 'A' } },
	];
	const successItems: IDataObject[] = [
		{ error: 'Refused', customer: 'A' },
		{ error: '', message: 'Refused' },
		{ message: 'Refused' },
	];

	test.each(errorItems)('goes to the error output when its json is %j.', async (item) => {
		const result = await runNode({
			rows,
			nodeType: nodeReturning({ json: item }, { json: {} }),
			onError: 'continueErrorOutput',
		});
		expect(json(result.error)).toEqual([item]);
		expect(json(result.success)).toEqual([{}]);
	});

	test.each(successItems)('goes to the success output when its json is %j.', async (item) => {
		const nodeType = nodeReturning({ json: item, pairedItem: 0 });
		const result = await runNode({ rows, nodeType, onError: 'continueErrorOutput' });
		expect(json(result.success)).toEqual([item]);
		expect(result.error).toEqual([]);
	});

	test('linked to several rows gets the columns of the first row only.', async () => {
		const nodeType = nodeReturning({
			json: { error: { message: 'Refused' } },
			pairedItem: [{ item: 0 }, { item: 1 }],
		});
		const result = await runNode({
			rows: [
				{ customer: 'A', first: true },
				{ customer: 'B', second: true },
			],
			nodeType,
			onError: 'continueErrorOutput',
		});
		expect(json(result.error)).toEqual([{ customer: 'A', first: true, error: { message: 'Refused' } }]);
	});

	test('that the node itself puts on a second output is lost.', async () => {
		const nodeType = nodeThat(async () => [
			[{ json: { on: 'success' }, pairedItem: 0 }],
			[{ json: { on: 'error' }, pairedItem: 1 }],
		]);
		const result = await runNode({ rows, nodeType, onError: 'continueErrorOutput' });
		expect(json(result.success)).toEqual([{ on: 'success' }]);
		expect(result.error).toEqual([]);
	});
});

describe('What is stored', () => {
	test('of a node error includes the node with all its parameters.', async () => {
		const nodeType = nodeThat(
			async function () {
				throw new n8nWorkflow.NodeOperationError(this.getNode(), 'Refused');
			},
			['note'],
		);
		const result = await runNode({ rows, nodeType, parameters: { note: 'seen by every reader' } });
		expect(JSON.stringify(result.failure)).toContain('seen by every reader');
	});

	test('of a hint is in the hints of the node, with its type and location.', async () => {
		const hint = { message: '2 customers pushed', type: 'info', location: 'outputPane' } as const;
		const nodeType = nodeThat(async function () {
			this.addExecutionHints(hint);
			return [[]];
		});
		const result = await runNode({ rows, nodeType });
		expect(result.hints).toEqual([hint]);
		expect(result.run.data.resultData.runData.Node?.[0]?.hints).toEqual([hint]);
	});

	test('of a node that throws has none of its hints.', async () => {
		const nodeType = nodeThat(async function () {
			this.addExecutionHints({ message: 'Lost', location: 'outputPane' });
			throw new n8nWorkflow.UserError('No way');
		});
		const result = await runNode({ rows, nodeType, onError: 'continueRegularOutput' });
		expect(result.hints).toEqual([]);
	});
});
