import { RegExpParser, visitRegExpAST, type AST } from '@eslint-community/regexpp';
import type { FoundExpression } from './regularExpressions.mts';

/** Ten times the text may take so many times the time. */
const MOST_RATIO = 15;

/** What takes less is noise, milliseconds of the processor: what else the machine does counts for nothing. */
const FLOOR_MS = 5;

/** An expression that is found out at a short length is not tried at a longer one, which could take hours. */
const LENGTHS = [1_000, 10_000, 100_000, 1_000_000];

/** What a server, a sheet or a model may send a great deal of. */
const PUMPS = [
	...[
		' ',
		'\n',
		'\u3000',
		'"',
		"'",
		'”',
		'1',
		'1,',
		'1.',
		'-',
		'\\',
		'\\"',
		'" ',
		'a',
		'A',
		'a ',
		'a.',
		'_',
		'%',
	],
	...['.', '=', '#', '[', '设', '\u0301', 'e\u0301', '\u200B', '\uFFFD', '\uD800', '😀'],
];

/** What stands before and after: nothing, or what a search for the same does not go on with. */
const FRAMES = [
	['', ''],
	['', 'x\u0001'],
	['\u0001x', 'x\u0001'],
] as const;

/** A text: what stands before, what is repeated, what stands after. */
type Recipe = readonly [before: string, pump: string, after: string];

const RECIPES = PUMPS.flatMap((pump) => FRAMES.map(([before, after]): Recipe => [before, pump, after]));

/**
 * Says of each expression on which text the time of a search grows by more than its length.
 * @returns a line for each that has such a text
 */
export function excessesOf(found: readonly FoundExpression[]): string[] {
	const excesses = new Map<string, string>();
	const tryAll = (recipe: Recipe, expressions: readonly FoundExpression[]) => {
		const texts = LENGTHS.map((length) => textOf(recipe, length));
		for (const { where, expression } of expressions) {
			const told = `${where} ${String(expression)}`;
			const excess = excesses.has(told) ? undefined : excessOn(expression, texts);
			if (excess !== undefined) excesses.set(told, `${told}: ${JSON.stringify(recipe)}, ${excess}`);
		}
	};
	for (const recipe of RECIPES) tryAll(recipe, found);
	for (const one of found) for (const recipe of ownRecipes(one.expression)) tryAll(recipe, [one]);
	return [...excesses.values()];
}

function textOf([before, pump, after]: Recipe, length: number): string {
	return before + pump.repeat(Math.ceil(length / pump.length)) + after;
}

function excessOn(expression: RegExp, texts: readonly string[]): string | undefined {
	let lastMs = FLOOR_MS;
	for (const text of texts) {
		const limitMs = MOST_RATIO * Math.max(lastMs, FLOOR_MS);
		const ms = shortestMs(expression, text, limitMs);
		if (ms > limitMs) return `${Math.round(ms / Math.max(lastMs, FLOOR_MS))} times at ${text.length}`;
		lastMs = ms;
	}
	return undefined;
}

/** Of several searches the shortest. One within the limit is enough. */
function shortestMs(expression: RegExp, text: string, limitMs: number): number {
	let shortest = Infinity;
	for (let run = 0; run < 3 && shortest > limitMs; run++) {
		const start = process.threadCpuUsage();
		// Where all matches are wanted they are all looked for.
		if (expression.global) text.replace(expression, '');
		else expression.exec(text);
		const { user, system } = process.threadCpuUsage(start);
		shortest = Math.min(shortest, (user + system) / 1000);
	}
	return shortest;
}

/**
 * What an expression itself speaks of: all of each alternative over and over, and each part of it after those before.
 * None where nothing in it goes on without an end: what it looks at from each place is bounded.
 */
function ownRecipes({ source, flags }: RegExp): Recipe[] {
	const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: /[uv]/.test(flags) });
	const recipes: Recipe[] = [];
	let isUnbounded = false;
	visitRegExpAST(pattern, {
		onQuantifierEnter({ max }) {
			isUnbounded ||= max === Infinity;
		},
		onAlternativeEnter({ elements }) {
			const parts = elements.map(exampleOf);
			recipes.push(['', parts.join(''), '']);
			parts.forEach((part, index) => {
				const before = parts.slice(0, index).join('');
				recipes.push([before, part, '\u0001'], ['', before, '']);
			});
		},
	});
	return isUnbounded ? recipes.filter(([, pump]) => pump !== '') : [];
}

/** Something that an element matches, as short as it goes. */
function exampleOf(element: AST.Element): string {
	switch (element.type) {
		case 'Character':
			return String.fromCodePoint(element.value);
		case 'CharacterSet':
			return element.kind === 'space' ? ' ' : element.kind === 'digit' ? '1' : 'a';
		case 'CharacterClass':
			return element.negate ? 'a' : exampleOfClass(element.elements[0]);
		case 'Quantifier':
			return exampleOf(element.element);
		case 'CapturingGroup':
		case 'Group':
			return (element.alternatives[0]?.elements ?? []).map(exampleOf).join('');
		default:
			return '';
	}
}

function exampleOfClass(element: AST.CharacterClass['elements'][number] | undefined): string {
	if (element?.type === 'CharacterClassRange') return String.fromCodePoint(element.min.value);
	return element?.type === 'Character' || element?.type === 'CharacterSet' ? exampleOf(element) : 'a';
}
