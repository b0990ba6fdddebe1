import { describe } from '@jest/globals';
import { wordsOf } from '../../nodes/TencentCloudIot/messages/failures';
import { DOUBTS, RESPONSES } from '../../nodes/TencentCloudIot/messages/responses';
import { ofService, ours } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes } from './scenes.mts';

const code = ours('InvalidParameterValue');

describe("Tencent's response", () => {
	const { error, signature, timestamp, appKey, status } = RESPONSES.responded;
	const refusal = error({ code, message: ofService("客户 '张三' does not exist") });
	testScenes(
		[
			[
				'a refusal',
				() => refusal,
				"Tencent responded with InvalidParameterValue: 客户 '张三' does not exist.",
				"腾讯云返回 InvalidParameterValue：客户 '张三' does not exist",
			],
			[
				'a refusal, in a hint',
				() => refusal,
				'Tencent responded with InvalidParameterValue.',
				'腾讯云返回 InvalidParameterValue',
				'hint',
			],
			[
				'a refusal, with names off',
				() => refusal,
				'Tencent responded with InvalidParameterValue.',
				'腾讯云返回 InvalidParameterValue',
				'nameless',
			],
			[
				'a refusal without a message',
				() => error({ code, message: ofService('') }),
				'Tencent responded with InvalidParameterValue.',
				'腾讯云返回 InvalidParameterValue',
			],
			[
				'a wrong signature',
				() => signature({ code, message: ofService('Signature 无效') }),
				'Tencent did not accept the signature and responded with InvalidParameterValue: Signature 无效.',
				'签名未通过验证，腾讯云返回 InvalidParameterValue：Signature 无效',
			],
			[
				'a wrong signature, in a hint',
				() => signature({ code, message: ofService('Signature 无效') }),
				'Tencent did not accept the signature and responded with InvalidParameterValue.',
				'签名未通过验证，腾讯云返回 InvalidParameterValue',
				'hint',
			],
			[
				'a wrong clock',
				() => timestamp({ code, message: ofService('Timestamp expired') }),
				'Tencent did not accept the timestamp and responded with InvalidParameterValue: Timestamp expired.',
				'时间戳未通过验证，腾讯云返回 InvalidParameterValue：Timestamp expired',
			],
			[
				'a wrong clock, without a message',
				() => timestamp({ code, message: undefined }),
				'Tencent did not accept the timestamp and responded with InvalidParameterValue.',
				'时间戳未通过验证，腾讯云返回 InvalidParameterValue',
			],
			[
				'a wrong key',
				() => appKey({ code, message: ofService('AppKey not found') }),
				'Tencent did not accept the App Key and responded with InvalidParameterValue: AppKey not found.',
				'App Key 未通过验证，腾讯云返回 InvalidParameterValue：AppKey not found',
			],
			[
				'a wrong key, with names off',
				() => appKey({ code, message: ofService('AppKey not found') }),
				'Tencent did not accept the App Key and responded with InvalidParameterValue.',
				'App Key 未通过验证，腾讯云返回 InvalidParameterValue',
				'nameless',
			],
			[
				'a status',
				() => status({ status: ours('502') }),
				'The endpoint responded with HTTP status 502.',
				'接口地址返回 HTTP 状态 502',
			],
		],
		RESPONSES.responded,
	);
});

describe('The advice about a response', () => {
	const { advice } = RESPONSES;
	testScenes(
		[
			['a value is wrong', () => advice.correct(), 'Correct what Tencent names', '修正腾讯云指出的内容'],
			[
				'the application may not',
				() => advice.permit(),
				"Link the application to the product. If Tencent has a list of allowed IP addresses, add this server's",
				'把应用关联到该产品；腾讯云设有 IP 名单时，允许本机的 IP 地址',
			],
			[
				'the key or the secret is wrong',
				() => advice.checkKey(),
				'Check App Key and App Secret in the credential',
				'检查凭证中的 App Key 和 App Secret',
			],
			[
				'the quota is used up',
				() => advice.raiseLimit(),
				'Ask Tencent to raise the limit, or send less, then try again',
				'请腾讯云提高限额，或减少发送量，然后重试',
			],
			[
				'too many requests at a time',
				() => advice.slowDown(),
				"Try again later, or lower 'Requests per Second'",
				'稍后重试，或降低 Requests per Second',
			],
			[
				'a time is given',
				() => advice.after({ time: ours('2026-11-30 06:00:05 GMT+8') }),
				'Try again after 2026-11-30 06:00:05 GMT+8',
				'请在 2026-11-30 06:00:05 GMT+8 之后重试',
			],
			['the clock is wrong', () => advice.checkClock(), "Check this server's clock", '校准本机时钟'],
			[
				'the request was too large',
				() => advice.sendLess(),
				'The request was too large: send fewer devices or shorter texts in it, or have the limit of the endpoint raised',
				'请求过大：请在一次请求中少发设备或缩短文本，或请接口方提高上限',
			],
		],
		RESPONSES.advice,
	);
});

