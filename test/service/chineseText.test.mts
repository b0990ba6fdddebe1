import { expect, test } from '@jest/globals';
import { refusedBy } from '../support/httpResponse.mts';
import { englishOf } from '../support/texts.mts';

/** The English explanation, which a failure shows in brackets after the service's message. */
function inEnglish(text: string): string | undefined {
	return / \((.*)\)\.$/.exec(englishOf(refusedBy('InvalidParameterValue', text).reason))?.[1];
}

test.each([
	['Signature 无效', 'Signature is not valid'],
	['签名错误', 'Signature is not valid'],
	['Action 非法', 'Action is not valid'],
	['Nonce 重复', 'Nonce was used before'],
	['必选参数缺失: CustomerId', 'the required parameter CustomerId is missing'],
	['Timestamp 无效: 请求已过期', 'Timestamp is not valid: it is too old or too new'],
	['Limit 无效: 应在 0 到 100 之间', 'Limit is not valid: … 0 … 100 …'],
	['CustomerId 无效，请联系客服', 'CustomerId is not valid…'],
	['请求的次数超过了频率限制', 'the request rate limit was exceeded'],
	['内部错误: x', 'something went wrong at Tencent: x'],
	['必选参数缺失 ：\tDeviceInfos.0', 'the required parameter DeviceInfos.0 is missing'],
	['必选参数缺失Limit', 'the required parameter Limit is missing'],
	['请求格式不是 JSON', 'the request is not JSON'],
	['请求格式不是JSON', 'the request is not JSON'],
	['Nonce  重复', 'Nonce was used before'],
	['已过期', 'it is too old or too new'],
	['Timestamp 已过期', 'Timestamp is too old or too new'],
	['CustomerId不能为空', 'CustomerId must not be empty'],
	['CustomerId 无效: 用户不存在', 'CustomerId is not valid: there is no such customer'],
	['CustomerId 无效: 客户不存在', 'CustomerId is not valid: there is no such customer'],
	['DeviceName 无效: 设备不存在', 'DeviceName is not valid: there is no such device'],
	['ProductId 无效: 产品不存在', 'ProductId is not valid: there is no such product'],
	['OrderNo 无效: 订单不存在', 'OrderNo is not valid: there is no such order'],
	['CustomerId 无效: 不能为空', 'CustomerId is not valid: it must not be empty'],
	['用户登录失败 ', 'the user could not be logged in'],
])('%s is explained', (text, english) => {
	expect(inEnglish(text)).toBe(english);
});

test.each(['', 'invalid CustomerId', '张伟', '服务器繁忙'])(
	'an unknown message is not explained: %s',
	(text) => {
		expect(inEnglish(text)).toBeUndefined();
	},
);
