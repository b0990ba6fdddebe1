import { expect, test } from '@jest/globals';
import { CustomersJudgedApart } from '../../nodes/TencentCloudIot/binding/judgedApart';

const APART = new CustomersJudgedApart([
	{ id: 'KH01', devices: [{ DeviceId: 'LOCK01/a', CustomerDeviceNo: 'SN-1' }] },
	{ id: '7', devices: [{ DeviceId: 'CAM01/b', CustomerDeviceNo: 'SN-2' }] },
]);

test.each([
	['KH01', true],
	['kh01', true],
	['007', true],
	['KH1', false],
	['KH02', false],
])('A customer %j may be one of those that are judged apart: %j', (id, isOneOfThem) => {
	expect(APART.hasIdLike(id)).toBe(isOneOfThem);
});

test.each([
	['the same DeviceId', 'LOCK01/a', 'SN-9', true],
	['the same DeviceId in another case', 'LOCK01/A', 'SN-9', true],
	['the same CustomerDeviceNo', 'LOCK01/z', 'SN-2', true],
	['the same product, written alike', 'LOCK01/z', 'SN-9', false],
	['the same product in another case', 'lock01/z', 'SN-9', true],
	['the product of another customer, written alike', 'CAM01/a', 'SN-9', false],
	['another product', 'METER1/a', 'SN-9', false],
])('A device of another customer, with %s, overlaps with theirs: %s %s, %j', (_, id, number, doesOverlap) => {
	// The second time the product is already known.
	expect([APART.overlaps(id, number), APART.overlaps(id, number)]).toEqual([doesOverlap, doesOverlap]);
});
