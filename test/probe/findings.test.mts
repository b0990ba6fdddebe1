import { describe, expect, test } from '@jest/globals';
import { NO_ACTION, type Observation } from '../../nodes/TencentCloudIot/probe/conversation';
import { findingsOf } from '../../nodes/TencentCloudIot/probe/findings';

type Purpose = Observation['request']['purpose'];
type Reading = Observation['reading'];

const DONE: Partial<Reading> = { kind: 'done', data: {} };
const NONE: Partial<Reading> = { kind: 'none' };
const THROTTLED: Partial<Reading> = { kind: 'refused', code: 'RequestLimitExceeded', isThrottled: true };
const SIGNATURE: Partial<Reading> = { kind: 'refused', code: 'AuthFailure', authFailure: 'signature' };

function refused(code: string, message = ''): Partial<Reading> {
	return { kind: 'refused', code, message };
}

/** A request that was made for a purpose, and what its response says. */
function observed(purpose: Purpose, reading: Partial<Reading>, Action = 'ServiceGetOrderList'): Observation {
	return {
		request: { purpose, parameters: { Action }, scheme: 'json' },
		fresh: { RequestId: 'r1' },
		exchange: { error: 'none' },
		reading: { code: '', message: '', data: {}, isThrottled: false, isEchoed: true, ...reading },
	} as unknown as Observation;
}

describe('Whether a recorded request may be sent again', () => {
	test.each<[what: string, reading: Partial<Reading> | undefined, isRefused: boolean | undefined]>([
		['is refused', refused('AuthFailure'), true],
		['is not refused', DONE, false],
		['is not known without a response', NONE, undefined],
		['is not known while the service throttles', THROTTLED, undefined],
		['is not known where it was not tried', undefined, undefined],
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
		['are not known where no product was chosen', undefined, undefined],
	])('%s', (_what, reading, devices) => {
		const observations = reading === undefined ? [] : [observed('product', reading)];
		expect(findingsOf(observations).ProductDevices).toBe(devices);
	});
});

describe('An Action', () => {
	// The service names an Action that does not exist.
	const unknown = observed('action', refused('Invalid', `no Action ${NO_ACTION}`), NO_ACTION);

	test.each<
		[kind: 'Found' | 'Missing' | 'NotPermitted' | 'Unclear' | 'NotAsked', what: string, seen: Observation[]]
	>([
		['Found', 'that is done', [observed('action', DONE)]],
		[
			'Found',
			'that is refused otherwise than one that does not exist',
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
			'that is refused, where it is not known how one is that does not exist',
			[observed('action', refused('Invalid', 'OrderId'))],
		],
		[
			'NotAsked',
			'that was asked only to see whether a request may be repeated',
			[observed('repeatedNonce', DONE)],
		],
		['NotAsked', 'that was asked only with an old time', [observed('oldTimestamp', DONE)]],
	])('is %s %s', (kind, _what, seen) => {
		const { Actions } = findingsOf(seen);
		const kinds = Object.entries(Actions).filter(([, names]) => names.includes('ServiceGetOrderList'));
		expect(kinds.map(([name]) => name)).toEqual([kind]);
	});
});

test('Requests without a readable response are counted, throttled ones too', () => {
	const seen = [DONE, NONE, THROTTLED, refused('Invalid')].map((reading) => observed('action', reading));
	expect(findingsOf(seen)).toMatchObject({ Requests: 4, Unanswered: 2 });
});
