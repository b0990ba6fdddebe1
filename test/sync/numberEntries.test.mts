import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NumberEntries } from '../../nodes/TencentCloudIot/sync/state/entries';
import { RUN_NUMBERS } from '../../nodes/TencentCloudIot/sync/state/lastRun';

const devices = new NumberEntries({ devices: 10_000_000 });
const read = (entries: Iterable<string>) => devices.decode(new Set(entries)).devices;

describe('A number in a store that knows membership only', () => {
	test('is read as it was written, from four entries for each digit to the base 4', () => {
		expect(devices.all()).toHaveLength(48);
		fc.assert(
			fc.property(fc.nat(9_999_999), (value) => {
				const entries = devices.encode({ devices: value });
				expect(entries).toHaveLength(12);
				expect(devices.all()).toEqual(expect.arrayContaining(entries));
				expect(read([...entries, 'other'])).toBe(value);
			}),
		);
	});

	test('is unknown where a digit is missing or there are two, as of a run that queried and died', () => {
		const [first, ...others] = devices.encode({ devices: 1234 });
		expect(read(others)).toBeUndefined();
		expect(read([first!, ...others, ...devices.encode({ devices: 1235 })])).toBeUndefined();
		expect(read(devices.all())).toBeUndefined();
		expect(read([])).toBeUndefined();
	});

	test('that does not fit is cut off', () => {
		expect(read(devices.encode({ devices: 4 ** 12 + 1234 }))).toBe(1234);
	});

	test('has entries that no other number has', () => {
		const all = [
			...devices.all(),
			...new NumberEntries({ customers: 10_000_000 }).all(),
			...RUN_NUMBERS.all('minute'),
		];
		expect(new Set(all).size).toBe(48 + 48 + 56);
	});

	test('never changes: what stands in a state is recognised by every later version', () => {
		expect(RUN_NUMBERS.encode({ minute: 28_333_333 })[0]).toMatchInlineSnapshot(
			`"VUdr1pTQACHQmKvVdA_vk2VnGbhncb3kI2Peaywz0YE"`,
		);
	});
});
