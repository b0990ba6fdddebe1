import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { INodeTypeDescription } from 'n8n-workflow';
import { demoWorld } from '../../../simulator/demoWorld/demoWorld.mts';
import { FILLED_IN, TOUR_ROW } from '../../support/demoTour.mts';
import { CREDENTIAL_TYPE, node, PUSH_NODE_TYPE, workflowOfRows } from '../n8n/workflow.mts';
import { setScene, type Scene } from './scene.mts';

/** The operation that n8n itself adds to each resource: it opens HTTP Request with the credential. */
const OF_N8N = '.__CUSTOM_API_CALL__';

let scene: Scene;
before(async () => {
	scene = await setScene(demoWorld(Date.now()));
});
after(async () => await scene?.end());

test('The demo world has something for each operation that the editor offers.', async () => {
	const [description] = await scene.server.client.session.request<INodeTypeDescription[]>(
		'POST',
		'/node-types',
		{ nodeInfos: [{ name: PUSH_NODE_TYPE, version: 1 }] },
	);
	const offered = description!.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options = [], displayOptions }) =>
			options.map(
				(option) => `${String(displayOptions?.show?.resource)}.${'value' in option && option.value}`,
			),
		)
		.filter((name) => !name.endsWith(OF_N8N));
	assert.deepEqual(offered.sort(), Object.keys(FILLED_IN).sort());
});

for (const [name, filledIn] of Object.entries(FILLED_IN)) {
	test(`${name} does its work in the demo world.`, async () => {
		const [resource = '', operation = ''] = name.split('.');
		const { id, name: credential } = scene.credential;
		const tried = node(
			'Tried',
			PUSH_NODE_TYPE,
			{ resource, operation, ...filledIn },
			{ credentials: { [CREDENTIAL_TYPE]: { id, name: credential } } },
		);
		const execution = await scene.server.client.createAndRun(workflowOfRows(name, [TOUR_ROW], [tried]));
		assert.equal(execution.status, 'success', execution.failure?.message);
		const items = execution.json('Tried');
		assert.ok(items.length > 0);
		for (const json of items) assert.notDeepEqual(json, {});
		assert.equal(execution.hints('Tried').length, 1);
	});
}
