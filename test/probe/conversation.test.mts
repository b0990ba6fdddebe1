import { describe, expect, test } from '@jest/globals';
import {
	conversation,
	NONEXISTENT_ACTION,
	type Observation,
} from '../../nodes/TencentCloudIot/probe/conversation';
import {
	SIGNATURE_SCHEMES,
	type SignatureScheme,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import {
	answer,
	done,
	NOW_MS,
	probeScripted,
	purposesIn,
	refused,
	type Service,
	serviceThat,
	usual,
} from './scriptedProbe.mts';

const KEY = 'key ServiceGetCustomerList';
const OTHER_KEY = 'key ServiceGetOrderList';
const SCHEME = 'scheme ServiceGetCustomerList json';
const UNKNOWN = `action ${NONEXISTENT_ACTION}`;
const DEVICES = 'action ServiceGetDeviceList';
const BIND = 'action ServiceBindDevice';
const REPLAYS = ['oldTimestamp ServiceGetCustomerList', 'repeatedNonce ServiceGetCustomerList'];
const ORDERS = 'action ServiceGetOrderList';
const READS = [
	'action ServiceDescribeDevice',
	'action ServiceDescribeDeviceData',
	'action ServiceDescribeDeviceDataHistory',
	'action ServiceListEventHistory',
	'action ServiceGetInsurancePageURL',
	'action ServiceDescribeModelDefinition',
];

const notSigned: Service = (sent) => refused(sent, 'InvalidParameterValue', 'Signature 无效');

/** A service whose clock is ahead, so it refuses the first request. */
function aheadBy(seconds: number, reason = 'Timestamp expired'): Service {
	return (sent, index) =>
		index === 0
			? answer(
					{
						Response: {
							RequestId: sent.RequestId,
							Error: { Code: 'InvalidParameterValue', Message: reason },
						},
					},
					{ seconds },
				)
			: usual(sent, index);
}

test('A probe sends the most important requests first, and ends after twelve', async () => {
	const { report } = await probeScripted(usual, { productId: 'LOCK01' });
	expect(purposesIn(report)).toEqual(
		[KEY, SCHEME, UNKNOWN, DEVICES, BIND, 'product ServiceGetDeviceList', ...REPLAYS, ORDERS, READS]
			.flat()
			.slice(0, 12),
	);
});

test('A probe reads the first device of the product', async () => {
	const { sent } = await probeScripted(usual, { productId: 'LOCK01' });
	expect(sent.filter(({ Action }) => Action === 'ServiceGetDeviceList')).toEqual([
		expect.not.objectContaining({ ProductId: expect.anything() as unknown }),
		expect.objectContaining({ ProductId: 'LOCK01', Offset: 0, Limit: 1 }),
	]);
});

test.each<[scene: string, service: Service, asked: string[]]>([
	['its key is refused', (sent) => refused(sent, 'InvalidParameterValue', 'AppKey not found'), [KEY]],
	['its signature is refused, and the clock is right', notSigned, [KEY]],
	['both reads are refused', (sent) => refused(sent, 'UnauthorizedOperation'), [KEY, OTHER_KEY]],
	[
		'only the first read is refused',
		serviceThat({ ServiceGetCustomerList: (sent) => refused(sent, 'UnauthorizedOperation') }),
		[
			KEY,
			OTHER_KEY,
			'scheme ServiceGetOrderList json',
			UNKNOWN,
			DEVICES,
			BIND,
			'oldTimestamp ServiceGetOrderList',
			'repeatedNonce ServiceGetOrderList',
			...READS.slice(0, 4),
		],
	],
	[
		'the first read is refused, and the response to the other is not a list',
		serviceThat({
			ServiceGetCustomerList: (sent) => refused(sent, 'UnauthorizedOperation'),
			ServiceGetOrderList: (sent) => done(sent, { Status: 'OK' }),
		}),
		[KEY, OTHER_KEY],
	],
	[
		'the first read is neither done nor refused',
		serviceThat({ ServiceGetCustomerList: (sent) => done(sent, { Status: 'OK' }) }),
		[KEY],
	],
	[
		'each scheme is refused',
		(sent, index) => ('DeviceInfos' in sent ? notSigned(sent, index) : usual(sent, index)),
		[
			KEY,
			...SIGNATURE_SCHEMES.map((scheme) => `scheme ServiceGetCustomerList ${scheme}`),
			UNKNOWN,
			DEVICES,
			BIND,
			...REPLAYS,
			ORDERS,
		],
	],
	[
		'a scheme is refused for another reason',
		(sent, index) => ('DeviceInfos' in sent ? refused(sent, 'Invalid', 'DeviceInfos') : usual(sent, index)),
		[KEY, SCHEME, UNKNOWN, DEVICES, BIND, ...REPLAYS, ORDERS, ...READS.slice(0, 4)],
	],
])('If %s, a probe sends only the requests that can still show something', async (_scene, service, asked) => {
	expect(purposesIn((await probeScripted(service)).report)).toEqual(asked);
});

test("The credential's schemes are tried first, each once", async () => {
	const refusing: Service = (sent, index) =>
		'DeviceInfos' in sent ? notSigned(sent, index) : usual(sent, index);
	const signatureSchemes: SignatureScheme[] = ['flattened'];
	const { report } = await probeScripted(refusing, { connection: { signatureSchemes } });
	const schemes = purposesIn(report).filter((purpose) => purpose.startsWith('scheme'));
	expect(schemes.map((purpose) => purpose.split(' ')[2])).toEqual([
		'flattened',
		'json',
		'goFmt',
		'scalarsOnly',
		'jsString',
	]);
});

describe('A write without parameters is tried', () => {
	test.each<[scene: string, devices: Service, isTried: boolean]>([
		['if a read without its parameter is refused', usual, true],
		['if the code says so', (sent) => refused(sent, 'MissingParameter'), true],
		['if the message says so in Chinese', (sent) => refused(sent, 'Failed', '缺少参数'), true],
		['not if the read is refused for another reason', (sent) => refused(sent, 'Failed', 'busy'), false],
		['not if the read succeeds', (sent) => done(sent, { Devices: [], Total: 0 }), false],
		['not without a response', (sent) => done(sent, []), false],
		[
			'not if the signature is refused',
			(sent) => refused(sent, 'InvalidParameterValue', 'Signature is required'),
			false,
		],
	])('%s', async (_scene, devices, isTried) => {
		const { report } = await probeScripted(serviceThat({ ServiceGetDeviceList: devices }));
		expect(purposesIn(report).includes(BIND)).toBe(isTried);
	});

	test.each([
		['everything', true],
		['noLiveActions', true],
		['readsOnly', false],
	] as const)('if the credential allows it: %s', async (allowedActions, isTried) => {
		const { report } = await probeScripted(usual, { connection: { allowedActions } });
		expect(purposesIn(report).includes(BIND)).toBe(isTried);
	});
});

describe('The clock of the service', () => {
	const DAY = 24 * 3600;

	test.each<[scene: string, service: Service, correction: number]>([
		['is off by the tolerated difference', aheadBy(30), 0],
		['is further off', aheadBy(31), 31],
		['is further behind', aheadBy(-31), -31],
		['is further off, and the signature was refused', aheadBy(60, 'Signature 无效'), 60],
		['is further off, and the key was refused', aheadBy(60, 'AppKey not found'), 0],
		['is further off, and something else was refused', aheadBy(60, 'CustomerId'), 0],
		['is a day and a minute off', aheadBy(DAY + 60), DAY + 60],
		['is further off than any clock', aheadBy(DAY + 61), 0],
	])('%s', async (_scene, service, correction) => {
		const { sent, offsetsMs } = await probeScripted(service);
		const [first, second] = sent;
		expect(first?.Timestamp).toBe(NOW_MS / 1000);
		expect(offsetsMs).toEqual([1000 * correction]);
		expect([undefined, NOW_MS / 1000 + correction]).toContain(second?.Timestamp);
		expect(correction === 0 || second?.Action === 'ServiceGetCustomerList').toBe(true);
	});

	test('is kept for the requests that follow', async () => {
		const { sent, report } = await probeScripted(aheadBy(60));
		expect(purposesIn(report).slice(0, 3)).toEqual([KEY, KEY, SCHEME]);
		const corrections = sent.map(({ Timestamp }) => Timestamp - NOW_MS / 1000);
		// One check sends a Timestamp of an hour ago.
		expect([...new Set(corrections)]).toEqual([0, 60, 60 - 3600]);
	});
});

test('A throttled request shows nothing about its Action', () => {
	const steps = conversation('', { signatureSchemes: SIGNATURE_SCHEMES, allowedActions: 'everything' });
	const first = steps.next();
	const reading = { kind: 'refused', code: 'RequestLimitExceeded', isThrottled: true, data: {} };
	const seen = { request: first.value, exchange: { error: {} }, reading } as unknown as Observation;
	expect(steps.next(seen).done).toBe(true);
});
