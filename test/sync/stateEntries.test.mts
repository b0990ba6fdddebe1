import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeviceInfo } from '../../nodes/TencentCloudIot/binding/row';
import { healthEntry, RUN_NUMBERS } from '../../nodes/TencentCloudIot/sync/state/lastRun';
import {
	claimEntry,
	kindsOf,
	minuteOf,
	NOTED,
	REOPENED,
	sizeEntry,
	StateEntries,
	tokenEntry,
} from '../../nodes/TencentCloudIot/sync/state/entries';

const ACCOUNT = { endpoint: new URL('https://service.example'), appKey: 'key', appSecret: 'secret' };
const entries = new StateEntries(ACCOUNT);

const KINDS = ['known', 'waiting', 'failed', 'withoutDevice', 'reported'] as const;

test('What a run leaves of a customer, and asks of it, follows from one table', () => {
	expect(kindsOf('written', 'failed')).toEqual(['known', 'failed']);
	expect(kindsOf('written', 'left out')).toEqual(['withoutDevice']);
	expect(kindsOf('asked', 'changed')).toEqual(['known', 'waiting', 'failed', 'reported']);
});

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

	test('never changes: what stands in a sync state is recognised by every later version', () => {
		const device = { CustomerDeviceNo: 'SN-1', DeviceId: 'ProductABC/Device001', ProductName: 'Smart Lock' };
		expect([
			entries.fingerprint('user_1024', [device]),
			...KINDS.map((kind) => entries.ofCustomer(kind, 'user_1024')),
			entries.account,
			sizeEntry(128),
			claimEntry(128),
			healthEntry('failing'),
			tokenEntry('t'),
			NOTED,
			REOPENED,
		]).toMatchInlineSnapshot(`
		[
		  "PBJ2K3j-nOj25DaLLCxDA14mj_AbN_ECrC6UeCEmweo",
		  "Na_xYLqxoKmT7F9MLDevFbLC0-GpHfAz1f8NTfOfnXQ",
		  "G1jlICAD5HuWDti9OOQUEKtezsgdNHX7aIL-OcoNS1M",
		  "sMyQnZdQPxS8Lgugzqeom-IGAr7XTZQehVLVt-xOFco",
		  "3xf4iHxXCD6AOtaQ3K8HL3iFccfX2PIiqdYpvZH1pzg",
		  "UEsrR6xdK656JesWbnyJekJU5t1oK4m6w82z7J6fbVs",
		  "sQ5MfyyoPSzxjQG6ePYbqB_qaF0SOtLDs6yazeXISWM",
		  "bwLpIJZZaLAiO_StT9Vl0MrVEel7GzTK-wDR9A5vGE0",
		  "yINn87iCeZ7VLM1z_fUqLby2GUELbYLkPd1Q4H-1uvE",
		  "YP4TkodA-N9i_H31vheZeGLH7MIZX4YxMkEjQwdUjf0",
		  "Sag5KW9evcYtojvVv-hWLcf_Bj_RaY9xKGWzLt7wOcg",
		  "wooPwXauFwG7IzdQmzeOECGoFWB9ln2qCXssMSBD7mo",
		  "rqybFdsNXP-CKR8tQqnYbdyNO2tlhmra44jk-uqK0YI",
		]
	`);
	});
});

test('All entries of one run differ, are 43 characters and show nothing of what they are about', () => {
	const all = [
		entries.fingerprint('user_1024', []),
		...KINDS.map((kind) => entries.ofCustomer(kind, 'user_1024')),
		entries.account,
		REOPENED,
		NOTED,
		sizeEntry(1),
		sizeEntry(2),
		claimEntry(1),
		...RUN_NUMBERS.all(),
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
	['endpoint', { ...ACCOUNT, endpoint: new URL('https://other.example') }],
	['App Key', { ...ACCOUNT, appKey: 'other' }],
	['App Secret', { ...ACCOUNT, appSecret: 'other' }],
])('An account with another %s has entries of its own', (_, account) => {
	const other = new StateEntries(account);
	for (const kind of KINDS) expect(other.ofCustomer(kind, 'a')).not.toBe(entries.ofCustomer(kind, 'a'));
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
