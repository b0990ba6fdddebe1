import { describe, expect, test } from '@jest/globals';
import { explore, type Exploration } from './explore.mts';
import { Group, RowNames, type Content } from './rows.mts';
import type { World } from './world.mts';

type Start = readonly [string, readonly string[] | undefined, Content | undefined];

/** One customer. */
export const groups = [new Group('customer-', 1)];
export const names = new RowNames(groups);

const LEFT = ['account', 'minute', 'report', 'ok', 'A 0', 'known 0'];
/** What two runs may meet: in words, what stands in n8n's row, and what the service has. */
export const STARTS = [
	['nothing', undefined, undefined],
	['what a run left that ended', [...LEFT, '1 customers', 'closed'], 'A'],
	['what a run left that was killed', [...LEFT, 'in progress', 'token'], 'B'],
] as const satisfies ReadonlyArray<Start>;

/** What two runs in two processes end with, each of them where it likes to die. */
export interface Ends {
	/** Sync states that say of a customer that exactly this was accepted last, and the service has something else. */
	wrong: string[];
	/** What became of the sync state and of the runs. */
	all: Set<string>;
}

/** Tries everything that two runs with these contents may do. */
export async function endsOf(
	start: Start,
	contents: readonly [Content, Content],
	options: Pick<Exploration, 'answers' | 'between'> & { dies?: boolean },
): Promise<Ends> {
	const [, row, content] = start;
	const ends: Ends = { wrong: [], all: new Set() };
	await explore({
		dies: true,
		...options,
		groups,
		start: { row: row && names.create(row), service: [content] },
		runs: contents.map((of) => ({ contents: [of] })),
		faults: 0,
		visit: (world, trace) => {
			if (world.steps.length > 0) return false;
			ends.all.add(inShort(world));
			if (isWrong(world)) ends.wrong.push(trace);
			return false;
		},
	});
	return ends;
}

/** `SYNC_MODEL=full` tries both orders, more answers and more steps, in half an hour. */
const IS_FULL = process.env.SYNC_MODEL === 'full';

/** What the two runs bring. */
export const OVERLAPS: ReadonlyArray<readonly [Content, Content]> = IS_FULL
	? [
			['B', 'A'],
			['A', 'B'],
			['B', 'B'],
		]
	: [['B', 'A']];

/**
 * Two runs that meet the same state, in every order of their steps. A file for each state, so that all cores have some.
 * @param between how many steps each may do between two statements of the other, at most
 */
export function testOverlaps(start: Start, { between = 2 } = {}): void {
	describe(`Two runs in two processes that meet ${start[0]} leave nothing wrong to the next one`, () => {
		test.each(OVERLAPS)(
			'with %s and %s, when no beginning, look or end of one lies within that of the other',
			async (...contents) => {
				const { wrong, all } = await endsOf(start, contents, {
					answers: ['accepted', 'refused', 'answerLost', 'requestLost'],
					between: 0,
				});
				expect(wrong).toEqual([]);
				// The one that is under way goes on and is kept; the one that comes sends nothing.
				expect(all).toContain('closed: went on, ALREADY_RUNNING');
			},
			3_000_000,
		);

		test.each(OVERLAPS)(
			'with %s and %s, when they do one or two steps between any two statements of each other',
			async (...contents) => {
				const { wrong } = await endsOf(start, contents, {
					answers: IS_FULL ? ['accepted', 'answerLost'] : ['accepted'],
					between: IS_FULL ? 2 : between,
				});
				expect(wrong).toEqual([]);
			},
			3_000_000,
		);
	});
}

/** Whether the state says of a customer that exactly this was accepted last, and the service has something else. */
export function isWrong({ row, service }: World): boolean {
	const accepted = (['A', 'B'] as const).filter((content) => names.describe(row)?.includes(`${content} 0`));
	return isClosed(row) && accepted.some((content) => service[0] !== content);
}

function isClosed(row: World['row']): boolean {
	const words = names.describe(row) ?? [];
	return words.includes('closed') && !words.includes('in progress');
}

function inShort({ row, processes }: World): string {
	const state = row === undefined ? 'gone' : isClosed(row) ? 'closed' : 'in progress';
	return `${state}: ${processes.map(({ stopped = 'went on' }) => stopped).join(', ')}`;
}
