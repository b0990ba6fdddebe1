import { expect, test } from '@jest/globals';
import { excessOf, exportsWithAtMostOneUser, filesInCircles, readLimits, weighSources } from './weight.mts';

test('No number is above its limit in weight.json', () => {
	expect(excessOf(weighSources(), readLimits())).toEqual([]);
});

test('What is above its limit is named, with by how much', () => {
	const limits = { ...readLimits(), shippedLines: 100, shippedFiles: 5 };
	expect(excessOf({ shippedLines: 107, shippedFiles: 5 }, limits)).toEqual([
		'shippedLines: 107 is 7 above the limit of 100',
	]);
});

test('Exports are counted by the files that import or re-export them', () => {
	const files = new Map([
		['a/index.ts', "export { one as first } from './one';\nexport const unused = 1, alsoUnused = 2;"],
		[
			'a/one.ts',
			'export function one() {}\nexport type Two = string;\nexport class Three {}\nconst own = 4;',
		],
		['b.ts', "import { first, type Renamed } from './a';\nimport type { Two as Other } from './a/one';"],
		['c.ts', "import { one, Two, Three } from './a/one';\nimport { one as ofALibrary } from 'one';"],
	]);
	expect(exportsWithAtMostOneUser(files)).toEqual([
		'a/index.ts: first',
		'a/index.ts: unused',
		'a/index.ts: alsoUnused',
		'a/one.ts: Three',
	]);
});

test('No shipped files import each other, not even types', () => {
	expect(filesInCircles()).toEqual([]);
	const files = new Map([
		['a.ts', "import type { B } from './b';"],
		['b.ts', "import { c } from './c';"],
		['c.ts', "export { a } from './a';\nimport { d } from './d';"],
		['d.ts', ''],
		['e.ts', "import { a } from './a';"],
	]);
	expect(filesInCircles(files)).toEqual(['a.ts', 'b.ts', 'c.ts']);
});
