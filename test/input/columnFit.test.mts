import { describe, expect, test } from '@jest/globals';
import { type ColumnSigns, fitColumns, nameMatcher } from '../../nodes/TencentCloudIot/input/columnFit';
import { withoutPause } from '../support/withoutPause.mts';

type NameVerdict = ReturnType<ColumnSigns['readWords']>;
type CellVerdict = ReturnType<ColumnSigns['readCells']>;

/** Invented signs: the beginning of a column's name is the verdict on its words, and each cell is its own verdict. */
const SIGNS: ColumnSigns = {
	readWords: (name) => {
		const verdicts: readonly NameVerdict[] = ['likely', 'possible', 'other'];
		return verdicts.find((verdict) => name.startsWith(verdict)) ?? 'none';
	},
	readCells: ([cell]) => cell as CellVerdict,
};

const CLUES = {
	Id: {
		...SIGNS,
		usual: ['Key'],
		fallback: ['Owner'],
		lastChoice: ['Nick'],
		remaining: ['Code'],
		doubtful: ['Ref'],
		veryDoubtful: ['No'],
	},
};

/** The fit of each field, e.g. `one Key`, in a table with a row of these cells. */
function fitsOf(row: object, clues: Parameters<typeof fitColumns>[0] = CLUES): string[] {
	const fits = withoutPause(fitColumns(clues, Object.keys(row), [row]));
	return [...fits.values()].map(({ kind, columns }) => [kind, ...columns].join(' '));
}

describe('The column of a field is', () => {
	test.each<[what: string, row: Record<string, CellVerdict | ''>, fit: string]>([
		[
			'that of its own name, whatever other columns contain',
			{ Id: 'unfit', Key: 'fitting', X: 'proof' },
			'one Id',
		],
		['that of a usual name', { Key: 'fitting', Owner: 'fitting', X: 'proof' }, 'one Key'],
		['that of a usual name, though its cells do not fit', { Key: 'unfit', X: 'fitting' }, 'one Key'],
		[
			'another one whose cells prove it, if those of the usual name do not fit',
			{ Key: 'unfit', X: 'proof' },
			'one X',
		],
		['in question among several of usual names', { Key: 'fitting', K_e_y: 'fitting' }, 'several Key K_e_y'],
		['the one of several usual names whose cells prove it', { Key: 'fitting', K_e_y: 'proof' }, 'one K_e_y'],
		['that of a fallback name', { Owner: 'fitting', X: 'substitute' }, 'one Owner'],
		[
			'that of a fallback name without a fitting cell, as the last resort',
			{ Owner: 'unfit', X: 'fitting' },
			'one Owner',
		],
		[
			'one with its words rather than a fallback name without a fitting cell',
			{ Owner: 'unfit', likelyX: 'fitting' },
			'one likelyX',
		],
		['the only one whose cells prove it', { X: 'proof', likelyY: 'fitting' }, 'one X'],
		['in question if the cells of two prove it', { X: 'proof', Y: 'proof' }, 'unclear X Y'],
		['the one with its words, of two whose cells prove it', { X: 'proof', likelyY: 'proof' }, 'one likelyY'],
		[
			'the only one with its words and fitting cells',
			{ likelyX: 'fitting', likelyY: 'unfit' },
			'one likelyX',
		],
		[
			'in question if two have its words and fitting cells',
			{ likelyX: 'fitting', likelyY: 'fitting', likelyZ: 'unfit' },
			'unclear likelyX likelyY',
		],
		['the only substitute', { X: 'substitute', Y: 'fitting' }, 'one X'],
		['in question if there are two substitutes', { X: 'substitute', Y: 'substitute' }, 'unclear X Y'],
		[
			'in question if there is a substitute and one with its words',
			{ X: 'substitute', likelyY: 'unfit' },
			'unclear X',
		],
		['that of a last name', { Nick: 'fitting', X: 'substitute' }, 'one Nick'],
		[
			'one with its words rather than that of a last name',
			{ Nick: 'fitting', likelyX: 'fitting' },
			'one likelyX',
		],
		['in question if no cell of the last name fits', { Nick: 'unfit', X: 'substitute' }, 'unclear X'],
		['in question if two have last names', { Nick: 'fitting', n_i_c_k: 'fitting' }, 'several Nick n_i_c_k'],
		['that of a remaining name', { Code: 'fitting' }, 'one Code'],
		['in question if no cell of the remaining name fits', { Code: 'unfit' }, 'unclear Code'],
		['in question if the name may mean something else', { Ref: 'fitting', No: 'fitting' }, 'unclear Ref'],
		['in question if the name may mean anything', { No: 'fitting' }, 'unclear No'],
		[
			'in question if only its words are possible',
			{ possibleX: 'fitting', likelyY: 'unfit' },
			'unclear possibleX',
		],
		['in question if all of its cells are damaged', { likelyX: 'unfit', Y: 'fitting' }, 'unclear likelyX'],
		['in question if it is empty', { likelyX: '' }, 'unclear likelyX'],
		['none if the words mean something else, whatever the cells', { otherX: 'proof' }, 'none'],
		['none if nothing suggests any', { X: 'fitting', Y: 'unfit' }, 'none'],
	])('%s', (_what, row, fit) => {
		expect(fitsOf(row)).toEqual([fit]);
	});
});

