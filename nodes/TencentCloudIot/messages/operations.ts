import { say } from './text';

/** Advice for requests of certain operations. It replaces the general advice of the failure's code. */
export const OPERATION_ADVICE = {
	/** The fact `fields` lists labels of the panel. */
	checkFields: say('Check {fields} and try again', '检查 {fields} 后重试'),
	checkProduct: say("Check 'Product ID'", '检查 Product ID'),
	correctProduct: say("Correct the product in 'DeviceId'", '更正 DeviceId 中的产品'),
	correctNamed: say('Correct what Tencent names and try again', '修正消息指出的内容'),
	lookForOrder: say(
		"Look for the order with 'Order: Get Many' before you create it again: it may exist already",
		'重新创建之前，请先用 Order: Get Many 查找该订单：它可能已存在',
	),
	lookAtData: say(
		"Look at the device with 'Device Data: Get Latest' before you control it again",
		'再次控制之前，请先用 Device Data: Get Latest 查看设备',
	),
	lookAtDevice: say(
		'Look at the device before you call the action again: it may already have carried it out',
		'再次调用之前，请先查看设备：它可能已执行',
	),
	correctNamedForList: say('Correct what the message names', '修正消息指出的内容'),
};
