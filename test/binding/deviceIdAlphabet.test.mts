import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deviceCellReader } from '../../nodes/TencentCloudIot/binding/devices';
import { whyDamaged } from '../../nodes/TencentCloudIot/binding/ids';

const PART = /^[\w-]{1,20}$/;
const NAME = /^[\w:-]{1,48}$/;

/** Ids that a spreadsheet damaged have few characters: drawn from all characters, `1E15` would hardly come up. */
const ofDamages = fc.string({ unit: fc.constantFrom(...'019Ee_-:'), minLength: 1, maxLength: 20 });

test('No part of an id in the alphabet of DeviceIds is a list or damaged, so the checks for those may be skipped', () => {
	const part = fc.oneof(fc.stringMatching(PART), ofDamages);
	const name = fc.oneof(fc.stringMatching(NAME), ofDamages);
	fc.assert(
		fc.property(part, name, (productId, deviceName) => {
			const product = productId.replaceAll(':', '-');
			expect(deviceCellReader.whyList('DeviceId', `${product}/${deviceName}`)).toBeUndefined();
			expect([whyDamaged(product), whyDamaged(deviceName)]).toEqual([undefined, undefined]);
		}),
		{ numRuns: 2_000 },
	);
});
