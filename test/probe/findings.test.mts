import { describe, expect, test } from '@jest/globals';
import { NONEXISTENT_ACTION, type Observation } from '../../nodes/TencentCloudIot/probe/conversation';
import { findingsOf } from '../../nodes/TencentCloudIot/probe/findings';

type Purpose = Observation['request']['purpose'];
type Reading = Observation['reading'];

const DONE: Partial<Reading> = { kind: 'done', data: {} };
const ACCEPTED: Partial<Reading> = { kind: 'done', data: { Customers: [{}], Total: 3 } };
const UNCOUNTED: Partial<Reading> = { kind: 'done', data: { Customers: [{}] } };
const NONE: Partial<Reading> = { kind: 'none' };
const THROTTLED: Partial<Reading> = { kind: 'refused', code: 'RequestLimitExceeded', isThrottled: true };
const SIGNATURE: Partial<Reading> = { kind: 'refused', code: 'AuthFailure', authFailure: 'signature' };

function refused(code: string, message = ''): Partial<Reading> {
	return { kind: 'refused', code, message };
}

/** A request with its purpose and its reading. */
function observed(purpose: Purpose, reading: Partial<Reading>, Action = 'ServiceGetOrderList'): Observation {
	return {
		request: { purpose, parameters: { Action }, scheme: 'json' },
		fresh: { RequestId: 'r1' },
		exchange: { error: { kind: 'CONNECTION_RESET' } },
		reading: { code: '', message: '', data: {}, isThrottled: false, isRequestIdEchoed: true, ...reading },
	} as unknown as Observation;
}

describe('Whether a recorded request may be sent again', () => {
	test.each<[what: string, reading: Partial<Reading> | undefined, isRefused: boolean | undefined]>([
		['is refused', refused('AuthFailure'), true],
		['is not refused', DONE, false],
		['is not known without a response', NONE, undefined],
		['is not known while the service throttles', THROTTLED, undefined],
		['is not known if it was not tried', undefined, undefined],
	])('%s', (_what, reading, isRefused) => {
		const observations = reading === undefined ? [] : [observed('oldTimestamp', reading)];
		expect(findingsOf(observations).OldTimestampRefused).toBe(isRefused);
	});
});

describe('The devices of the chosen product', () => {
	test.each<[what: string, reading: Partial<Reading> | undefined, devices: unknown]>([
		['are as many as the service counts', { kind: 'done', data: { Devices: [{}], Total: 7 } }, 7],
		['are as many as are listed without a count', { kind: 'done', data: { Devices: [{}, {}] } }, 2],
		['may not be seen', refused('UnauthorizedOperation'), 'refused'],
		['are not known without a response', NONE, undefined],
		['are not known without a chosen product', undefined, undefined],
	])('%s', (_what, reading, devices) => {
		const observations = reading === undefined ? [] : [observed('product', reading)];
		expect(findingsOf(observations).ProductDevices).toBe(devices);
	});
});

describe('An Action', () => {
	// The service names an Action that does not exist.
	const unknown = observed(
		'action',
		refused('Invalid', `no Action ${NONEXISTENT_ACTION}`),
		NONEXISTENT_ACTION,
	);

	test.each<
		[kind: 'Found' | 'Missing' | 'NotPermitted' | 'Unclear' | 'NotAsked', what: string, seen: Observation[]]
	>([
		['Found', 'that is done', [observed('action', DONE)]],
		[
			'Found',
			'that is refused differently from one that does not exist',
			[unknown, observed('action', refused('Invalid', 'OrderId'))],
		],
		[
			'Missing',
			'that is refused like one that does not exist',
			[unknown, observed('action', refused('Invalid', 'no Action ServiceGetOrderList'))],
		],
		['Missing', 'that is invalid', [observed('action', refused('InvalidAction.NotFound'))]],
		[
			'NotPermitted',
			'that the application may not use',
			[observed('action', refused('UnauthorizedOperation.Api'))],
		],
		['Unclear', 'whose request got no response', [unknown, observed('action', NONE)]],
		['Unclear', 'that was throttled', [unknown, observed('action', THROTTLED)]],
		['Unclear', 'whose signature is refused', [unknown, observed('action', SIGNATURE)]],
		[
			'Unclear',
			'that is refused, if it is not known how a nonexistent one is refused',
			[observed('action', refused('Invalid', 'OrderId'))],
		],
		['NotAsked', 'that was sent only to test repeated requests', [observed('repeatedNonce', DONE)]],
		['NotAsked', 'that was sent only with an old Timestamp', [observed('oldTimestamp', DONE)]],
	])('is %s %s', (kind, _what, seen) => {
		const { Actions } = findingsOf(seen);
		const kinds = Object.entries(Actions).filter(([, names]) => names.includes('ServiceGetOrderList'));
		expect(kinds.map(([name]) => name)).toEqual([kind]);
	});
});

