import { describe, expect, test } from '@jest/globals';
import type { INodeParameters, OnError } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runFaultServer } from '../faults/faultServer.mts';
import { speaking } from '../faults/wires.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';

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

describe.each(deviceLists)('%s where one Context serves the whole list', (name, asked) => {
	const parameters = parametersOf(asked);

	test('returns all records, and not those of two pages.', async () => {
		const simulator = await runSimulator({ devices, scrolls: true });
		const result = await runOperation(simulator, { operation: name, parameters, onError });
		expect(numbers(result)).toEqual(past);
		expect(simulator.requests).toHaveLength(6);
	});

	test.each(['applyThenReset', 'reset'] as const)(
		'begins again when a page is lost, which asking again would leave out: %s.',
		async (kind) => {
			const simulator = await runSimulator({ devices, scrolls: true, faults: [{ on: 2, kind }] });
			const result = await runOperation(simulator, { operation: name, parameters, onError });
			expect(numbers(result)).toEqual(past);
			expect(result.hints[0]?.message).toMatch(/^430 \w+ found by 1 request; 1 retry$/);
		},
	);

	test('does not begin again when a page was only throttled.', async () => {
		const slow = { kind: 'error', Code: 'RequestLimitExceeded', Message: 'x' } as const;
		const simulator = await runSimulator({ devices, scrolls: true, faults: [{ on: 2, ...slow }] });
		const result = await runOperation(simulator, { operation: name, parameters, onError });
		expect(numbers(result)).toEqual(past);
		expect(simulator.requests).toHaveLength(7);
	});

	test('fails when pages are lost again and again, and gives no part of the list.', async () => {
		let pages = 0;
		const simulator = await runSimulator({
			devices,
			scrolls: true,
			faults: ({ parameters: given }) =>
				given.get('Context') !== undefined && ++pages % 2 === 1 ? { kind: 'applyThenReset' } : undefined,
		});
		const result = await runOperation(simulator, { operation: name, parameters, onError });
		expect(result.success).toEqual([]);
		expect(errorOf(result.error[0]!)).toMatchObject({
			code: 'LIST_INCOMPLETE',
			message:
				'A page was missing in each of 3 attempts to read the list. It only reads; nothing was changed.',
		});
	});
});

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

const event = (EventId: number) => ({ EventId: String(EventId), TimeStamp: 1_767_225_600 });

test.each<[what: string, pages: object[], found: number[]]>([
	[
		'follows a cursor that is a number',
		[
			{ EventHistory: [event(1)], Context: 17 },
			{ EventHistory: [event(2)], Context: '' },
		],
		[1, 2],
	],
	[
		'follows the cursor of an empty page',
		[
			{ EventHistory: [event(1)], Context: 'a' },
			{ EventHistory: [], Context: 'b' },
			{ EventHistory: [event(2)], Context: '' },
		],
		[1, 2],
	],
	[
		'keeps equal events on two pages',
		[
			{ EventHistory: [event(1), event(2)], Context: 'a' },
			{ EventHistory: [event(1), event(3)], Context: '' },
		],
		[1, 2, 1, 3],
	],
])('A list of events %s.', async (_, pages, found) => {
	const rest = [...pages];
	const server = await runFaultServer(
		speaking(200, (RequestId) => ({ Response: { ...rest.shift(), RequestId } })),
	);
	const simulator = await runSimulator();
	const result = await runOperation(simulator, {
		operation: 'deviceData.getEvents',
		parameters: parametersOf({ filters: times }),
		credential: { endpoint: server.endpoint },
	});
	expect([numbers(result), result.failure?.message]).toEqual([found, undefined]);
	expect(server.requests).toHaveLength(pages.length);
});
