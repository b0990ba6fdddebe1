import { describe } from '@jest/globals';
import { PROBE } from '../../nodes/TencentCloudIot/messages/probe';
import { inCommas, ofService, ours } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes } from './scenes.mts';

describe('The findings of Account: Check', () => {
	const { advice } = PROBE;
	const actions = (...names: string[]) => inCommas(names.map((name) => ours(name)));
	testScenes(
		[
			[
				'by one request',
				() => PROBE.accepted({ requests: 1 }),
				'Tencent accepted App Key and App Secret (1 request)',
				'腾讯云已接受 App Key 与 App Secret（1 个请求）',
			],
			[
				'by all of its requests',
				() => PROBE.accepted({ requests: 12 }),
				'Tencent accepted App Key and App Secret (12 requests)',
				'腾讯云已接受 App Key 与 App Secret（12 个请求）',
			],
			['nothing wrong', () => advice.nothing(), 'Nothing needs to be changed', '无需任何改动'],
			[
				'another scheme than the one that is set',
				() => advice.setScheme({ scheme: ours('Flattened Paths') }),
				"Set 'Nested Value Signing' in the credential to Automatic: Tencent accepted only Flattened Paths",
				'请在凭证中将 Nested Value Signing 设为 Automatic：腾讯云只接受 Flattened Paths',
			],
			[
				'no scheme',
				() => advice.noScheme(),
				'No signature scheme for lists was found',
				'未找到列表的签名方式',
			],
			[
				'a scheme that the node does not have',
				() => advice.pushesMayFail(),
				"Pushes may fail: give this item to the node's authors",
				'推送可能失败：请将本条结果提供给节点作者',
			],
			[
				'one lost response',
				() => advice.unanswered({ count: 1 }),
				'1 request got no readable response: check again',
				'1 个请求没有可读取的响应：请重新检查',
			],
			[
				'two lost responses',
				() => advice.unanswered({ count: 2 }),
				'2 requests got no readable response: check again',
				'2 个请求没有可读取的响应：请重新检查',
			],
			[
				'a slow clock',
				() => advice.clockBehind({ seconds: 3600 }),
				"Set this server's clock: it is 3,600 seconds behind",
				'请校准本机时钟：慢 3600 秒',
			],
			[
				'a fast clock',
				() => advice.clockAhead({ seconds: 6 }),
				"Set this server's clock: it is 6 seconds ahead",
				'请校准本机时钟：快 6 秒',
			],
			[
				'an Action that is missing',
				() => advice.unavailable({ actions: actions('ServiceBindDevice') }),
				'Not available: ServiceBindDevice. Ask Tencent for those that you need',
				'不可用的接口：ServiceBindDevice。如需使用请联系腾讯云',
			],
			[
				'two Actions that are missing',
				() => advice.unavailable({ actions: actions('ServiceBindDevice', 'ServiceCreateOrder') }),
				'Not available: ServiceBindDevice, ServiceCreateOrder. Ask Tencent for those that you need',
				'不可用的接口：ServiceBindDevice、ServiceCreateOrder。如需使用请联系腾讯云',
			],
			[
				'lists that count nothing',
				() => advice.noAudit(),
				"'Audit' is not possible: the service's lists lack their Total",
				'无法使用 Audit：列表的响应没有 Total',
			],
			[
				'a product of another application',
				() => advice.linkProduct(),
				'Link the product to the application',
				'请将该产品关联到应用',
			],
			[
				'what no read shows',
				() => advice.twoPushes(),
				"No read shows whether a push replaces a customer's devices or adds to them: push device A for a test customer, then B alone, and ask Tencent in a support ticket, with both RequestIds, whether A is still there",
				'推送是替换还是追加客户的设备，查询无法得知：请为测试客户先推送设备 A，再只推送 B，然后提交工单询问 A 是否还在，附上两个 RequestId',
			],
			[
				'a key that is not accepted',
				() => PROBE.responded({ text: ofService('AppKey 无效') }),
				'The check could not be completed: Tencent responded with AppKey 无效',
				'检查未能完成：腾讯云返回 AppKey 无效',
			],
		],
		PROBE,
	);
});
