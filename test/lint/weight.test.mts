import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import {
	circlesOf,
	countTokens,
	excessOf,
	exportsWithAtMostOneUser,
	readLimits,
	weighSources,
} from './weight.mts';

test('No number is above its limit in weight.json', () => {
	expect(excessOf(weighSources(), readLimits())).toEqual([]);
});

test('A number above its limit is reported with the excess', () => {
	const limits = { ...readLimits(), shippedTokens: 100, shippedDecisions: 5 };
	expect(excessOf({ shippedTokens: 107, shippedDecisions: 5 }, limits)).toEqual([
		'shippedTokens: 107 is 7 above the limit of 100',
	]);
});

test.each([
	['let a = b;', 5, 0],
	['/** Two\n * lines. */\nlet a\n\t= b; // and one', 5, 0],
	['let a = `text with ${b} in it`;', 7, 0],
	['let a = "a text";', 5, 0],
	['if (a) {\n\tb();\n}', 10, 1],
	['let a = b ? c : d;', 9, 1],
	['a ??= b?.c || d && e ?? f;', 12, 5],
	['for (const a of b) c();', 11, 1],
	['for (const a in b) c();', 11, 1],
	['for (;;) a();', 9, 1],
	['do a(); while (b);', 10, 1],
	['try { a(); } catch { b(); }', 14, 1],
	['switch (a) { case 1: default: }', 11, 1],
	['let a: { b?: string };', 10, 0],
	['type A = B extends C ? D : E;', 11, 0],
])('%j has %i tokens and %i decisions', (text, tokens, decisions) => {
	expect(countTokens(new Map([['a.ts', text]]))).toEqual({ tokens, decisions });
});

test('The users of an export are the files that import or re-export it', () => {
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

test('No shipped files or folders import each other, not even types', () => {
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
