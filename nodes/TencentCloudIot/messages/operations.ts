import { inQuotes, ours, say, type Text } from './text';

/** What to do about a failure of one operation, in place of what its code advises. */
export const OPERATION_ADVICE = {
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
	correctNamedForList: say('Correct what it names', '修正消息指出的内容'),
};

const CHECK_FIELDS = say('Check {fields} and try again', '检查 {fields} 后重试');

/** To check fields of the node, by their labels. */
export function checkFields(labels: readonly string[]): Text {
	return CHECK_FIELDS({ fields: inQuotes(labels.map((label) => ours(label))) });
}

/** Why a device has not done what it was told: what follows "Tencent responded, but". */
export const DEVICE_DOUBTS = {
	offline: say(
		'the device did not receive it: it is offline or not subscribed',
		'设备没有收到：它离线或没有订阅',
	),
};

/** Why the signature of a body is not used. */
export const AMBIGUOUS = {
	reason: say(
		'Because of its member {name}, this body would have the same signature as other parameters.',
		'由于成员 {name}，此请求体会与另一组参数有相同的签名',
	),
	advice: say(
		"Use documented parameters without '&' in them, this node's own operation, or a credential that allows Everything",
		'请使用文档中不含 & 的参数、本节点自己的操作，或允许 Everything 的凭证',
	),
};
