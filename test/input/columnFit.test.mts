import { expect, test } from '@jest/globals';
import { simplify } from '../../nodes/TencentCloudIot/input/columnFit';

test.each([
	['客户 编号', '客户编号'],
	['Customer_ID', 'customerid'],
	['Ｃｕｓｔｏｍｅｒ－Ｉｄ\u200B', 'customerid'],
])('The name %s is compared as %s', (name, simple) => {
	expect(simplify(name)).toBe(simple);
});

test('What is too long for a name stays as it is: in another form a character may become eighteen', () => {
	const megabyte = '\uFDFA'.repeat(1_000_000);
	expect(simplify(megabyte)).toBe(megabyte);
});
