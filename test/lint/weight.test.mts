import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { excessOf, circlesOf, exportsWithAtMostOneUser, readLimits, weighSources } from './weight.mts';

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

test('No shipped files import each other, nor do folders, not even types', () => {
	const file = (path: string) => path;
	expect(circlesOf(file)).toEqual([]);
	expect(circlesOf(dirname)).toEqual([]);
	const files = new Map([
		['a/a.ts', "import type { B } from '../b/b';"],
		['b/b.ts', "import { c } from './c';"],
		['b/c.ts', "export { d } from '../a/d';\nimport { e } from '../e';"],
		['a/d.ts', ''],
		['e.ts', ''],
		['f/f.ts', "import { g } from './g';"],
		['f/g.ts', "import { f } from './f';\nimport { a } from '../a/a';"],
	]);
	expect(circlesOf(file, files)).toEqual(['f/f.ts', 'f/g.ts']);
	expect(circlesOf(dirname, files)).toEqual(['a', 'b']);
});
