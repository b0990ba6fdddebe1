import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LAST_MINUTE, NumberEntries } from '../../nodes/TencentCloudIot/sync/state/entries';

const devices = new NumberEntries('devices', { below: 10_000_000 });

describe('A number in a store that knows membership only', () => {
	test('is read as it was written, from four entries for each digit to the base 4', () => {
		expect(devices.all).toHaveLength(48);
		fc.assert(
			fc.property(fc.nat(9_999_999), (value) => {
				const entries = devices.of(value);
				expect(entries).toHaveLength(12);
				expect(devices.all).toEqual(expect.arrayContaining(entries));
				expect(devices.read(new Set([...entries, 'other']))).toBe(value);
			}),
		);
	});

	test('is unknown where a digit is missing or there are two, as of a run that queried and died', () => {
		const [first, ...others] = devices.of(1234);
		expect(devices.read(new Set(others))).toBeUndefined();
		expect(devices.read(new Set([first!, ...others, ...devices.of(1235)]))).toBeUndefined();
		expect(devices.read(new Set(devices.all))).toBeUndefined();
		expect(devices.read(new Set())).toBeUndefined();
	});

	test('that does not fit is cut off', () => {
		expect(devices.read(new Set(devices.of(4 ** 12 + 1234)))).toBe(1234);
	});

	test('has entries that no other number has', () => {
		const all = [
			...devices.all,
			...new NumberEntries('customers', { below: 10_000_000 }).all,
			...LAST_MINUTE.all,
		];
		expect(new Set(all).size).toBe(48 + 48 + 56);
	});

	test('never changes: what stands in a state is recognised by every later version', () => {
		expect(LAST_MINUTE.of(28_333_333)[0]).toMatchInlineSnapshot(
			`"G2vC0GbhWRFzFfOqW0opywfjJUBHLcHxZla1MDhg2-0"`,
		);
	});
});
