import { expect, test } from '@jest/globals';
import { countWrites } from '../../simulator/snapshot.mts';
import { SIGNATURE_SCHEME_NAMES } from '../../nodes/TencentCloudIot/service/signing/signature';
import { outcomeOf } from '../../nodes/TencentCloudIot/service/fate';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { deliver, pushOf, sendingTo } from '../support/sending.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runProbe } from './runProbe.mts';
import { runStandIn, type Personality, type Why } from './standIn.mts';
import { clockOffsetSeconds, type Observation } from '../../nodes/TencentCloudIot/probe/conversation';

const USUAL: Personality = {
	lists: 'json',
	success: (id, members) => ({ Response: { ...members, RequestId: id } }),
	failure: (id, why) => ({
		Response: { Error: { Code: 'InvalidParameterValue', Message: why }, RequestId: id },
	}),
};

test('If a service refuses everything alike, no Action is reported as missing, and no write is sent.', async () => {
	const failure: Personality['failure'] = (id, why) => ({
		Response: {
			Error: { Code: 'InvalidParameterValue', Message: why === 'signature' ? 'Signature' : '参数错误' },
			RequestId: id,
		},
	});
	const service = await runStandIn({ ...USUAL, failure });
	const { Actions } = (await runProbe(service)).report;
	expect(Actions.Missing).toEqual([]);
	expect(Actions.Found).toEqual(['ServiceGetCustomerList', 'ServiceGetOrderList']);
	expect(Actions.Unclear).toContain('ServiceGetDeviceList');
	expect(Actions.NotAsked).toContain('ServiceBindDevice');
});

// The header has whole seconds: within one second, the clocks count as equal.
test.each([
	[0, 1],
	[0, 499],
	[0, 999],
	[-1, 1_001],
	[7, -6_501],
	[-60, 60_250],
])('A clock is reported as %i seconds off if it reads %i ms more than the header', (seconds, afterMs) => {
	const headerMs = Date.UTC(2026, 10, 30, 12);
	const date = new Date(headerMs).toUTCString();
	const response = {
		status: 200,
		body: Buffer.alloc(0),
		contentType: '',
		date,
		age: '',
		retryAfter: '',
		receivedAtMs: headerMs + afterMs,
	};
	const offset = clockOffsetSeconds({ exchange: { response } } as unknown as Observation);
	expect(offset! + 0).toBe(seconds);
});

test('A missing Action is recognized even if only the message shows it.', async () => {
	const service = await runStandIn({
		...USUAL,
		missing: ['ServiceGetOrderList'],
		failure: (id, why, about) => ({
			Response: { Error: { Code: 'Failed', Message: `${why} required ${about}` }, RequestId: id },
		}),
	});
	expect((await runProbe(service)).report.Actions.Missing).toEqual(['ServiceGetOrderList']);
});

test('A missing Action is recognized even if each refusal has its own number.', async () => {
	let count = 0;
	const failure: Personality['failure'] = (id, why, about) => {
		count++;
		return {
			Response: {
				Error: { Code: 'Failed', Message: `${why} required ${about}, trace ${count}` },
				RequestId: id,
			},
		};
	};
	const service = await runStandIn({ ...USUAL, missing: ['ServiceGetOrderList'], failure });
	expect((await runProbe(service)).report.Actions.Missing).toEqual(['ServiceGetOrderList']);
});

test.each([
	['breaks down after four requests', { kind: 'status', status: 502, body: '<html>' } as const, 8],
	['throttles from then on', { kind: 'error', Code: 'RequestLimitExceeded', Message: '' } as const, 2],
	['is gone', { kind: 'reset' } as const, 2],
])(
	'Of a service that %s it keeps what it found, and says that some is not known.',
	async (_, fault, unanswered) => {
		const simulator = await runSimulator({ faults: [{ ...fault, on: ({ index }) => index >= 4 }] });
		const { report } = await runProbe(simulator);
		expect(report).toMatchObject({ Accepted: true, SignatureScheme: 'json', Unanswered: unanswered });
		expect(report.Summary).toContain(`${unanswered} requests got no readable response: check again.`);
		expect(countWrites(simulator.requests)).toBe(0);
	},
);

