import { perItemOperation } from '../perItemOperation';
import { isObject, type AnswerData } from '../../service/response/answer';
import { productId } from '../deviceFields';
import { parseJsonText, pick, withIsoTimes } from '../../responseValues';

/** ServiceDescribeModelDefinition. */
export const getModel = perItemOperation({
	value: 'getModel',
	option: {
		name: 'Get Model',
		action: 'Get product model',
		description: 'Get the properties, events and actions that the devices of a product have',
	},
	fields: { productId },
	action: 'ServiceDescribeModelDefinition',
	effect: 'read',
	parameters: ({ productId }) => ({ ProductId: productId }),
	isDone: ({ Model }) => isObject(Model),
	reads: ['Model'],
	toJson: (_, { Model }, __, timezone) => ({
		...withIsoTimes(
			pick(Model as AnswerData, ['ProductId', 'CategoryModel', 'CreateTime', 'UpdateTime']),
			['CreateTime', 'UpdateTime'],
			timezone,
		),
		ModelDefine: parseJsonText((Model as AnswerData).ModelDefine),
	}),
	unit: 'model',
	done: 'read',
});
