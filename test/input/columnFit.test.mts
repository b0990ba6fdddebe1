import { expect, test } from '@jest/globals';
import { nameTeller } from '../../nodes/TencentCloudIot/input/columnFit';

test.each([
	['客户 编号', '客户编号'],
	['Customer_ID', 'customerid'],
	['Ｃｕｓｔｏｍｅｒ－Ｉｄ\u200B', 'customerid'],
])('The name %s is the same as %s', (name, simple) => {
	expect(nameTeller('Field', { usual: [name] })(simple)).toBe(true);
	expect(nameTeller(simple)(name)).toBe(true);
	expect(nameTeller(`${simple}2`)(name)).toBe(false);
});

test('What is too long for a name is compared as it is: in another form a character may become eighteen', () => {
	const megabyte = '\uFDFA'.repeat(1_000_000);
	expect(nameTeller('Field', { usual: [megabyte] })(megabyte)).toBe(true);
	expect(nameTeller('Field', { usual: [megabyte.normalize('NFKC')] })(megabyte)).toBe(false);
});
