import type { ICredentialType, IDataObject, INodeType } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { n8nWorkflow, runNode } from '../../embedded/embeddedEngine.mts';
import { nodeThat } from '../engine/throwAwayNode.mts';

const rows = [{ customer: 'A' }];

const credentialType: ICredentialType = {
	name: 'throwAwayApi',
	displayName: 'Throw-Away API',
	properties: [
		{ displayName: 'Key', name: 'key', type: 'string', default: '' },
		{ displayName: 'Platform', name: 'platform', type: 'string', default: 'china' },
	],
	authenticate: async (data, request) => ({
		...request,
		body: { ...(request.body as object), signedWith: data.key },
	}),
};

function withCredential(nodeType: INodeType): INodeType {
	const credentials = [{ name: credentialType.name, required: true }];
	return { ...nodeType, description: { ...nodeType.description, credentials } };
}

describe('A node on the host', () => {
	test.each(['vm', 'legacy'] as const)(
		'evaluates expressions with the %s engine.',
		async (expressionEngine) => {
			const nodeType = nodeThat(
				async function () {
					const engine = n8nWorkflow.Expression.getActiveImplementation();
					return [[{ json: { engine, value: this.getNodeParameter('value', 0) } as IDataObject }]];
				},
				['value'],
			);
			const result = await runNode({
				rows: [{ since: new Date(0) }],
				nodeType,
				parameters: { value: '={{ $json.since.getTime() + 1 }}' },
				expressionEngine,
			});
			expect(result.success.map(({ json }) => json)).toEqual([{ engine: expressionEngine, value: 1 }]);
		},
	);

	test('gets the configured credential, completed with the defaults of its fields.', async () => {
		const nodeType = withCredential(
			nodeThat(async function () {
				return [[{ json: await this.getCredentials(credentialType.name) }]];
			}),
		);
		const result = await runNode({ rows, nodeType, credentialType, credentials: { key: 'k' } });
		expect(result.success.map(({ json }) => json)).toEqual([{ key: 'k', platform: 'china' }]);
	});

	test('gets an error from the engine when no credential is configured.', async () => {
		const nodeType = withCredential(
			nodeThat(async function () {
				return [[{ json: await this.getCredentials(credentialType.name) }]];
			}),
		);
		const result = await runNode({ rows, nodeType, credentialType });
		expect(result.failure?.message).toBe('Node does not have any credentials set');
	});
});
