import { perItemOperation } from '../operation/perItemOperation';
import { isObject } from '../../service/response/parseResponse';
import type { ResponseData } from '../../service/outcome';
import { productId } from '../fields/deviceFields';
import { parseJsonText, pick, withIsoTimes } from '../operation/responseValues';

/** ServiceDescribeModelDefinition. */
export const getModel = perItemOperation({
	value: 'getModel',
	option: {
		name: 'Get Model',
		action: 'Get product model',
		description: 'Get the properties, events and actions of a product',
	},
	fields: { productId },
	action: 'ServiceDescribeModelDefinition',
	parameters: ({ productId }) => ({ ProductId: productId }),
	isDone: ({ Model }) => isObject(Model),
	reads: ['Model'],
	toJson: ({ Model }, _, timezone) => ({
		...withIsoTimes(
			pick(Model as ResponseData, ['ProductId', 'CategoryModel', 'CreateTime', 'UpdateTime']),
			['CreateTime', 'UpdateTime'],
			timezone,
		),
		ModelDefine: parseJsonText((Model as ResponseData).ModelDefine),
	}),
	unit: 'model',
	namedBy: ['ProductId'],
	done: 'read',
});
