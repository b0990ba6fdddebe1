import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { device } from './operationCase.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

/** The fields of a model as the editor stores them beside the values. */
const schema = [
	{
		id: 'on',
		displayName: '开关 (on)',
		type: 'options',
		options: [
			{ name: '关', value: 0 },
			{ name: '开', value: 1 },
		],
	},
	{ id: 'volume', displayName: '音量 (volume)', type: 'number' },
	{ id: 'nickname', displayName: '={{ $json.shout() }}', type: 'string' },
	{ id: 'place', displayName: '位置 (place)', type: 'object' },
	{ id: 'times', displayName: '时段 (times)', type: 'array' },
].map((field) => ({ required: false, defaultMatch: false, display: true, ...field }));

async function control(simulator: Simulator, value: IDataObject | null, json: IDataObject = {}) {
	const properties = { mappingMode: 'defineBelow', value, schema, matchingColumns: [] } as never;
	return await runOperation(simulator, {
		operation: 'device.control',
		parameters: { ...device, specifyData: 'fields', properties },
		rows: [json],
		onError: 'continueErrorOutput',
	});
}

test('Only what was filled in is set, each value in the type of its property.', async () => {
	const simulator = await runSimulator(contents);
	const { success } = await control(
		simulator,
		{
			on: '={{ $json.on }}',
			volume: '={{ $json.volume }}',
			nickname: 'front',
			place: '{"x": 1}',
			times: '={{ [8, 20] }}',
			unknown: 5,
			untouched: null,
		},
		{ on: true, volume: ' 40 ' },
	);
	const Data = { on: 1, volume: 40, nickname: 'front', place: { x: 1 }, times: [8, 20], unknown: 5 };
	const [sent] = ownParameters(simulator);
	expect(JSON.parse(String(sent?.Data))).toEqual(Data);
	expect(success[0]?.json).toMatchObject({ Data, Result: { Sent: 1 } });
});

describe('A value that does not fit its property is reported by its name, and nothing is sent:', () => {
	test.each<[IDataObject | null, string]>([
		[null, "'Properties' is empty: add at least one"],
		[{ volume: null }, "'Properties' is empty: add at least one"],
		// What is no expression n8n itself checks before it runs the workflow.
		[{ on: '={{ $json.gone }}' }, "'开关 (on)' is not one of the allowed values: 0, 1"],
		[{ on: '={{ 2 }}' }, "'开关 (on)' is not one of the allowed values: 0, 1"],
		[{ volume: '={{ "" }}' }, "'音量 (volume)' is not a number"],
		[{ volume: '={{ null }}' }, "'音量 (volume)' is not a number"],
		[{ place: '={{ [1] }}' }, "'位置 (place)' is no object in JSON"],
		[{ place: '={{ null }}' }, "'位置 (place)' is missing"],
		[{ times: '={{ "no" }}' }, "'时段 (times)' is no array in JSON"],
		[{ volume: "={{ $('Gone').item.json.x }}" }, "'Properties' could not be evaluated"],
		[{ volume: '={{ NaN }}' }, "'音量 (volume)' is not a number"],
		[{ volume: '={{ "9007199254740993" }}' }, "'音量 (volume)' is a number too large to be exact"],
		[{ place: '={{ { x: NaN } }}' }, "'位置 (place)' has NaN for 'x'"],
		[{ place: '{"x": 9007199254740993}' }, "'位置 (place)' has a number too large to be exact for 'x'"],
		[{ unknown: '={{ 9007199254740993 }}' }, "'unknown' is a number too large to be exact"],
	])('%j', async (value, finding) => {
		const simulator = await runSimulator(contents);
		const { error } = await control(simulator, value);
		expect(errorOf(error[0]!)).toMatchObject({ outcome: 'NOT_SENT' });
		expect(JSON.stringify(errorOf(error[0]!))).toContain(finding);
		expect(simulator.requests).toEqual([]);
	});
});

test('A workflow stored before there was a choice is controlled by its JSON.', async () => {
	const simulator = await runSimulator(contents);
	await runOperation(simulator, {
		operation: 'device.control',
		parameters: { ...device, data: '{"on": 1}' },
	});
	expect(ownParameters(simulator)).toMatchObject([{ Data: '{"on": 1}' }]);
});

describe('Data that no device could take as it is meant is refused before it is sent:', () => {
	test.each([
		['{}', "'Data' is empty: give at least one property"],
		[' { } ', "'Data' is empty: give at least one property"],
		['={{ {} }}', "'Data' is empty: give at least one property"],
		['={{ { on: NaN } }}', "'Data' has NaN for 'on'"],
		['={{ { on: Infinity } }}', "'Data' has Infinity for 'on'"],
		['={{ { on: 1, at: $json.gone } }}', "'Data' has no value for 'at'"],
		['={{ { id: 9007199254740993 } }}', "'Data' has a number too large to be exact for 'id'"],
		['={{ { list: [{ id: 12345678901234567890 }] } }}', "'Data' has a number too large to be exact for 'id'"],
	])('%s', async (data, finding) => {
		const simulator = await runSimulator(contents);
		const { error } = await runOperation(simulator, {
			operation: 'device.control',
			parameters: { ...device, data },
			onError: 'continueErrorOutput',
		});
		expect(errorOf(error[0]!)?.message).toContain(finding);
		expect(simulator.requests).toEqual([]);
	});
});

test('A device that is offline, or subscribed to nothing, was not controlled.', async () => {
	const simulator = await runSimulator(contents);
	const { success, error } = await runOperation(simulator, {
		operation: 'device.control',
		parameters: { productId: 'P', deviceName: 'D2', data: '{"on": 1}' },
		onError: 'continueErrorOutput',
	});
	expect(success).toEqual([]);
	expect(errorOf(error[0]!)).toMatchObject({
		outcome: 'UNKNOWN',
		code: 'UNCLEAR_RESPONSE',
		message: expect.stringContaining('the device did not receive it: it is offline or not subscribed'),
	});
	expect(simulator.requests).toHaveLength(1);
});
