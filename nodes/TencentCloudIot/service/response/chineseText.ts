/**
 * Chinese phrases of the service's messages with their translation: documented for this API and its siblings (product 1465,
 * page 59071; product 1081, page 40773), or common to Tencent Cloud's APIs. Longer phrases come first.
 */
const PHRASES: ReadonlyArray<readonly [RegExp, string]> = [
	[/必选参数缺失\s*(?:[:：]\s*)?([\w.]+)/u, 'the required parameter $1 is missing'],
	[/请求的次数超过了频率限制/u, 'there were too many requests in a time'],
	[/请求格式不是 ?JSON/u, 'the request is not JSON'],
	[/用户登录失败/u, 'the user could not be logged in'],
	[/(请求)?已过期/u, 'it is too old or too new'],
	[/(用户|客户)不存在/u, 'there is no such customer'],
	[/设备不存在/u, 'there is no such device'],
	[/产品不存在/u, 'there is no such product'],
	[/订单不存在/u, 'there is no such order'],
	[/不能为空/u, 'it must not be empty'],
	[/内部错误/u, 'something went wrong at Tencent'],
	[/(?<!\s)\s*(无效|非法|错误)/u, ' is not valid'],
	[/(?<!\s)\s*重复/u, ' was used before'],
	[/签名/u, 'Signature'],
];

/** Chinese words and punctuation without a translation. */
const REST = /[\p{Script=Han}，。、；：！（）“”]+/gu;

/** The English translation of a service message, e.g. `DeviceId 无效` → `DeviceId is not valid`; undefined when no phrase is known. */
export function inEnglish(text: string): string | undefined {
	const english = PHRASES.reduce((translated, [phrase, words]) => translated.replace(phrase, words), text);
	return english === text ? undefined : english.replace(REST, '…').trim();
}
