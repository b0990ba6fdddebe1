import type { IDataObject } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { controlDevice } from '../../nodes/TencentCloudIot/resources/device/control.operation';
import { findingsOf, readItem } from '../support/readItem.mts';

/** The fields of a model as the editor stores them with the values. */
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
	{ id: 'nickname', displayName: 'Nickname (nickname)', type: 'string' },
	{ id: 'place', displayName: '位置 (place)', type: 'object' },
	{ id: 'times', displayName: '时段 (times)', type: 'array' },
];

const itemWith = (value: IDataObject | null) =>
	[
		controlDevice,
		{ productId: 'P', deviceName: 'D', specifyData: 'fields', properties: { value, schema } },
	] as const;

test('Only filled-in properties are set, each value in the type of its property.', () => {
	const value = {
		on: true,
		volume: ' 40 ',
		nickname: 'front',
		place: '{"x": 1}',
		times: [8, 20],
		unknown: 5,
	};
	const { parameters, findings } = readItem(...itemWith(value));
	expect(findings).toEqual([]);
	const Data = { on: 1, volume: 40, nickname: 'front', place: { x: 1 }, times: [8, 20], unknown: 5 };
	expect(JSON.parse(String(parameters.Data))).toEqual(Data);
});

describe('A value that does not fit its property is reported by its name:', () => {
	test.each<[IDataObject | null, string]>([
		[null, "'Properties' is empty: add at least one"],
		[{ on: undefined }, "'开关 (on)' is not one of the allowed values: 0, 1"],
		[{ on: 2 }, "'开关 (on)' is not one of the allowed values: 0, 1"],
		[{ volume: '' }, "'音量 (volume)' is not a number"],
		[{ volume: null }, "'音量 (volume)' is not a number"],
		[{ volume: NaN }, "'音量 (volume)' is not a number"],
		[{ volume: '9007199254740993' }, "'音量 (volume)' is a number too large to be exact"],
		[{ nickname: 'x undefined' }, "'Nickname (nickname)' has 'undefined', which means no value"],
		[{ place: [1] as never }, "'位置 (place)' is not of the JSON type object"],
		[{ place: null }, "'位置 (place)' is missing"],
		[{ times: 'no' }, "'时段 (times)' is not of the JSON type array"],
		[{ place: { x: NaN } }, "'位置 (place)' has a value for 'x' that is NaN"],
		[
			{ place: '{"x": 9007199254740993}' },
			"'位置 (place)' has a value for 'x' that is a number too large to be exact",
		],
		[{ unknown: 2 ** 53 }, "'unknown' is a number too large to be exact"],
	])('%j', (value, finding) => {
		expect(findingsOf(...itemWith(value))).toEqual([expect.stringContaining(finding)]);
	});
});
