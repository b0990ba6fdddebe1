import { expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { ownParameters, runOperation } from './operationRun.mts';

const past = Array.from({ length: 430 }, (_, index) => index);
const times = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-02T00:00:00Z' };
const devices = [
	{
		ProductId: 'P',
		DeviceName: 'D',
		history: { t: past.map((index) => ({ Time: 1_767_225_600_000 + index, Value: index })) },
		events: past.map((index) => ({
			TimeStamp: 1_767_225_600 + index,
			EventId: String(index),
			Type: 'info' as const,
			Data: '{}',
		})),
	},
];
/** How to ask for all of them. */
const deviceLists = [
	['deviceData.getHistory', { fieldName: 't', ...times }],
	['deviceData.getEvents', { filters: times }],
] as const;
const ofDevice = { productId: 'P', deviceName: picked('D'), returnAll: true };

const parametersOf = (asked: object) => ({ ...ofDevice, ...asked }) as INodeParameters;
/** The numbers by which the records were made. */
const numbers = ({ success }: NodeResult) => success.map(({ json }) => Number(json.Value ?? json.EventId));

test.each(deviceLists)('%s goes on by the Context of each page.', async (name, asked) => {
	const simulator = await runSimulator({ keepBodies: true, devices });
	const result = await runOperation(simulator, { operation: name, parameters: parametersOf(asked) });
	expect(numbers(result)).toEqual(past);
	expect(ownParameters(simulator).map(({ Context }) => Context)).toEqual([
		undefined,
		'100',
		'200',
		'300',
		'400',
	]);
});
