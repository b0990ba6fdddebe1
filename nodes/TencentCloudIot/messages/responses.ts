import { say, sayReason } from './text';

/** Texts about responses of the service. */
export const RESPONSES = {
	/** What the service responded. The service's own words may name a customer. */
	responded: {
		error: sayReason('Tencent responded with {code}{?: {message}}', '腾讯云返回 {code}{?：{message}}'),
		signature: sayReason(
			'Tencent did not accept the signature and responded with {code}{?: {message}}',
			'签名未通过验证，腾讯云返回 {code}{?：{message}}',
		),
		timestamp: sayReason(
			'Tencent did not accept the timestamp and responded with {code}{?: {message}}',
			'时间戳未通过验证，腾讯云返回 {code}{?：{message}}',
		),
		appKey: sayReason(
			'Tencent did not accept the App Key and responded with {code}{?: {message}}',
			'App Key 未通过验证，腾讯云返回 {code}{?：{message}}',
		),
		status: sayReason('The endpoint responded with HTTP status {status}', '接口地址返回 HTTP 状态 {status}'),
	},
	/** What to do about a response of the service. */
	advice: {
		correct: say('Correct what Tencent names', '修正腾讯云指出的内容'),
		permit: say(
			"Link the application to the product. If Tencent has a list of allowed IP addresses, add this server's",
			'把应用关联到该产品；腾讯云设有 IP 名单时，允许本机的 IP 地址',
		),
		checkKey: say('Check App Key and App Secret in the credential', '检查凭证中的 App Key 和 App Secret'),
		raiseLimit: say(
			'Ask Tencent to raise the limit, or send less, then try again',
			'请腾讯云提高限额，或减少发送量，然后重试',
		),
		slowDown: say("Try again later, or lower 'Requests per Second'", '稍后重试，或降低 Requests per Second'),
		after: say('Try again after {time}', '请在 {time} 之后重试'),
		checkClock: say("Check this server's clock", '校准本机时钟'),
		sendLess: say(
			'The request was too large: send fewer devices or shorter texts in it, or have the limit of the endpoint raised',
			'请求过大：请在一次请求中少发设备或缩短文本，或请接口方提高上限',
		),
	},
};

/** Why a response proves nothing: the words after "Tencent responded, but". */
export const DOUBTS = {
	notConfirmed: say('the response did not confirm it', '响应没有确认结果'),
	ofAnother: say('it was the response to another request', '那是另一个请求的响应'),
	unnamed: say('the response did not name its request', '响应没有指明所属的请求'),
	badStatus: say(
		'the response reported success with HTTP status {status}',
		'响应报告成功，HTTP 状态却是 {status}',
	),
	both: say('the response reported both success and a refusal', '响应同时报告了成功和拒绝'),
	inPart: say('the response reported that a part failed', '响应报告有一部分失败'),
	twice: say('the response had a member twice', '响应中同一成员出现了两次'),
	twoEnvelopes: say('the response had two envelopes', '响应有两层信封'),
	contradictory: say('the response contradicts itself', '响应自相矛盾'),
	empty: say('the response was empty', '响应为空'),
	notJson: say('the response was not JSON', '响应不是 JSON'),
	tooLarge: say('the response was too large', '响应过大'),
	notObject: say('the response was not a JSON object', '响应不是 JSON 对象'),
	noData: say('the response had no data', '响应没有数据'),
	noCode: say('the response had no valid code', '响应没有有效的代码'),
	offline: say(
		'the device did not receive it: it is offline or not subscribed',
		'设备没有收到：它离线或没有订阅',
	),
	noInnerObject: say('the response held no object', '响应中没有对象'),
	refusalWithoutCode: say('the response reported a refusal without a code', '响应报告了拒绝，却没有错误代码'),
};
