import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { rowsNode, runNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import { nodeReturning, nodeThat } from './throwAwayNode.mts';

const rows = [{ customer: 'A' }, { customer: 'B' }];
const links = (items: INodeExecutionData[]) => items.map((item) => item.pairedItem);
const itemOf = (json: IDataObject, pairedItem: INodeExecutionData['pairedItem']): INodeExecutionData =>
	pairedItem === undefined ? { json } : { json, pairedItem };
const errorItem = (pairedItem: INodeExecutionData['pairedItem']) =>
	nodeReturning(itemOf({ error: { message: 'Refused' } }, pairedItem));

/** Rows → a node that returns one item with this link → a node that evaluates `expression` for each incoming item. */
async function readDownstream(pairedItem: INodeExecutionData['pairedItem'], expression: string) {
	const reader = nodeThat(
		async function () {
			const read = (_item: unknown, index: number) => ({ read: this.getNodeParameter('value', index) });
			return [this.getInputData().map((item, index) => ({ json: read(item, index) as IDataObject }))];
		},
		['value'],
	);
	const node = (name: string, parameters = {}) => ({
		id: name,
		name,
		type: name,
		typeVersion: 1,
		parameters,
		position: [0, 0] as [number, number],
	});
	const to = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 }]] });
	const { run } = await runWorkflow({
		nodes: [node('Rows'), node('Node'), node('Reader', { value: expression })],
		connections: { Rows: to('Node'), Node: to('Reader') },
		nodeTypes: {
			Rows: rowsNode(rows.map((json) => ({ json }))),
			Node: nodeReturning(itemOf({ status: 'OK' }, pairedItem)),
			Reader: reader,
		},
	});
	const { runData, error } = run.data.resultData;
	return error?.message ?? runData.Reader?.[0]?.data?.main?.[0]?.[0]?.json.read;
}

describe('A link to a row that does not exist', () => {
	test('on an error item makes the node fail and sends its input to the success output.', async () => {
		const nodeType = errorItem({ item: 7 });
		const result = await runNode({ rows, nodeType, onError: 'continueErrorOutput' });
		expect(result.runs[0]?.error?.message).toContain('Paired item data');
		expect(result.success.map(({ json }) => json)).toEqual(rows);
		expect(result.error).toEqual([]);
	});

	test('goes unnoticed on a success item until a later node reads the row.', async () => {
		expect(await readDownstream({ item: 7 }, '={{ $json.status }}')).toBe('OK');
		expect(await readDownstream({ item: 7 }, "={{ $('Rows').item.json.customer }}")).toContain(
			'Paired item data',
		);
	});
});

describe('A link to one row', () => {
	test.each([{ item: 1 }, 1, [{ item: 1 }]])('written as %j leads later nodes to that row.', async (link) => {
		expect(await readDownstream(link, "={{ $('Rows').item.json.customer }}")).toBe('B');
	});

	test('written as a number keeps the columns of the row out of an error item.', async () => {
		const result = await runNode({ rows, nodeType: errorItem(1), onError: 'continueErrorOutput' });
		expect(result.error.map(({ json }) => json)).toEqual([{ error: { message: 'Refused' } }]);
	});
});

describe('Links to several rows', () => {
	const several = [{ item: 0 }, { item: 1 }];

	test('arrive unchanged.', async () => {
		const nodeType = nodeReturning({ json: { status: 'OK' }, pairedItem: several });
		const result = await runNode({ rows, nodeType, onError: 'continueErrorOutput' });
		expect(links(result.success)).toEqual([several]);
	});

	test('leave $json readable in later nodes, but the rows are ambiguous.', async () => {
		expect(await readDownstream(several, '={{ $json.status }}')).toBe('OK');
		expect(await readDownstream(several, "={{ $('Rows').item.json.customer }}")).toBe(
			'Multiple matches found',
		);
	});
});
