import { say } from './text';

/** The texts of *Account: Check*. */
export const PROBE = {
	/** The service accepts the App Key and its signature. */
	accepted: say(
		'Tencent accepted App Key and App Secret ({requests:request})',
		'腾讯云已接受 App Key 与 App Secret（{requests} 个请求）',
	),
	/** What to do about each finding of the check. */
	advice: {
		nothing: say('Nothing needs to be changed', '无需任何改动'),
		setScheme: say(
			"Set 'Nested Value Signing' in the credential to Automatic: Tencent accepted only {scheme}",
			'请在凭证中将 Nested Value Signing 设为 Automatic：腾讯云只接受 {scheme}',
		),
		noScheme: say('No signature scheme for lists was found', '未找到列表的签名方式'),
		pushesMayFail: say(
			"Pushes may fail: give this item to the node's authors",
			'推送可能失败：请将本条结果提供给节点作者',
		),
		unanswered: say(
			'{count:request} got no readable response: check again',
			'{count} 个请求没有可读取的响应：请重新检查',
		),
		clockBehind: say(
			"Set this server's clock: it is {seconds} seconds behind",
			'请校准本机时钟：慢 {seconds} 秒',
		),
		clockAhead: say(
			"Set this server's clock: it is {seconds} seconds ahead",
			'请校准本机时钟：快 {seconds} 秒',
		),
		unavailable: say(
			'Not available: {actions}. Ask Tencent for those that you need',
			'不可用的接口：{actions}。如需使用请联系腾讯云',
		),
		noAudit: say(
			"'Audit' is not possible: the service's lists lack their Total",
			'无法使用 Audit：列表的响应没有 Total',
		),
		linkProduct: say('Link the product to the application', '请将该产品关联到应用'),
		/** How to find out whether a push replaces or adds. Only a write can show that, and the check never writes. */
		twoPushes: say(
			"No read shows whether a push replaces a customer's devices or adds to them: push device A for a test customer, then B alone, and ask Tencent in a support ticket, with both RequestIds, whether A is still there",
			'推送是替换还是追加客户的设备，查询无法得知：请为测试客户先推送设备 A，再只推送 B，然后提交工单询问 A 是否还在，附上两个 RequestId',
		),
	},
	/** What Tencent responded to an App Key or App Secret that it does not accept. */
	responded: say(
		'The check could not be completed: Tencent responded with {text}',
		'检查未能完成：腾讯云返回 {text}',
	),
};
