import { editorLists } from '../../editor/lists';
import { mappedFields, choice, json } from '../../input/fields/fields';
import { parseJsonText } from '../operation/responseValues';
import { because } from '../../messages/findings';
import { isObject } from '../../service/response/parseResponse';
import { perItemOperation } from '../operation/perItemOperation';
import { ACTING_TOOL_ADVICE, actingDeviceFields, readActingDevice } from './liveDevice';
import { OPERATION_ADVICE } from '../../messages/operations';
import { DOUBTS } from '../../messages/responses';

/** ServiceControlDeviceData. In its Result, Sent is 1 when the device is online and subscribed. */
export const controlDevice = perItemOperation({
	value: 'control',
	option: { name: 'Control', action: 'Control device', description: 'Set properties of a device' },
	toolAdvice: ACTING_TOOL_ADVICE,
	fields: {
		...actingDeviceFields,
		specifyData: choice({
			displayName: 'Specify Data',
			noDataExpression: true,
			default: 'json',
			options: [
				{ name: 'Using Fields Below', value: 'fields' },
				{ name: 'Using JSON', value: 'json' },
			],
			description: 'How to enter the properties to set',
		}),
		data: json({
			displayName: 'Data',
			displayOptions: { show: { specifyData: ['json'] } },
			placeholder: 'e.g. {"power_switch": 1}',
			description: "Properties to set, by their identifiers in the product's model",
			builderHint: {
				propertyHint:
					'JSON text: \'{"power_switch": 1}\', or expr("{{ JSON.stringify({ temperature: $json.target }) }}") for a value of the row',
			},
		}),
		properties: mappedFields({
			displayName: 'Properties',
			displayOptions: { show: { specifyData: ['fields'] } },
			description: 'The properties to set; all others stay as they are',
			dependsOn: 'productId',
			fieldWords: { singular: 'property', plural: 'properties' },
			list: editorLists.settableProperties,
		}),
	},
	action: 'ServiceControlDeviceData',
	unclearAdvice: OPERATION_ADVICE.lookAtData(),
	parameters: (item) => ({
		...readActingDevice(item),
		Data:
			item.specifyData === 'fields'
				? JSON.stringify(item.properties)
				: item.check('data', (data) => (/^\{\s*\}$/.test(data) ? because('addOne') : undefined)),
	}),
	isDone: ({ Data, Result }) => {
		const result = parseJsonText(Result);
		if (isObject(result) && result.Sent === 0) {
			return DOUBTS.offline();
		}
		return typeof Data === 'string' || typeof Result === 'string';
	},
	reads: ['Data', 'Result'],
	toJson: ({ Data, Result }) => ({ Data: parseJsonText(Data), Result: parseJsonText(Result) }),
	unit: 'device',
	namedBy: ['ProductId', 'DeviceName'],
	done: 'controlled',
});
