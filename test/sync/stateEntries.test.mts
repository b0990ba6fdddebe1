import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeviceInfo } from '../../nodes/TencentCloudIot/binding/row';
import { healthEntry, RUN_NUMBERS } from '../../nodes/TencentCloudIot/sync/state/lastRun';
import {
	COMPARING,
	IN_PROGRESS,
	minuteOf,
	OPENING,
	sizeEntry,
	StateEntries,
	tokenEntry,
	waitEntry,
} from '../../nodes/TencentCloudIot/sync/state/entries';

const ACCOUNT = { endpoint: 'https://service.example/', appKey: 'key', appSecret: 'secret' };
const entries = new StateEntries(ACCOUNT);

const text = fc.oneof(
	fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
	fc.constantFrom('1', '1\n', '"', '","', 'P/1', '__proto__'),
);
const devices: fc.Arbitrary<DeviceInfo[]> = fc.uniqueArray(
	fc.record({ CustomerDeviceNo: text, DeviceId: text, ProductName: text }),
	{ selector: ({ DeviceId }) => DeviceId, maxLength: 6 },
);

describe('The fingerprint of what was accepted', () => {
	test('is the same for any order of the devices, and of what stands in a device', () => {
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
				expect(entries.fingerprint(customerId, turned)).toBe(entries.fingerprint(customerId, list));
			}),
		);
	});

	test('does not depend on the order either where devices differ in nothing but another value', () => {
		const one = { CustomerDeviceNo: '1', DeviceId: 'P/1', ProductName: 'Lock' };
		const two = { ...one, CustomerDeviceNo: '2' };
		const three = { ...one, ProductName: 'Lamp' };
		expect(entries.fingerprint('a', [three, two, one])).toBe(entries.fingerprint('a', [one, two, three]));
	});

	test('is another one when any value that is sent is another one', () => {
		const member = fc.constantFrom('CustomerDeviceNo', 'DeviceId', 'ProductName');
		const nonEmpty = devices.filter((list) => list.length > 0);
		fc.assert(
			fc.property(text, nonEmpty, fc.nat(), member, text, (customerId, list, at, name, value) => {
				const index = at % list.length;
				const changed = list.map((device, other) =>
					other === index ? { ...device, [name]: value } : device,
				);
				const isSame = list[index]![name as keyof DeviceInfo] === value;
				expect(entries.fingerprint(customerId, changed) === entries.fingerprint(customerId, list)).toBe(
					isSame,
				);
			}),
		);
	});

	test('is another one for each other customer and each other set of devices', () => {
		const sorted = (list: DeviceInfo[]) =>
			JSON.stringify(
				list
					.map(({ DeviceId, CustomerDeviceNo, ProductName }) => [DeviceId, CustomerDeviceNo, ProductName])
					.sort(),
			);
		fc.assert(
			fc.property(text, devices, text, devices, (id, list, otherId, otherList) => {
				const isSame = id === otherId && sorted(list) === sorted(otherList);
				expect(entries.fingerprint(id, list) === entries.fingerprint(otherId, otherList)).toBe(isSame);
			}),
		);
	});

	test('distinguishes one device with a text in two members from two', () => {
		const one = (no: string, id: string, name: string) => ({
			CustomerDeviceNo: no,
			DeviceId: id,
			ProductName: name,
		});
		expect(entries.fingerprint('a', [one('b', 'c', 'de')])).not.toBe(
			entries.fingerprint('a', [one('b', 'cd', 'e')]),
		);
		expect(entries.fingerprint('a', [])).not.toBe(entries.fingerprint('a', [one('', '', '')]));
	});

	test('never changes: what stands in a sync state is recognised by every later version', () => {
		const device = { CustomerDeviceNo: 'SN-1', DeviceId: 'ProductABC/Device001', ProductName: 'Smart Lock' };
		expect([
			entries.fingerprint('user_1024', [device]),
			entries.known('user_1024'),
			entries.waiting('user_1024'),
			entries.failed('user_1024'),
			entries.account,
			IN_PROGRESS,
			sizeEntry(111),
			waitEntry('waiting', 120),
			healthEntry('failing'),
			tokenEntry('t'),
			OPENING,
			COMPARING,
		]).toMatchInlineSnapshot(`
		[
		  "KNzEi4y1nD-RGih3szcV3VrICArPeyvB-k93pblb818",
		  "Ff-mzLWG3WpTUH2MnajC3vtzE5HaGTXS0qjtv2WFBzc",
		  "qzUGBPffySszsWIMFDZnTIlYv2Df6-n3C3ZcF3QCzNc",
		  "mPUGMonsoYho5PIyF1-VhaaEAzaPLShBgM1ULkz2c_M",
		  "fYf5gOHsPjU0wmS4jcMU80k8497nS_qt-vmPcP0oBnk",
		  "5ZzTN5rYd74bkF4AyHhJhxukl4BpcktBUaShWCqQE_4",
		  "BlYeTiFYV66uwPhM_vliorIozJQN82Z47iOtc22E1Fo",
		  "AAzYODH6zheKLGKGMqFkTjlb2LZZxee4gfAKkwBhPm4",
		  "ttQSlkZtWVzekQuWDOKf5Axud78W8PD46yXGuSqUNtM",
		  "hYv_cwAD0Q42hzwEj3oigWegQIU5xZrAgfuQgmR_M2s",
		  "ckAb8CBZZh94ZowNO--1agPnJoN7-LfahgCrL3H4kQM",
		  "vP4kAdYBM2WfU9Z4vvVFcjSnutNBHPd66tAnzRMKxPc",
		]
	`);
	});
});

test('All entries of one run differ, are 43 characters and show nothing of what they are about', () => {
	const all = [
		entries.fingerprint('user_1024', []),
		entries.known('user_1024'),
		entries.waiting('user_1024'),
		entries.failed('user_1024'),
		entries.account,
		IN_PROGRESS,
		COMPARING,
		OPENING,
		sizeEntry(1),
		sizeEntry(2),
		...RUN_NUMBERS.all(),
		...(['waiting', 'settling'] as const).flatMap((kind) => [waitEntry(kind, 1), waitEntry(kind, 2)]),
		healthEntry('ok'),
		healthEntry('degraded'),
		healthEntry('failing'),
		tokenEntry('1'),
		tokenEntry('ok'),
	];
	expect(new Set(all).size).toBe(all.length);
	for (const entry of all) expect(entry).toMatch(/^[\w-]{43}$/);
});

test.each([
	['endpoint', { ...ACCOUNT, endpoint: 'https://other.example/' }],
	['App Key', { ...ACCOUNT, appKey: 'other' }],
	['App Secret', { ...ACCOUNT, appSecret: 'other' }],
])('An account with another %s has entries of its own', (_, account) => {
	const other = new StateEntries(account);
	for (const kind of ['known', 'waiting', 'failed'] as const)
		expect(other[kind]('a')).not.toBe(entries[kind]('a'));
	expect(other.fingerprint('a', [])).not.toBe(entries.fingerprint('a', []));
	expect(other.account).not.toBe(entries.account);
});

test.each([
	[0, 0],
	[59_999, 0],
	[60_000, 1],
	[1_700_000_000_000, 28_333_333],
])('%i milliseconds after 1970 it is minute %i', (unixMs, minute) => {
	expect(minuteOf(unixMs)).toBe(minute);
});