describe('Of two fields', () => {
	const two = { ...CLUES, Serial: { ...SIGNS, usual: ['SN'], remaining: ['Code'] } };

	test.each<[what: string, row: Record<string, CellVerdict>, fits: string[]]>([
		['each takes the column of its name', { SN: 'fitting', Key: 'fitting' }, ['one Key', 'one SN']],
		['neither takes the column of the other', { SN: 'proof', X: 'unfit' }, ['none', 'one SN']],
		[
			'the remaining one takes a column that may belong to both',
			{ SN: 'fitting', Code: 'fitting' },
			['one Code', 'one SN'],
		],
		[
			'a column that may belong to both is in question for both',
			{ Code: 'fitting' },
			['unclear Code', 'unclear Code'],
		],
	])('%s', (_what, row, fits) => {
		expect(fitsOf(row, two)).toEqual(fits);
	});
});

describe('A field of two parts', () => {
	const readPart: ColumnSigns['readPart'] = (name) => {
		const part = ['1', '2'].indexOf(name.at(-1) ?? '');
		return part === -1 ? undefined : (part as 0 | 1);
	};
	const parts = { Path: { ...SIGNS, readPart, parts: [['Product'], ['Device']] } } as const;

	test.each<[what: string, row: Record<string, CellVerdict>, fit: string]>([
		['takes the columns of both names', { Device: 'unfit', Product: 'unfit' }, 'parts Product Device'],
		['takes no column if only one name is present', { Device: 'unfit' }, 'none'],
		[
			'takes the columns that certainly contain its parts',
			{ X2: 'unfit', X1: 'unfit', Y: 'unfit' },
			'parts X1 X2',
		],
		['takes neither of two columns with the same part', { X1: 'unfit', Y1: 'unfit', X2: 'unfit' }, 'none'],
		[
			'prefers one whose cells prove that they contain whole values',
			{ X1: 'unfit', X2: 'unfit', Y: 'proof' },
			'one Y',
		],
	])('%s', (_what, row, fit) => {
		expect(fitsOf(row, parts)).toEqual([fit]);
	});
});

test.each([
	['客户 编号', '客户编号'],
	['Customer_ID', 'customerid'],
	['Ｃｕｓｔｏｍｅｒ－Ｉｄ\u200B', 'customerid'],
])('The name %s is the same as %s', (name, simple) => {
	expect(nameMatcher('Field', { usual: [name] })(simple)).toBe(true);
	expect(nameMatcher(simple)(name)).toBe(true);
	expect(nameMatcher(`${simple}2`)(name)).toBe(false);
});

test('Text that is too long for a name is compared without normalization, which may turn one character into eighteen', () => {
	const megabyte = '\uFDFA'.repeat(1_000_000);
	expect(nameMatcher('Field', { usual: [megabyte] })(megabyte)).toBe(true);
	expect(nameMatcher('Field', { usual: [megabyte.normalize('NFKC')] })(megabyte)).toBe(false);
});
