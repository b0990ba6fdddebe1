import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { findOperation } from '../../nodes/TencentCloudIot/resources';
import { operationCases } from './operationCases.mts';
import { runOperation } from './operationRun.mts';
import { contents } from './serviceContents.mts';

const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' } as const;

test.each(operationCases.map((operationCase) => [operationCase.operation, operationCase] as const))(
	'The message that stops %s names the row, its subject and the RequestId.',
	async (operation, { parameters, sent }) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, ...refused }] });
		const { failure } = await runOperation(simulator, { operation, parameters });
		const { RequestId } = JSON.parse(simulator.requests[0]?.body ?? '{}') as { RequestId: string };
		const [resource = '', value = ''] = operation.split('.');
		const { namedBy } = findOperation(resource, value);
		const subject = namedBy.map((name) => String(sent[name])).join('/');
		const named = subject === '' ? '' : `, ${subject}`;
		expect(failure?.message).toContain(`[row 1${named}; RequestId ${RequestId}] Tencent responded with`);
	},
);
