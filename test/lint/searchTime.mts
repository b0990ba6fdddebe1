import { RegExpParser, visitRegExpAST, type AST } from '@eslint-community/regexpp';
import type { FoundExpression } from './regularExpressions.mts';

/** The allowed excess over linear growth: ten times the text may take fifteen times as long. */
const MOST_EXCESS = 1.5;

/** Shorter times are noise. Milliseconds of CPU time, so other work on the machine does not count. */
const FLOOR_MS = 5;

/**
 * An expression that fails at a short length is not tried at a longer one, which could take hours. At the longest, a search that
 * scans from every four-hundredth character to the end already takes five times as long as the floor.
 */
export const ALL_LENGTHS: readonly number[] = [1_000, 3_000, 10_000, 30_000, 100_000];

/** Long enough to find a search that restarts at every character. Searches that restart rarely need the longer ones of test:long. */
export const SHORT_LENGTHS: readonly number[] = [1_000, 3_000, 10_000];

/** Texts that a server, a sheet or a model may send repeatedly. */
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

/** Prefixes and suffixes: nothing, or text that stops a search for the repeated part. */
const FRAMES = [
	['', ''],
	['', 'x\u0001'],
	['\u0001x', 'x\u0001'],
] as const;

/** A text: prefix, repeated part, suffix. */
type Recipe = readonly [before: string, pump: string, after: string];

const RECIPES = PUMPS.flatMap((pump) => FRAMES.map(([before, after]): Recipe => [before, pump, after]));

/**
 * Reports for each expression a text whose search time grows faster than its length.
 * @param lengths lengths of the texts in characters, ascending
 * @returns a line for each expression that has such a text
 */
export function excessesOf(found: readonly FoundExpression[], lengths = ALL_LENGTHS): string[] {
	const excesses = new Map<string, string>();
	const tryAll = (recipe: Recipe, expressions: readonly FoundExpression[]) => {
		const texts = lengths.map((length) => textOf(recipe, length));
		for (const { where, expression } of expressions) {
			const description = `${where} ${String(expression)}`;
			const excess = excesses.has(description) ? undefined : excessOn(expression, texts);
			if (excess !== undefined) {
				excesses.set(description, `${description}: ${JSON.stringify(recipe)}, ${excess}`);
			}
		}
	};
	// A bounded expression reads only a few characters at each position.
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

/** A search slightly above the limit is repeated this often: other work on the machine slows some runs. */
const MOST_RUNS = 12;

/** Repeats stop after this time, but not before the second run: long runs average such slowdowns out. Milliseconds of CPU time. */
const MOST_MS = 200;

/** The shortest of several searches. Stops at the first one that is within the limit or far above it. */
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
		// A global expression searches for all matches.
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

/** Whether an expression has an unbounded quantifier. */
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

/** Texts from the expression itself: each alternative repeated, and each part of it repeated after the parts before. */
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

/** An example character for `\\s` and `\\d`. */
const EXAMPLES_OF_SETS: ReadonlyMap<string, string> = new Map([
	['space', ' '],
	['digit', '1'],
]);

/** The shortest text that an element matches. */
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
