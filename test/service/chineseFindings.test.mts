import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { findingInChinese } from '../../nodes/TencentCloudIot/messages/failures';

/** The texts in the sources that follow a field's name. */
const TEXT = /(['"`])((?:is|has|holds|names a|stands for|could not) (?:(?!\1).)*)\1/g;
/** What is put together of others, is about JSON that an expression gave, or is no finding. */
const OTHERS = /^(?:is|has) \$\{what\}|why\.replace|has no value for|is nobody's|is mapped to/;

test('What is wrong with a value of the rows is said in Chinese, too.', () => {
	const texts = globSync('nodes/TencentCloudIot/{binding,input}/*.ts').flatMap((path) =>
		Array.from(readFileSync(path, 'utf8').matchAll(TEXT), ([, , text]) => text!),
	);
	const found = texts.filter((text) => !OTHERS.test(text));
	expect(found.length).toBeGreaterThan(45);
	expect(found.filter((text) => findingInChinese({ field: 'X', text }) === 'X 无效')).toEqual([]);
	// What is quoted of the rows says nothing.
	for (const word of ['empty', 'missing', 'formula', 'text', 'character'])
		expect(findingInChinese({ field: 'X', text: `is also under customer '${word}1'` })).toBe(
			'X 同时属于另一个客户',
		);
	expect(findingInChinese({ field: 'X', text: "is also under customer 'c2'", value: 'D' })).toBe(
		'X“D”同时属于另一个客户',
	);
});