test.each([
	['flattened', 'flattened'],
	['json', 'goFmt'],
] as const)(
	'Where the credential says %s and lists are signed by %s, it says whether pushes are accepted.',
	async (set, nestedRule) => {
		const simulator = await runSimulator({ nestedRule });
		const { Summary, SummaryZh, SignatureScheme } = (await runProbe(simulator, '', [set])).report;
		expect(SignatureScheme).toBe(nestedRule);
		const settings = sendingTo(simulator, { signatureSchemes: [set] });
		const { delivered } = await deliver([pushOf('c1')], settings);
		const isAccepted = outcomeOf(delivered[0]!)?.outcome === 'OK';
		expect(isAccepted).toBe(set === nestedRule);
		expect(Summary.includes('Nothing needs to be changed')).toBe(isAccepted);
		expect(SummaryZh.includes('无需任何改动')).toBe(isAccepted);
		if (isAccepted) {
			return;
		}
		const found = SIGNATURE_SCHEME_NAMES[nestedRule];
		expect(Summary).toContain(
			`Set 'Nested Value Signing' in the credential to Automatic: Tencent accepted only ${found}.`,
		);
		expect(SummaryZh).toContain(`请在凭证中将 Nested Value Signing 设为 Automatic：腾讯云只接受 ${found}。`);
	},
);

test.each<[string, SimulatorOptions]>([
	['each scheme is refused', { habits: { refusesLists: true } }],
	[
		'a read with a list is refused for another reason',
		{
			faults: [
				{
					kind: 'error',
					Code: 'InvalidParameterValue',
					Message: 'DeviceInfos',
					on: ({ index }) => index === 1,
				},
			],
		},
	],
])('If %s, the report says that no scheme was found.', async (_, options) => {
	const simulator = await runSimulator(options);
	const { Summary, SummaryZh } = (await runProbe(simulator)).report;
	expect(Summary).toContain('No signature scheme for lists was found.');
	expect(SummaryZh).toContain('未找到列表的签名方式。');
});

test('No write is sent after a refusal that does not mention parameters.', async () => {
	const simulator = await runSimulator({
		faults: [
			{
				kind: 'error',
				Code: 'InternalError',
				Message: '内部错误',
				on: ({ Action }) => Action === 'ServiceGetDeviceList',
			},
		],
	});
	await runProbe(simulator);
	const asked = simulator.requests.map(({ Action }) => Action);
	expect(asked).not.toContain('ServiceBindDevice');
	expect(asked).toHaveLength(12);
});

test('The only write Action is sent without a customer and devices.', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	await runProbe(simulator, 'P');
	const requestBodies = simulator.requests.map(({ body }) => JSON.parse(body!) as Record<string, unknown>);
	const writes = requestBodies.filter(({ Action }) => /Bind|Create|Report|Control|Call/.test(String(Action)));
	expect(writes.map((body) => Object.keys(body).sort())).toEqual([
		['Action', 'AppKey', 'Nonce', 'RequestId', 'Signature', 'Timestamp'],
	]);
	expect(writes[0]?.['Action']).toBe('ServiceBindDevice');
});

test.each([
	['Signature 无效', 'Signature 无效'],
	['必选参数缺失: ProductId', '必选参数缺失: ProductId'],
	['InvalidParameterValue.UserLoginFailed|用户登录失败', 'InvalidParameterValue.…|用户…失败'],
	['客户张三不存在', '客户…不存在'],
	['application of Li Lei (13800138000, li@lei.cn)', '… of … (…, …@…)'],
	['token=eyJhbGciOiJIUzI1NiJ9.abc', '…=…'],
	['José Müller 手机 138 0013 8000', '…'],
	['a\u0000b\u202Ec', '…'],
	['<a href="x">', '…="…"…'],
	['AppKey MyKeyOfLetters is wrong', 'AppKey … is wrong'],
])('%j is masked in the report as %j.', async (text, masked) => {
	const simulator = await runSimulator({
		faults: [{ kind: 'error', Code: 'Failed', Message: text, on: () => true }],
	});
	const { Transcript } = (await runProbe({ ...simulator, appKey: 'MyKeyOfLetters' })).report;
	const [first] = (JSON.parse(Transcript) as { exchanges: Array<{ response: { body: object } }> }).exchanges;
	expect(first?.response.body).toMatchObject({ Response: { Error: { Message: masked } } });
});

/** All strings and numbers of a JSON value, including member names. */
function leavesOf(value: unknown): unknown[] {
	if (typeof value !== 'object' || value === null) {
		return [value];
	}
	return Object.entries(value).flatMap(([name, member]) => [name, ...leavesOf(member)]);
}

