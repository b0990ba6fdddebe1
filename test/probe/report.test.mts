import { describe, expect, test } from '@jest/globals';
import { version } from '../../package.json';
import { NONEXISTENT_ACTION } from '../../nodes/TencentCloudIot/probe/conversation';
import {
	answer,
	done,
	exchangesIn,
	probeScripted,
	refused,
	type Reply,
	type Sent,
	type Service,
	serviceThat,
	usual,
} from './scriptedProbe.mts';

const ACCEPTED = 'Tencent accepted App Key and App Secret (12 requests).';
const ACCEPTED_ZH = '腾讯云已接受 App Key 与 App Secret（12 个请求）。';
/** No read shows this, so each check advises it. */
const TWO_PUSHES = /No read shows whether .* is still there\.$/;
const TWO_PUSHES_ZH = /推送是替换还是追加.*附上两个 RequestId。$/;

const notSigned: Service = (sent) => refused(sent, 'InvalidParameterValue', 'Signature 无效');

/** A service whose clock is ahead. */
const aheadBy =
	(seconds: number): Service =>
	(sent, index) => {
		const reply = usual(sent, index);
		return typeof reply === 'string' ? reply : answer(JSON.parse(reply.body.toString()), { seconds });
	};

describe('The report says what to do', () => {
	type Settings = Parameters<typeof probeScripted>[1];
	test.each<[scene: string, service: Service, settings: Settings, english: string, chinese: string]>([
		['nothing', usual, {}, 'Nothing needs to be changed.', '无需任何改动。'],
		[
			'about a scheme that is not the one of the credential',
			usual,
			{ connection: { signatureSchemes: ['flattened'] } },
			'Nothing needs to be changed.',
			'无需任何改动。',
		],
		[
			'about another scheme',
			(sent, index) => ('DeviceInfos' in sent && index === 1 ? notSigned(sent, index) : usual(sent, index)),
			{ connection: { signatureSchemes: ['flattened'] } },
			"Set 'Nested Value Signing' in the credential to Automatic: Tencent accepted only JSON Text.",
			'请在凭证中将 Nested Value Signing 设为 Automatic：腾讯云只接受 JSON Text。',
		],
		[
			'about lists that no scheme signs',
			(sent, index) => ('DeviceInfos' in sent ? notSigned(sent, index) : usual(sent, index)),
			{},
			"No signature scheme for lists was found. Pushes may fail: give this item to the node's authors.",
			'未找到列表的签名方式。推送可能失败：请将本条结果提供给节点作者。',
		],
		[
			'about lists that are refused for another reason',
			(sent, index) => ('DeviceInfos' in sent ? refused(sent, 'Invalid', 'DeviceInfos') : usual(sent, index)),
			{},
			'No signature scheme for lists was found.',
			'未找到列表的签名方式。',
		],
		[
			'about responses that name no request',
			(sent, index) => usual({ ...sent, RequestId: 'other' }, index),
			{},
			"Pushes may fail: give this item to the node's authors.",
			'推送可能失败：请将本条结果提供给节点作者。',
		],
		[
			'about a lost response',
			(sent, index) => (index === 3 ? 'CONNECTION_RESET' : usual(sent, index)),
			{},
			'1 request got no readable response: check again.',
			'1 个请求没有可读取的响应：请重新检查。',
		],
		['about a clock that is nearly right', aheadBy(5), {}, 'Nothing needs to be changed.', '无需任何改动。'],
		[
			'about a slow clock',
			aheadBy(6),
			{},
			"Set this server's clock: it is 6 seconds behind.",
			'请校准本机时钟：慢 6 秒。',
		],
		[
			'about a fast clock',
			aheadBy(-7),
			{},
			"Set this server's clock: it is 7 seconds ahead.",
			'请校准本机时钟：快 7 秒。',
		],
		[
			'about Actions that are missing or not permitted',
			serviceThat({
				ServiceBindDevice: (sent) => refused(sent, 'InvalidAction'),
				ServiceGetOrderList: (sent) => refused(sent, 'UnauthorizedOperation'),
			}),
			{},
			'Not available: ServiceBindDevice, ServiceGetOrderList. Ask Tencent for those that you need.',
			'不可用的接口：ServiceBindDevice、ServiceGetOrderList。如需使用请联系腾讯云。',
		],
		[
			'about lists without a count',
			serviceThat({ ServiceGetCustomerList: (sent) => done(sent, { Customers: [] }) }),
			{},
			"'Audit' is not possible: the service's lists lack their Total.",
			'无法使用 Audit：列表的响应没有 Total。',
		],
		[
			'about a product of another application',
			(sent, index) => ('ProductId' in sent ? refused(sent, 'UnauthorizedOperation') : usual(sent, index)),
			{ productId: 'LOCK01' },
			'Link the product to the application.',
			'请将该产品关联到应用。',
		],
		[
			'about a product of the application',
			usual,
			{ productId: 'LOCK01' },
			'Nothing needs to be changed.',
			'无需任何改动。',
		],
	])('%s', async (_scene, service, settings, english, chinese) => {
		const { Summary, SummaryZh } = (await probeScripted(service, settings)).report;
		expect(Summary).toMatch(TWO_PUSHES);
		expect(SummaryZh).toMatch(TWO_PUSHES_ZH);
		expect(Summary.replace(TWO_PUSHES, '')).toBe(`${ACCEPTED} ${english} `);
		expect(SummaryZh.replace(TWO_PUSHES_ZH, '')).toBe(`${ACCEPTED_ZH}${chinese}`);
	});
});