describe('Why a response proves nothing', () => {
	const doubted = (doubt: ReturnType<typeof DOUBTS.empty>) => wordsOf('UNCLEAR_RESPONSE', { doubt }).reason;
	testScenes(
		[
			[
				'no Status',
				() => doubted(DOUBTS.notConfirmed()),
				'Tencent responded, but the response did not confirm it.',
				'腾讯云有响应，但响应没有确认结果',
			],
			[
				'another RequestId',
				() => doubted(DOUBTS.ofAnother()),
				'Tencent responded, but it was the response to another request.',
				'腾讯云有响应，但那是另一个请求的响应',
			],
			[
				'no RequestId',
				() => doubted(DOUBTS.unnamed()),
				'Tencent responded, but the response did not name its request.',
				'腾讯云有响应，但响应没有指明所属的请求',
			],
			[
				'a success with status 500',
				() => doubted(DOUBTS.badStatus({ status: ours('500') })),
				'Tencent responded, but the response reported success with HTTP status 500.',
				'腾讯云有响应，但响应报告成功，HTTP 状态却是 500',
			],
			[
				'a success and an error',
				() => doubted(DOUBTS.both()),
				'Tencent responded, but the response reported both success and a refusal.',
				'腾讯云有响应，但响应同时报告了成功和拒绝',
			],
			[
				'an error in a list',
				() => doubted(DOUBTS.inPart()),
				'Tencent responded, but the response reported that a part failed.',
				'腾讯云有响应，但响应报告有一部分失败',
			],
			[
				'two Status',
				() => doubted(DOUBTS.twice()),
				'Tencent responded, but the response had a member twice.',
				'腾讯云有响应，但响应中同一成员出现了两次',
			],
			[
				'two envelopes',
				() => doubted(DOUBTS.twoEnvelopes()),
				'Tencent responded, but the response had two envelopes.',
				'腾讯云有响应，但响应有两层信封',
			],
			[
				'two RequestIds',
				() => doubted(DOUBTS.contradictory()),
				'Tencent responded, but the response contradicts itself.',
				'腾讯云有响应，但响应自相矛盾',
			],
			[
				'nothing',
				() => doubted(DOUBTS.empty()),
				'Tencent responded, but the response was empty.',
				'腾讯云有响应，但响应为空',
			],
			[
				'a text',
				() => doubted(DOUBTS.notJson()),
				'Tencent responded, but the response was not JSON.',
				'腾讯云有响应，但响应不是 JSON',
			],
			[
				'three megabytes',
				() => doubted(DOUBTS.tooLarge()),
				'Tencent responded, but the response was too large.',
				'腾讯云有响应，但响应过大',
			],
			[
				'a list',
				() => doubted(DOUBTS.notObject()),
				'Tencent responded, but the response was not a JSON object.',
				'腾讯云有响应，但响应不是 JSON 对象',
			],
			[
				'a code alone',
				() => doubted(DOUBTS.noData()),
				'Tencent responded, but the response had no data.',
				'腾讯云有响应，但响应没有数据',
			],
			[
				'a code that is none',
				() => doubted(DOUBTS.noCode()),
				'Tencent responded, but the response had no valid code.',
				'腾讯云有响应，但响应没有有效的代码',
			],
			[
				'a device that is offline',
				() => doubted(DOUBTS.offline()),
				'Tencent responded, but the device did not receive it: it is offline or not subscribed.',
				'腾讯云有响应，但设备没有收到：它离线或没有订阅',
			],
			[
				'an envelope around a text',
				() => doubted(DOUBTS.noInnerObject()),
				'Tencent responded, but the response held no object.',
				'腾讯云有响应，但响应中没有对象',
			],
			[
				'an error without its code',
				() => doubted(DOUBTS.refusalWithoutCode()),
				'Tencent responded, but the response reported a refusal without a code.',
				'腾讯云有响应，但响应报告了拒绝，却没有错误代码',
			],
		],
		DOUBTS,
	);
});
