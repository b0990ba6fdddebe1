import { cleanServerText } from '../service/response/serverText';

/** Characters. */
const LONGEST_TEXT = 500;

/**
 * What words of the protocol and of error messages are made of; then whatever else there is: it may be a name, an id or a
 * token.
 */
const TOKENS =
	/((?:action|app|auth|customer|code|device|empty|error|exceeded|expired|fail|found|frequency|id|ed|ure|internal|invalid|is|item|key|limit|missing|no|nonce|not|of|ok|success|operation|order|param|eter|product|rate|refused|repeat|request|required|response|s|service|signature|the|time|stamp|too|many|unauthorized|value|wrong)+)(?![A-Za-z])|(签名|无效|非法|错误|时间戳|过期|参数|缺失|缺少|必选|必填|不能为空|不存在|重复|频率|限制|次数|权限|内部|失败|请求|接口|客户|用户|设备|产品|订单)|\d+|[A-Za-z]+|[\p{L}\p{M}\p{N}]/giu;

/** A text with everything masked but words of the protocol, e.g. `CustomerId … 无效`. */
export function maskedText(text: string): string {
	return cleanServerText(text, LONGEST_TEXT)
		.replace(TOKENS, (_, word?: string, phrase?: string) => word ?? phrase ?? '…')
		.replace(/…[….\s]*…/g, '…');
}

/** The name of a member; one that may be a value, such as a phone number, is numbered. */
export function maskedName(name: string, index: number): string {
	return /^[A-Za-z_]{1,40}$/.test(name) ? name : `…${index}`;
}
