import { expect, test } from '@jest/globals';
import { signatureSchemes } from '../../simulator/verifySignature.mts';
import { bindParameters, call, failure, nowSeconds, post, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';

const [device] = bindParameters.DeviceInfos;
const invalid = 'InvalidParameterValue';
const missing = 'ErrorRequiredParamNotFound';

const refusals: [what: string, spoilt: Record<string, unknown>, code: string, message: string][] = [
	['without Action', { Action: undefined }, missing, '必选参数缺失: Action'],
	['without RequestId', { RequestId: undefined }, missing, '必选参数缺失: RequestId'],
	['with an empty RequestId', { RequestId: '' }, missing, '必选参数缺失: RequestId'],
	['with a number as RequestId', { RequestId: 7 }, invalid, 'RequestId 无效: 应为 String'],
	['without AppKey', { AppKey: undefined }, missing, '必选参数缺失: AppKey'],
	['without Signature', { Signature: undefined }, missing, '必选参数缺失: Signature'],
	['with Timestamp as text', { Timestamp: '1599468019' }, invalid, 'Timestamp 无效: 应为整数'],
	['with a broken Timestamp', { Timestamp: 1599468019.5 }, invalid, 'Timestamp 无效: 应为整数'],
	['without Nonce', { Nonce: null }, missing, '必选参数缺失: Nonce'],
	['with Nonce 0', { Nonce: 0 }, invalid, 'Nonce 无效: 应在 1 到 2147483647 之间'],
	['with Nonce 2^31', { Nonce: 2 ** 31 }, invalid, 'Nonce 无效: 应在 1 到 2147483647 之间'],
	['with another AppKey', { AppKey: 'Other' }, invalid, 'AppKey 无效'],
	['with a time too old', { Timestamp: nowSeconds() - 360 }, invalid, 'Timestamp 无效: 请求已过期'],
	['with a time too new', { Timestamp: nowSeconds() + 360 }, invalid, 'Timestamp 无效: 请求已过期'],
	['with milliseconds', { Timestamp: Date.now() }, invalid, 'Timestamp 无效: 请求已过期'],
	['with a wrong Signature', { Signature: 'P206d+JzP37FLKBDkD689wqnl4k=' }, invalid, 'Signature 无效'],
	['of an unknown action', { Action: 'ServiceFly' }, 'InvalidAction', 'Action 非法'],
	['of an action named as a method', { Action: 'constructor' }, 'InvalidAction', 'Action 非法'],
	['without CustomerId', { CustomerId: undefined }, missing, '必选参数缺失: CustomerId'],
	['with a number as CustomerId', { CustomerId: 42 }, invalid, 'CustomerId 无效: 应为 String'],
	['without DeviceInfos', { DeviceInfos: undefined }, missing, '必选参数缺失: DeviceInfos'],
	['with one device not in a list', { DeviceInfos: device }, invalid, 'DeviceInfos 无效: 应为 Array'],
	['with no devices', { DeviceInfos: [] }, invalid, 'DeviceInfos 无效: 不能为空'],
	['with a device as text', { DeviceInfos: ['P/D'] }, invalid, 'DeviceInfos.0 无效: 应为 Object'],
	...['Device001', 'A/B/C', '/Device001', 'ProductA/', '/'].map(deviceIdRefusal),
	...Object.keys(device!).flatMap(deviceFieldRefusals),
];

function deviceIdRefusal(DeviceId: string): (typeof refusals)[number] {
	const DeviceInfos = [device, { ...device, DeviceId }];
	const message = 'DeviceInfos.1.DeviceId 无效: 应为 ProductId/DeviceName';
	return [`with the DeviceId "${DeviceId}"`, { DeviceInfos }, invalid, message];
}

function deviceFieldRefusals(field: string): typeof refusals {
	const name = `DeviceInfos.0.${field}`;
	const spoil = (value: unknown) => ({ DeviceInfos: [{ ...device, [field]: value }] });
	return [
		[`without ${name}`, spoil(undefined), invalid, `${name} 无效: 应为 String`],
		[`with an empty ${name}`, spoil(''), invalid, `${name} 无效: 不能为空`],
	];
}

test.each(refusals)('A push %s is refused and changes nothing', async (_what, spoilt, code, message) => {
	const simulator = await runSimulator();
	expect(await call(simulator, { ...bindParameters, ...spoilt })).toEqual(failure(code, message));
	expect(simulator.bindings.size).toBe(0);
	expect(simulator.requests).toMatchObject([{ outcome: code, applied: false }]);
});

test.each([
	['nothing', ''],
	['no JSON', '{"Action":'],
	['a JSON list', '[]'],
	['JSON null', 'null'],
	['broken UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
])('A body that is %s is refused as invalid JSON', async (_what, body) => {
	const simulator = await runSimulator();
	const answer = await post(simulator, body);
	expect(JSON.parse(answer.text)).toEqual(
		failure('InvalidParameterValue.InvalidJSON', '请求格式不是 JSON', ''),
	);
});

test.each([-290, 0, 290])('A clock that is %d seconds off is accepted', async (seconds) => {
	const simulator = await runSimulator();
	expect(await call(simulator, { ...bindParameters, Timestamp: nowSeconds() + seconds })).toEqual(success);
});

test('The same Timestamp and Nonce are accepted once, even with another RequestId', async () => {
	const simulator = await runSimulator();
	const once = { ...bindParameters, Timestamp: nowSeconds(), Nonce: 7 };
	expect(await call(simulator, once)).toEqual(success);
	expect(await call(simulator, once)).toEqual(failure(invalid, 'Nonce 重复'));
	expect(await call(simulator, { ...once, Timestamp: once.Timestamp - 1 })).toEqual(success);
});

test.each(signatureSchemes)(
	'A simulator with the nested rule %s accepts only that rule',
	async (nestedRule) => {
		const simulator = await runSimulator({ nestedRule });
		for (const rule of signatureSchemes) {
			const expected = rule === nestedRule ? success : failure(invalid, 'Signature 无效');
			expect(await call(simulator, bindParameters, { rule })).toEqual(expected);
		}
		expect(simulator.requests.map(({ signatureValid }) => signatureValid)).toContain(true);
	},
);
