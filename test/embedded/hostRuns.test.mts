import { createConnection } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { loadBuiltNode, n8nWorkflow, runNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import { nodeReturning, nodeThat } from '../engine/throwAwayNode.mts';

const rows = [{ customer: 'A' }];
const ok = nodeReturning({ json: { status: 'OK' } });

/** The prototype right below that of Object: `Error.prototype` of the realm in which an error was made. */
function rootClass(error: unknown): unknown {
	const above: unknown = Object.getPrototypeOf(error);
	return Object.getPrototypeOf(Object.getPrototypeOf(above)) === null ? above : rootClass(above);
}

describe('A run', () => {
	test('waits for its turn, so two runs started together do not mix their logs.', async () => {
		const logging = (text: string) =>
			nodeThat(async function () {
				await n8nWorkflow.sleep(5);
				this.logger.info(text);
				return [[]];
			});
		const results = await Promise.all(
			['one', 'two'].map((text) => runNode({ rows, nodeType: logging(text) })),
		);
		const infos = results.map(({ logs }) =>
			logs.filter(({ level }) => level === 'info').map((l) => l.message),
		);
		expect(infos).toEqual([['one'], ['two']]);
	});

	test('that is cancelled before it starts runs no node.', async () => {
		const result = await runNode({ rows, nodeType: ok, signal: AbortSignal.abort() });
		expect(result.status).toBe('canceled');
		expect(result.run.data.resultData.runData).toEqual({});
	});

	test('leaves no timer, socket or other handle behind.', async () => {
		const before = process.getActiveResourcesInfo();
		await runNode({ rows, nodeType: ok, executionTimeoutSeconds: 60, egressPolicy: {} });
		expect(process.getActiveResourcesInfo()).toEqual(before);
	});

	test('runs outside the sandbox of the tests, so an Error from a socket is an instance of Error.', async () => {
		const error = await new Promise((resolve) => createConnection(1, '127.0.0.1').once('error', resolve));
		expect(rootClass(new n8nWorkflow.UserError('Mine'))).toBe(rootClass(error));
	});
});

describe('A run fails', () => {
	test('for a workflow with a node of an unknown type.', async () => {
		const node = { id: '1', name: 'Lost', type: 'lost', typeVersion: 1, parameters: {} };
		const run = runWorkflow({ nodes: [{ ...node, position: [0, 0] }], connections: {}, nodeTypes: {} });
		await expect(run).rejects.toThrow('Node Type "lost" is not known');
	});

	test('for a package that has not been built, with the missing path in the message.', () => {
		expect(() => loadBuiltNode('/nowhere')).toThrow(
			'The package is not built: /nowhere/nodes/TencentCloudIot/TencentCloudIot.node.js is missing.',
		);
	});
});
