import { expect, test } from '@jest/globals';
import type { INodeParameters, OnError } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { ownParameters, runOperation } from './operationRun.mts';

const onError = 'continueErrorOutput' as const;

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

test.each(deviceLists)(
	'%s where one Context serves the whole list begins again when a page is lost.',
	async (name, asked) => {
		const faults = [{ on: 2, kind: 'applyThenReset' }] as const;
		const simulator = await runSimulator({ devices, scrolls: true, faults });
		const parameters = parametersOf(asked);
		const result = await runOperation(simulator, { operation: name, parameters, onError });
		expect(numbers(result)).toEqual(past);
		expect(result.hints[0]?.message).toMatch(/^430 \w+ found by 1 request; 1 retry$/);
	},
);

test.each(['continueErrorOutput', 'continueRegularOutput', 'stopWorkflow'] as OnError[])(
	'A list that ends before its Total is never shown as complete, with %s.',
	async (mode) => {
		const [, events] = deviceLists;
		const EventHistory = [{ TimeStamp: 1, EventId: 'e', Type: 'info', Data: '{}' }];
		const simulator = await runSimulator({
			faults: ({ RequestId }) => ({
				kind: 'body',
				body: JSON.stringify({
					Response: { RequestId, EventHistory, Total: 230, Context: '', Listover: false },
				}),
			}),
		});
		const parameters = parametersOf(events[1]);
		const result = await runOperation(simulator, { operation: events[0], parameters, onError: mode });
		const told = JSON.stringify([result.success, result.error, result.failure?.message]);
		expect(told).toContain('The list ended after 1 of 230 records.');
		expect(result.success.flatMap(({ json }) => (json.error === undefined ? [json] : []))).toEqual([]);
	},
);
