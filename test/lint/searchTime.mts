import { RegExpParser, visitRegExpAST, type AST } from '@eslint-community/regexpp';
import type { FoundExpression } from './regularExpressions.mts';

/** Ten times the text may take fifteen times the time, and so on: so much more than its length. */
const MOST_EXCESS = 1.5;

/** What takes less is noise, milliseconds of the processor: what else the machine does counts for nothing. */
const FLOOR_MS = 5;

/**
 * An expression that is found out at a short length is not tried at a longer one, which could take hours. At the longest, a search that
 * looks from every four-hundredth character to the end already takes five times as long as the floor.
 */
export const ALL_LENGTHS: readonly number[] = [1_000, 3_000, 10_000, 30_000, 100_000];

/** What finds a search that begins anew at every character. Searches that do so at few places need the longer ones, of test:long. */
export const SHORT_LENGTHS: readonly number[] = [1_000, 3_000, 10_000];

/** What a server, a sheet or a model may send a great deal of. */
const PUMPS = [
	...' \n\u3000"\'”1-\\aA_%.=#[设\u0301\u200B\uFFFD😀',
	'1,',
	'1.',
	'\\"',
	'" ',
	'a ',
	'a.',
	'e\u0301',
	'\uD800',
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
 * @param lengths of the texts, ascending. Characters
 * @returns a line for each that has such a text
 */
export function excessesOf(found: readonly FoundExpression[], lengths = ALL_LENGTHS): string[] {
	const excesses = new Map<string, string>();
	const tryAll = (recipe: Recipe, expressions: readonly FoundExpression[]) => {
		const texts = lengths.map((length) => textOf(recipe, length));
		for (const { where, expression } of expressions) {
			const told = `${where} ${String(expression)}`;
			const excess = excesses.has(told) ? undefined : excessOn(expression, texts);
			if (excess !== undefined) {
				excesses.set(told, `${told}: ${JSON.stringify(recipe)}, ${excess}`);
			}
		}
	};
	// What goes on without an end nowhere looks at a few characters from each place, whatever stands around them.
	const unbounded = found.filter(({ expression }) => isUnbounded(expression));
	for (const recipe of RECIPES) {
		tryAll(recipe, recipe[0] + recipe[2] === '' ? found : unbounded);
	}
	for (const search of unbounded) {
		for (const recipe of ownRecipes(search.expression)) {
			tryAll(recipe, [search]);
		}
	}
	return [...excesses.values()];
}

function textOf([before, pump, after]: Recipe, length: number): string {
	return before + pump.repeat(Math.ceil(length / pump.length)) + after;
}

function excessOn(expression: RegExp, texts: readonly string[]): string | undefined {
	let lastMs = FLOOR_MS;
	let lastLength = texts[0]!.length / 10;
	for (const text of texts) {
		const limitMs = ((MOST_EXCESS * text.length) / lastLength) * Math.max(lastMs, FLOOR_MS);
		const ms = shortestMs(expression, text, limitMs);
		if (ms > limitMs) {
			return `${Math.round(ms / Math.max(lastMs, FLOOR_MS))} times at ${text.length}`;
		}
		lastMs = ms;
		lastLength = text.length;
	}
	return undefined;
}

/** A search that is a little beyond the limit is made this often: other work on the machine slows some of them. */
const MOST_RUNS = 12;

/** But at least twice, no longer than this: one that takes long is slowed on the average. Milliseconds of the processor. */
const MOST_MS = 200;

/** Of several searches the shortest. One within the limit is enough, and one that is far beyond it. */
function shortestMs(expression: RegExp, text: string, limitMs: number): number {
	let shortest = Infinity;
	let spentMs = 0;
	for (let run = 0; run < MOST_RUNS && shortest > limitMs; run++) {
		if (run > 0 && shortest > 4 * limitMs) {
			break;
		}
		if (run > 1 && spentMs > MOST_MS) {
			break;
		}
		const start = process.threadCpuUsage();
		// Where all matches are wanted they are all looked for.
		if (expression.global) {
			text.replace(expression, '');
		} else {
			expression.exec(text);
		}
		const { user, system } = process.threadCpuUsage(start);
		const ms = (user + system) / 1000;
		spentMs += ms;
		shortest = Math.min(shortest, ms);
	}
	return shortest;
}

/** Whether something in an expression goes on without an end. */
function isUnbounded(expression: RegExp): boolean {
	let found = false;
	visitRegExpAST(patternOf(expression), {
		onQuantifierEnter: ({ max }) => {
			found ||= max === Infinity;
		},
	});
	return found;
}

function patternOf({ source, flags }: RegExp): AST.Pattern {
	return new RegExpParser().parsePattern(source, 0, source.length, { unicode: /[uv]/.test(flags) });
}

/** What an expression itself speaks of: all of each alternative over and over, and each part of it after those before. */
function ownRecipes(expression: RegExp): Recipe[] {
	const recipes: Recipe[] = [];
	visitRegExpAST(patternOf(expression), {
		onAlternativeEnter({ elements }) {
			const parts = elements.map(exampleOf);
			recipes.push(['', parts.join(''), '']);
			parts.forEach((part, index) => {
				const before = parts.slice(0, index).join('');
				recipes.push([before, part, '\u0001'], ['', before, '']);
			});
		},
	});
	return recipes.filter(([, pump]) => pump !== '');
}

/** A character of `\\s` and of `\\d`. */
const EXAMPLES_OF_SETS: ReadonlyMap<string, string> = new Map([
	['space', ' '],
	['digit', '1'],
]);

/** Something that an element matches, as short as it goes. */
function exampleOf(element: AST.Element): string {
	switch (element.type) {
		case 'Character':
			return String.fromCodePoint(element.value);
		case 'CharacterSet':
			return EXAMPLES_OF_SETS.get(element.kind) ?? 'a';
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
	if (element?.type === 'CharacterClassRange') {
		return String.fromCodePoint(element.min.value);
	}
	return element?.type === 'Character' || element?.type === 'CharacterSet' ? exampleOf(element) : 'a';
}
