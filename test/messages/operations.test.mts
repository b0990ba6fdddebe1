import { describe } from '@jest/globals';
import { OPERATION_ADVICE } from '../../nodes/TencentCloudIot/messages/operations';
import { inQuotes, ours } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes } from './scenes.mts';

describe('The advice for an unclear request of an operation', () => {
	const { checkFields } = OPERATION_ADVICE;
	const labels = (...names: string[]) => inQuotes(names.map((name) => ours(name)));
	testScenes(
		[
			[
				'with one field',
				() => checkFields({ fields: labels('Device ID') }),
				"Check 'Device ID' and try again",
				'检查 Device ID 后重试',
			],
			[
				'with two fields',
				() => checkFields({ fields: labels('Device ID', 'Status') }),
				"Check 'Device ID' and 'Status' and try again",
				'检查 Device ID、Status 后重试',
			],
			[
				'with many fields',
				() => checkFields({ fields: labels('Device ID', 'Status', 'Day') }),
				"Check 'Device ID', 'Status' and 'Day' and try again",
				'检查 Device ID、Status、Day 后重试',
			],
			[
				'with a field that is there twice',
				() => checkFields({ fields: labels('Device ID', 'Device ID') }),
				"Check 'Device ID' and try again",
				'检查 Device ID 后重试',
			],
			[
				'that counts the devices of a product',
				() => OPERATION_ADVICE.checkProduct(),
				"Check 'Product ID'",
				'检查 Product ID',
			],
			[
				'that names a product by its devices',
				() => OPERATION_ADVICE.correctProduct(),
				"Correct the product in 'DeviceId'",
				'更正 DeviceId 中的产品',
			],
			[
				'whose parameters are given as JSON',
				() => OPERATION_ADVICE.correctNamed(),
				'Correct what Tencent names and try again',
				'修正消息指出的内容',
			],
			[
				'that creates an order',
				() => OPERATION_ADVICE.lookForOrder(),
				"Look for the order with 'Order: Get Many' before you create it again: it may exist already",
				'重新创建之前，请先用 Order: Get Many 查找该订单：它可能已存在',
			],
			[
				'that controls a device',
				() => OPERATION_ADVICE.lookAtData(),
				"Look at the device with 'Device Data: Get Latest' before you control it again",
				'再次控制之前，请先用 Device Data: Get Latest 查看设备',
			],
			[
				'that calls an action of a device',
				() => OPERATION_ADVICE.lookAtDevice(),
				'Look at the device before you call the action again: it may already have carried it out',
				'再次调用之前，请先查看设备：它可能已执行',
			],
			[
				'that fills a list of the panel',
				() => OPERATION_ADVICE.correctNamedForList(),
				'Correct what the message names',
				'修正消息指出的内容',
			],
		],
		OPERATION_ADVICE,
	);
});
