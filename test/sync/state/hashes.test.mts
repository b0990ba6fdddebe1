import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/service/devices';
import { StateHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';
import { minuteOf } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { ACCOUNT, HASHES } from './syncRuns.mts';

const text = fc.oneof(
	fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
	fc.constantFrom('1', '1\n', '"', '","', 'P/1', '__proto__'),
);
const devices: fc.Arbitrary<DeviceInfo[]> = fc.uniqueArray(
	fc.record({ CustomerDeviceNo: text, DeviceId: text, ProductName: text }),
	{ selector: ({ DeviceId }) => DeviceId, maxLength: 6 },
);

describe('The fingerprint of a full set', () => {
	test('is the same for any order of the devices and of their members', () => {
		const shuffled = devices.chain((list) =>
			fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
		);
		fc.assert(
			fc.property(text, shuffled, (customerId, [list, other]) => {
				const turned = other.map(({ ProductName, DeviceId, CustomerDeviceNo }) => ({
					ProductName,
					DeviceId,
					CustomerDeviceNo,
				}));
				expect(HASHES.fingerprint(customerId, turned)).toBe(HASHES.fingerprint(customerId, list));
			}),
		);
	});

	test('does not depend on the order of devices with the same DeviceId either', () => {
		const first = { CustomerDeviceNo: '1', DeviceId: 'P/1', ProductName: 'Lock' };
		const second = { ...first, CustomerDeviceNo: '2' };
		const third = { ...first, ProductName: 'Lamp' };
		const inOrder = HASHES.fingerprint('a', [first, second, third]);
		expect(HASHES.fingerprint('a', [third, second, first])).toBe(inOrder);
	});

	test('changes with any value that is sent', () => {
		const member = fc.constantFrom('CustomerDeviceNo', 'DeviceId', 'ProductName');
		const nonEmpty = devices.filter((list) => list.length > 0);
		fc.assert(
			fc.property(text, nonEmpty, fc.nat(), member, text, (customerId, list, at, name, value) => {
				const index = at % list.length;
				const changed = list.map((device, other) =>
					other === index ? { ...device, [name]: value } : device,
				);
				const isSame = list[index]![name as keyof DeviceInfo] === value;
				expect(HASHES.fingerprint(customerId, changed) === HASHES.fingerprint(customerId, list)).toBe(isSame);
			}),
		);
	});

	test('differs for each customer and each set of devices', () => {
		const sorted = (list: DeviceInfo[]) =>
			JSON.stringify(
				list
					.map(({ DeviceId, CustomerDeviceNo, ProductName }) => [DeviceId, CustomerDeviceNo, ProductName])
					.sort(),
			);
		fc.assert(
			fc.property(text, devices, text, devices, (id, list, otherId, otherList) => {
				const isSame = id === otherId && sorted(list) === sorted(otherList);
				expect(HASHES.fingerprint(id, list) === HASHES.fingerprint(otherId, otherList)).toBe(isSame);
			}),
		);
	});

	test('never changes, so that every later version recognizes what is in a sync state', () => {
		const device = { CustomerDeviceNo: 'SN-1', DeviceId: 'ProductABC/Device001', ProductName: 'Smart Lock' };
		expect([
			HASHES.fingerprint('user_1024', [device]),
			HASHES.customerHash('user_1024'),
			HASHES.deviceHash('ProductABC/Device001'),
			HASHES.productHash('Smart Lock'),
			HASHES.accountHash,
			HASHES.applicationHash,
		]).toMatchInlineSnapshot(`
		[
		  "8nigtDzwcQY",
		  "kUQHs3tUhrM",
		  "VpHkLRRguPM",
		  "6SJa5gKWY1w",
		  "xoKC4NiTSCc",
		  "tGcNBqzV5jE",
		]
	`);
	});
});

test('All hashes differ, have 11 characters and do not reveal what was hashed', () => {
	const hashes = [
		HASHES.fingerprint('a', []),
		HASHES.customerHash('a'),
		HASHES.deviceHash('a'),
		HASHES.productHash('a'),
		HASHES.accountHash,
		HASHES.applicationHash,
	];
	expect(new Set(hashes).size).toBe(hashes.length);
	for (const hash of hashes) {
		expect(hash).toMatch(/^[\w-]{11}$/);
	}
});

test.each([
	['endpoint', { ...ACCOUNT, endpoint: new URL('https://other.example') }],
	['App Key', { ...ACCOUNT, appKey: 'other' }],
	['App Secret', { ...ACCOUNT, appSecret: 'other' }],
])('An account with another %s has other hashes', (_, account) => {
	const other = new StateHashes(account);
	for (const kind of ['customerHash', 'deviceHash', 'productHash'] as const) {
		expect(other[kind]('a')).not.toBe(HASHES[kind]('a'));
	}
	expect(other.fingerprint('a', [])).not.toBe(HASHES.fingerprint('a', []));
	expect(other.accountHash).not.toBe(HASHES.accountHash);
});

test.each([
	[0, 0],
	[59_999, 0],
	[60_000, 1],
	[1_700_000_000_000, 28_333_333],
])('%i milliseconds after 1970 are minute %i', (unixMs, minute) => {
	expect(minuteOf(unixMs)).toBe(minute);
});
