import { expect, test } from '@jest/globals';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { createProcessedData, n8nWorkflow, runNode } from '../../embedded/embeddedEngine.mts';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { FILLED_IN, TOUR_ROW } from '../support/demoTour.mts';
import { loadSyncNode } from '../support/syncNode.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';

const world = demoWorld(Date.now());

const operations = resources.flatMap(({ value, operations: own }) =>
	own.map((operation) => `${value}.${operation.value}`),
);

/** The parameters as the editor stores them, once it shows nothing to be filled in any more. */
function edited(name: string): INodeParameters {
	const { description } = loadTestedNode().nodeType;
	const [resource = '', operation = ''] = name.split('.');
	const { getNodeParameters, getNodeParametersIssues } = n8nWorkflow.NodeHelpers;
	const given = { resource, operation, ...FILLED_IN[name] };
	const node = { typeVersion: 1, parameters: given } as unknown as INode;
	const parameters = getNodeParameters(description.properties, given, true, false, node, description)!;
	expect(getNodeParametersIssues(description.properties, { ...node, parameters }, description)).toBeNull();
	return parameters;
}

test.each(operations)(
	'%s can be tried in the demo world as soon as its fields are filled in.',
	async (name) => {
		const { appKey, appSecret, endpoint } = await runSimulator(world);
		const { success, failure, hints } = await runNode({
			...(name === 'deviceBinding.sync' ? loadSyncNode() : loadTestedNode()),
			rows: [TOUR_ROW],
			parameters: edited(name),
			credentials: { appKey, appSecret, endpoint, platform: 'custom', allowedActions: 'everything' },
			processedData: createProcessedData(),
		});
		expect(failure).toBeUndefined();
		expect(success.length).toBeGreaterThan(0);
		for (const { json } of success)
			expect([name, Object.values(json as IDataObject).length]).not.toEqual([name, 0]);
		expect(hints).toHaveLength(1);
	},
);
