import type { INodeProperties } from 'n8n-workflow';

import { mappedValues } from '../../input/mappedValues';
import { parseJsonText } from '../answerValues';
import { perItemOperation } from '../perItemOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { liveDevice, refuseModel } from './liveDevice';

const properties: INodeProperties[] = [
	liveDevice,
	...deviceFields,
	{
		displayName: 'Specify Data',
		name: 'specifyData',
		type: 'options',
		noDataExpression: true,
		required: true,
		default: 'json',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		description: 'How to give the properties to set',
	},
	{
		displayName: 'Data',
		name: 'data',
		type: 'json',
		required: true,
		displayOptions: { show: { specifyData: ['json'] } },
		default: '{}',
		placeholder: 'e.g. {"power_switch": 1}',
		description: "The properties to set, by their identifiers in the product's model",
	},
	{
		displayName: 'Properties',
		name: 'properties',
		type: 'resourceMapper',
		noDataExpression: true,
		required: true,
		displayOptions: { show: { specifyData: ['fields'] } },
		default: { mappingMode: 'defineBelow', value: null },
		description: 'The properties to set; all others stay as they are',
		typeOptions: {
			loadOptionsDependsOn: ['productId'],
			resourceMapper: {
				resourceMapperMethod: 'getProperties',
				mode: 'add',
				valuesLabel: 'Properties',
				fieldWords: { singular: 'property', plural: 'properties' },
				addAllFields: false,
				supportAutoMap: false,
			},
		},
	},
];

/** ServiceControlDeviceData. */
export const controlDevice = perItemOperation({
	value: 'control',
	option: { name: 'Control', action: 'Control device', description: 'Set properties of a device' },
	toolAdvice:
		'It acts on a real device at once. Never repeat it when the outcome is unclear: read the device first',
	properties,
	action: 'ServiceControlDeviceData',
	// A property may start something, e.g. unlock a door, which the device would then do twice.
	effect: 'once',
	unclearAdvice: "Look at the device with 'Device Data: Get Latest' before you control it again",
	parameters: (item) => {
		refuseModel(item);
		return {
			...readDevice(item),
			Data:
				item.choice('specifyData') === 'fields'
					? JSON.stringify(mappedValues(item, 'properties'))
					: item.jsonText('data'),
		};
	},
	isDone: ({ Data, Result }) => typeof Data === 'string' || typeof Result === 'string',
	reads: ['Data', 'Result'],
	toJson: ({ ProductId, DeviceName }, { Data, Result }) => ({
		ProductId,
		DeviceName,
		Data: parseJsonText(Data),
		Result: parseJsonText(Result),
	}),
	unit: 'device',
	done: 'controlled',
});