describe('The report on a key that is not accepted gives the reason', () => {
	test.each<[scene: string, service: Service, english: string, chinese: string]>([
		[
			'in the masked words of the service',
			(sent) => refused(sent, 'InvalidParameterValue', 'AppKey of Li Lei is wrong.'),
			'The check could not be completed: Tencent responded with InvalidParameterValue: AppKey of … is wrong. Check App Key and App Secret in the credential.',
			'检查未能完成：腾讯云返回 InvalidParameterValue: AppKey of … is wrong。检查凭证中的 App Key 和 App Secret。',
		],
		[
			'in words of the node where there was no response',
			() => 'DNS_NOT_FOUND',
			"The host name of the endpoint was not found. It only reads; nothing was changed. Check the endpoint in the credential and this server's network.",
			'找不到接口地址的主机名（只读操作，没有任何更改）。检查凭证中的接口地址和本机的网络。',
		],
		[
			'in words of the node where the response has no code',
			(sent) => answer({ Response: { RequestId: sent.RequestId, Error: {} } }),
			'Tencent responded, but the response reported a refusal without a code. It only reads; nothing was changed. Try again; if it persists, give the RequestId to Tencent Cloud support.',
			'腾讯云有响应，但响应报告了拒绝，却没有错误代码（只读操作，没有任何更改）。重试；如果仍然出现，请把 RequestId 提供给腾讯云客服。',
		],
		[
			'in words of the node where a web server refused it',
			() => answer('<html>', { status: 403, contentType: 'text/html' }),
			'The endpoint responded with HTTP status 403. Tencent refused it; nothing was changed. Check the endpoint in the credential and any proxy or firewall on the way to it.',
			'接口地址返回 HTTP 状态 403（腾讯云已拒绝，没有任何更改）。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙。',
		],
	])('%s', async (_scene, service, english, chinese) => {
		const { Summary, SummaryZh } = (await probeScripted(service)).report;
		expect([Summary, SummaryZh]).toEqual([english, chinese]);
	});
});

