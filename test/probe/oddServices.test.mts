import { expect, test } from '@jest/globals';
import { rateFor } from '../../nodes/TencentCloudIot/probe/probe';
import { maskedText } from '../../nodes/TencentCloudIot/probe/transcript';
import { countWrites } from '../../simulator/snapshot.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runProbe } from './runProbe.mts';
import { runStandIn, type Personality } from './standIn.mts';

const USUAL: Personality = {
	lists: 'json',
	success: (id, members) => ({ Response: { ...members, RequestId: id } }),
	failure: (id, why) => ({
		Response: { Error: { Code: 'InvalidParameterValue', Message: why }, RequestId: id },
	}),
};

test('Of a service that refuses everything alike it claims of no Action that it is missing, and asks for no write.', async () => {
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

test('What an Action is missing by is also seen where only the message tells it.', async () => {
	const service = await runStandIn({
		...USUAL,
		missing: ['ServiceGetOrderList'],
		failure: (id, why, about) => ({
			Response: { Error: { Code: 'Failed', Message: `${why} required ${about}` }, RequestId: id },
		}),
	});
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

test('Each refusal without a word about parameters keeps it from asking for a write.', async () => {
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

test('What writes is asked for with neither customer nor devices, and nothing else that writes is asked for.', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	await runProbe(simulator, 'P');
	const own = simulator.requests.map(({ body }) => JSON.parse(body!) as Record<string, unknown>);
	const writes = own.filter(({ Action }) => /Bind|Create|Report|Control|Call/.test(String(Action)));
	expect(writes.map((body) => Object.keys(body).sort())).toEqual([
		['Action', 'AppKey', 'Nonce', 'RequestId', 'Signature', 'Timestamp'],
	]);
	expect(writes[0]?.['Action']).toBe('ServiceBindDevice');
});

test.each([
	['iot.cloud.tencent.com', 1],
	['127.0.0.1', 0],
	['[::1]', 0],
	['localhost', 0],
	['127.example.com', 1],
	['localhost.example.com', 1],
])('%s gets at most %d requests a second (0: no limit).', (hostname, rate) => {
	expect(rateFor(hostname)).toBe(rate);
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
])('%j is shown to others as %j.', (text, masked) => {
	expect(maskedText(text)).toBe(masked);
});