test.each<[what: string, schemes: Array<Partial<Reading>>, scheme: string | undefined]>([
	['the first that is accepted', [SIGNATURE, ACCEPTED], 'json'],
	['none, if each is refused', Array<Partial<Reading>>(5).fill(SIGNATURE), 'none'],
	[
		'not known, if one of them got no response',
		[...Array<Partial<Reading>>(4).fill(SIGNATURE), NONE],
		undefined,
	],
	['not known, if not all were tried', Array<Partial<Reading>>(4).fill(SIGNATURE), undefined],
	['not known, if the read did not run', [DONE], undefined],
	['not known, if none was tried', [], undefined],
])('The scheme of lists is %s', (_what, schemes, scheme) => {
	const seen = schemes.map((reading) => observed('scheme', reading));
	expect(findingsOf(seen).SignatureScheme).toBe(scheme);
});

test.each<[what: string, readings: Array<Partial<Reading>>, expected: object]>([
	['accepted', [ACCEPTED], { Accepted: true, ListsCountEntries: true, Customers: 3 }],
	['accepted in the end', [NONE, ACCEPTED], { Accepted: true, Customers: 3 }],
	['accepted without a count', [UNCOUNTED], { Accepted: true, ListsCountEntries: false, Customers: 1 }],
	['refused', [SIGNATURE], { Accepted: false, ListsCountEntries: undefined, Customers: undefined }],
	['refused in the end', [ACCEPTED, SIGNATURE], { Accepted: false, ListsCountEntries: undefined }],
	['not tried', [], { Accepted: false, ListsCountEntries: undefined, ClockOffsetSeconds: undefined }],
])('A key is %s', (_what, readings, expected) => {
	expect(findingsOf(readings.map((reading) => observed('key', reading)))).toMatchObject(expected);
});

test.each<[what: string, readings: Array<Partial<Reading>>, isEchoed: boolean | undefined]>([
	['all responses', [DONE, refused('Invalid')], true],
	['not all responses', [DONE, { ...DONE, isRequestIdEchoed: false }], false],
	['all that can be read', [DONE, { ...NONE, isRequestIdEchoed: false }], true],
	['none that can be read', [NONE], undefined],
])('RequestIds are repeated by %s', (_what, readings, isEchoed) => {
	const seen = readings.map((reading) => observed('action', reading));
	expect(findingsOf(seen).RequestIdEchoed).toBe(isEchoed);
});

describe('How a nonexistent Action is refused', () => {
	const kindOf = (unknown: Partial<Reading>, otherRefusals: Array<Partial<Reading>>) => {
		const asked = otherRefusals.map((reading) => observed('action', reading));
		const { Actions } = findingsOf([observed('action', unknown, NONEXISTENT_ACTION), ...asked]);
		return Object.entries(Actions).find(([, names]) => names.includes('ServiceGetOrderList'))?.[0];
	};
	const order = refused('Failed', 'OrderId');

	test.each<[what: string, unknown: Partial<Reading>, otherRefusals: Array<Partial<Reading>>, kind: string]>([
		['shows in its code', refused('NoSuchAction', 'no'), [refused('NoSuchAction', 'no')], 'Missing'],
		['shows in its message', refused('Failed', '接口不存在'), [order], 'Found'],
		[
			'does not show in its own name',
			refused('Failed', NONEXISTENT_ACTION),
			[refused('Failed', '')],
			'Unclear',
		],
		['shows if another one is refused differently', refused('Failed', 'x'), [order], 'Found'],
		[
			'shows regardless of its numbers',
			refused('Failed', 'Action 1'),
			[refused('Failed', 'Action 22')],
			'Missing',
		],
		['does not show if all are refused alike', order, [order], 'Unclear'],
		['does not show if it succeeds', DONE, [order], 'Unclear'],
		['does not show without a response', NONE, [order], 'Unclear'],
		['does not show if its signature is refused', { ...SIGNATURE, message: 'Action' }, [order], 'Unclear'],
	])('%s', (_what, unknown, otherRefusals, kind) => {
		expect(kindOf(unknown, otherRefusals)).toBe(kind);
	});

	test('is not compared with requests for another purpose', () => {
		const seen = [observed('action', refused('Failed', 'x'), NONEXISTENT_ACTION), observed('product', order)];
		expect(findingsOf(seen).Actions.Unclear).toContain('ServiceGetOrderList');
	});
});

test('Requests without a readable response are counted, including throttled ones', () => {
	const seen = [DONE, NONE, THROTTLED, refused('Invalid')].map((reading) => observed('action', reading));
	expect(findingsOf(seen)).toMatchObject({ Requests: 4, Unanswered: 2 });
});