describe('A transcript', () => {
	/** What the transcript shows of the first exchange. */
	async function firstExchange(reply: (sent: Sent) => Reply, connection = {}) {
		const { report } = await probeScripted((sent) => reply(sent), { connection });
		return exchangesIn(report.Transcript)[0]!;
	}
	const bodyOf = async (members: object) =>
		(await firstExchange((sent) => done(sent, members))).response?.body as { Response: unknown };

	test('names its form and the version of the package', async () => {
		const { report } = await probeScripted(usual);
		expect(report.PackageVersion).toBe(version);
		expect(JSON.parse(report.Transcript)).toMatchObject({ format: 'n8n-nodes-tencent-iot transcript 1' });
	});

	test('shows what was asked, without the product', async () => {
		const { report } = await probeScripted(usual, { productId: 'LOCK01' });
		expect(report.Transcript).not.toContain('LOCK01');
		const asked = exchangesIn(report.Transcript).find(({ purpose }) => purpose === 'product');
		expect(asked).toMatchObject({
			request: { Action: 'ServiceGetDeviceList', ProductId: '…', Offset: 0, Limit: 1 },
			scheme: 'json',
		});
		const unknown = exchangesIn(report.Transcript).find(
			({ request }) => request.Action === NONEXISTENT_ACTION,
		);
		expect(unknown?.request).toEqual({ Action: NONEXISTENT_ACTION });
	});

	test('shows a response with its status, kind and clock', async () => {
		const reply = (contentType: string) => (sent: Sent) =>
			answer({ Response: { RequestId: sent.RequestId, Total: 7 } }, { seconds: -3, contentType });
		expect((await firstExchange(reply('application/json; charset=utf-8'))).response).toEqual({
			status: 200,
			contentType: 'json',
			clockOffsetSeconds: -3,
			body: { Response: { RequestId: '{RequestId}', Total: 7 } },
		});
		expect((await firstExchange(reply('text/plain'))).response?.contentType).toBe('plain');
		expect((await firstExchange(reply('image/png'))).response?.contentType).toBe('');
	});

	test('shows why there was no response', async () => {
		expect(await firstExchange(() => 'CONNECTION_RESET')).toEqual({
			request: { Action: 'ServiceGetCustomerList', Limit: 1 },
			scheme: 'json',
			purpose: 'key',
			error: 'CONNECTION_RESET',
		});
	});

	test.each<[what: string, body: unknown, isShown: boolean]>([
		['of 20,000 bytes', `"${'x'.repeat(19_998)}"`, true],
		['of 20,001 bytes', `"${'x'.repeat(19_999)}"`, false],
		['that is no JSON', '<html>', false],
	])('shows a body %s: %#', async (_what, body, isShown) => {
		const { response } = await firstExchange(() => answer(body));
		expect(response?.body !== undefined).toBe(isShown);
	});

	test.each<[what: string, members: object, shown: object]>([
		[
			'true, false and null',
			{ Status: true, Version: false, Model: null },
			{ Status: true, Version: false, Model: null },
		],
		['a count', { Total: 999_999 }, { Total: 999_999 }],
		['a number that may be a phone number', { Total: 1_000_000 }, { Total: 0 }],
		['a negative number that may be one', { Total: -1_000_000 }, { Total: 0 }],
		['a number that counts nothing', { Status: 7 }, { Status: 0 }],
		['a member that is not documented', { Total: 1, Zhangsan: 'ok' }, { Total: 1, '…2': 'ok' }],
		['words that name nobody', { Status: 'Device not found' }, { Status: 'Device not found' }],
		['words that may name somebody', { Status: 'Device of Li Lei' }, { Status: 'Device of …' }],
		['a list of three', { Devices: ['ok', 'ok', 'ok'] }, { Devices: ['ok', 'ok'] }],
		['counts within a list', { Customers: [{ Total: 7 }] }, { Customers: [{ Total: 0 }] }],
		[
			'counts within an envelope alone',
			{ Data: { Total: 7 }, data: { Total: 7 } },
			{ Data: { Total: 0 }, data: { Total: 7 } },
		],
	])('shows %s', async (_what, members, shown) => {
		expect(await bodyOf(members)).toEqual({ Response: { RequestId: '{RequestId}', ...shown } });
	});

	test('shows the counts of both envelopes', async () => {
		const { response } = await firstExchange((sent) =>
			answer({ code: 0, msg: 'ok', data: { Response: { RequestId: sent.RequestId, Total: 7 } } }),
		);
		expect(response?.body).toEqual({
			code: 0,
			msg: 'ok',
			data: { Response: { RequestId: '{RequestId}', Total: 7 } },
		});
	});

	test('shows fifty members, and eight levels', async () => {
		const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`m${index}`, true]));
		expect(Object.keys((await bodyOf({ Data: many })).Response as object)).toEqual(['RequestId', 'Data']);
		const { Data } = (await bodyOf({ Data: many })).Response as { Data: object };
		expect(Object.keys(Data)).toEqual(Array.from({ length: 50 }, (_, index) => `…${index}`));
		const nested = (levels: number): unknown => (levels === 0 ? true : [nested(levels - 1)]);
		expect((await bodyOf({ Data: nested(6) })).Response).toMatchObject({ Data: nested(6) });
		expect(JSON.stringify((await bodyOf({ Data: nested(7) })).Response)).toContain('[[[[[["…"]]]]]]');
	});

	test('shows an App Key nowhere, and all words where there is none', async () => {
		const reply = (sent: Sent) => refused(sent, 'InvalidParameterValue', 'ServiceAppKey is wrong');
		expect(JSON.stringify(await firstExchange(reply, { appKey: 'ServiceAppKey' }))).toContain('"… is wrong"');
		expect(JSON.stringify(await firstExchange(reply, { appKey: '' }))).toContain('"ServiceAppKey is wrong"');
	});
});