test('Whatever the service sends, a transcript contains only documented names and counts, and no key.', async () => {
	const phones = Array.from({ length: 1000 }, (_, index) => 13_800_000_000 + 7 * index);
	const left = [...phones];
	const { report } = await runProbe(
		await runStandIn({
			...USUAL,
			failure: (id, why) => ({ Response: { Error: { Code: '482913', Message: why }, RequestId: id } }),
			success: (id, members) => ({
				Response: {
					...members,
					RequestId: id,
					Total: left.length > 900 ? 1000 : left[0],
					Zhangsan: 1,
					front_door: { open: 'yes' },
					Status: 482913,
					Message: 482913,
					Customers: left.splice(0, 250).map((phone, index) => {
						const CustomerId = String(phone);
						return index < 2
							? { CustomerId, PhoneNumber: phone, Total: phone, [CustomerId]: phone }
							: { CustomerId };
					}),
				},
			}),
		}),
		'P',
	);
	expect(left).toEqual([]);
	expect(report.Transcript).not.toMatch(/Zhangsan|front_door|482913|1380000/);
	const { exchanges } = JSON.parse(report.Transcript) as {
		exchanges: Array<{ response: { body?: object } }>;
	};
	const [body] = exchanges.map(({ response }) => response.body);
	expect(new Set(leavesOf(body))).toEqual(
		new Set([
			'Response',
			'Customers',
			'CustomerId',
			'PhoneNumber',
			'Total',
			'Status',
			'Message',
			'RequestId',
			'0',
			'1',
			'…',
			'…0',
			'…3',
			'…4',
			'{RequestId}',
			0,
			1000,
		]),
	);
});

test('An App Key of letters or of protocol words is in neither the transcript nor the summary.', async () => {
	const key = 'ServiceAppKey';
	const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: `${key} Signature 无效` } as const;
	const simulator = await runSimulator({ faults: () => refused });
	expect(simulator.appKey).toBe(key);
	const { report } = await runProbe(simulator);
	expect(JSON.stringify(report)).not.toContain(key);
	expect(report.Summary).toContain('Signature 无效');
});

test('A Date that is more than a day off is not trusted: no request is signed with it.', async () => {
	const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Timestamp expired' } as const;
	const requestsAt = async (clockSkewSeconds: number) => {
		const simulator = await runSimulator({ clockSkewSeconds, faults: () => refused, keepBodies: true });
		await runProbe(simulator);
		return simulator.requests.map(({ body }) => (JSON.parse(body!) as { Timestamp: number }).Timestamp);
	};
	const now = Date.now() / 1000;
	expect(await requestsAt(3 * 365 * 86_400)).toEqual([expect.closeTo(now, -3)]);
	expect(await requestsAt(3 * 3600)).toEqual([expect.closeTo(now, -3), expect.closeTo(now + 3 * 3600, -3)]);
});

test('A check that fails after a clock correction says why the corrected request was refused.', async () => {
	const late = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Timestamp expired' } as const;
	const blocked = { kind: 'error', Code: 'AuthFailure', Message: 'the AppKey is closed' } as const;
	const simulator = await runSimulator({
		clockSkewSeconds: 3 * 3600,
		faults: ({ index }) => (index === 0 ? late : blocked),
	});
	const { report } = await runProbe(simulator);
	expect(simulator.requests).toHaveLength(2);
	expect(report.Summary).toContain('AuthFailure: ');
	expect(report.SummaryZh).toContain('AuthFailure: ');
});

test('A long response is parsed once, and adds little to the report.', async () => {
	const many = Object.fromEntries(
		Array.from({ length: 3000 }, (_, index) => [`Customer${index}`, 'x'.repeat(500)]),
	);
	const wide = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`Customer${index}`, 1]));
	const reports = [many, wide].map(async (members) => {
		const service = await runStandIn({
			...USUAL,
			success: (id, parameters) => ({ Response: { ...parameters, RequestId: id, ...members } }),
		});
		return (await runProbe(service)).report;
	});
	const [large, small] = await Promise.all(reports);
	expect([large!.Accepted, small!.Accepted]).toEqual([true, true]);
	expect(large!.Transcript.length).toBeLessThan(10_000);
	expect(small!.Transcript.length).toBeLessThan(20_000);
});

test.each([
	[undefined, false],
	[7, true],
])('The Total of lists shows whether they can be audited: %s.', async (Total, isPossible) => {
	const success = (RequestId: string) => ({ Response: { RequestId, Customers: [], Total } });
	const { report } = await runProbe(await runStandIn({ ...USUAL, success }));
	expect(report).toMatchObject({
		ListsCountEntries: isPossible,
		Summary: isPossible
			? (expect.not.stringContaining('Audit') as unknown)
			: expect.stringContaining("'Audit' is not possible"),
	});
});

test('Accepted repeated nonces are reported, even if the clock had to be corrected first', async () => {
	const words: Partial<Record<Why, string>> = { time: 'Timestamp expired', replay: 'Nonce repeated' };
	const failure: Personality['failure'] = (id, why) => ({
		Response: { Error: { Code: 'InvalidParameterValue', Message: words[why] ?? why }, RequestId: id },
	});
	const service = await runStandIn({ ...USUAL, failure, skew: 3600, takesRepeated: true });
	const { report } = await runProbe(service);
	expect(report).toMatchObject({ Accepted: true, OldTimestampRefused: true, RepeatedNonceRefused: false });
	const strict = await runStandIn({ ...USUAL, failure, skew: 3600 });
	expect((await runProbe(strict)).report.RepeatedNonceRefused).toBe(true);
});
