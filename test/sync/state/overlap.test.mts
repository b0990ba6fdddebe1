import { describe, expect, test } from '@jest/globals';
import { explore, type Exploration } from './explore.mts';
import { Group, RowNames, type Content } from './rows.mts';
import type { World } from './world.mts';

/** `SYNC_MODEL=full` tries both orders, more answers and more looks, in some minutes. */
const IS_FULL = process.env.SYNC_MODEL === 'full';

const groups = [new Group('customer-', 1)];
const names = new RowNames(groups);

const CLOSED = ['account', 'day 0', 'ok', 'A 0'];
const STARTS: Array<[string, string[] | undefined, Content | undefined]> = [
	['nothing', undefined, undefined],
	['what a run left that ended', CLOSED, 'A'],
	['what a run left that was killed', [...CLOSED, 'open', 'token'], 'B'],
];

/** What two runs in two processes end with, each of them where it likes to die. */
interface Ends {
	/** sync states that say of a customer that exactly this was accepted last, and the service has something else. */
	wrong: string[];
	/** What became of the sync state and of the runs. */
	all: Set<string>;
}

async function endsOf(
	start: (typeof STARTS)[number],
	contents: [Content, Content],
	options: Pick<Exploration, 'answers' | 'between' | 'looks'> & { isFirstEnough?: boolean },
): Promise<Ends> {
	const [, row, content] = start;
	const ends: Ends = { wrong: [], all: new Set() };
	await explore({
		...options,
		groups,
		start: { row: row && names.create(row), service: [content] },
		runs: contents.map((of) => ({ contents: [of] })),
		faults: 0,
		dies: true,
		visit: (world, trace) => {
			if (world.steps.length > 0) return false;
			ends.all.add(inShort(world));
			if (isWrong(world)) ends.wrong.push(trace);
			return options.isFirstEnough === true && ends.wrong.length > 0;
		},
	});
	return ends;
}

function isWrong(world: World): boolean {
	const row = names.describe(world.row) ?? [];
	const accepted = (['A', 'B'] as const).filter((content) => row.includes(`${content} 0`));
	return !row.includes('open') && accepted.some((content) => world.service[0] !== content);
}

function inShort({ row, processes }: World): string {
	const memory = row === undefined ? 'gone' : names.describe(row)!.includes('open') ? 'open' : 'closed';
	return `${memory}: ${processes.map(({ stopped = 'went on' }) => stopped).join(', ')}`;
}

/** Whether each run had read the row, to open it, before the other one wrote. */
function openedTogether(trace: string): boolean {
	const steps = trace.split('\n');
	const opened = ['0', '1'].map((process) => {
		const own = steps.flatMap((step, index) => (step.startsWith(process) ? [[step, index] as const] : []));
		const [, reading] = own.filter(([step]) => step.includes('find'));
		const [writing] = own.filter(([step]) => step.includes('update'));
		return { readAt: reading![1], writtenAt: writing![1] };
	});
	const [first, second] = opened;
	return first!.readAt < second!.writtenAt && second!.readAt < first!.writtenAt;
}

const PAIRS: Array<[Content, Content]> = IS_FULL
	? [
			['B', 'A'],
			['A', 'B'],
			['B', 'B'],
		]
	: [['B', 'A']];
const trials = STARTS.flatMap((start) => PAIRS.map((pair) => [start[0], ...pair, start] as const));

describe('Two runs in two processes leave nothing wrong to the next one', () => {
	test.each(trials)(
		'when they meet %s, with %s and %s, and no beginning, look or end of one lies within that of the other',
		async (_, first, second, start) => {
			const { wrong, all } = await endsOf(start, [first, second], {
				answers: ['accepted', 'refused', 'answerLost', 'requestLost'],
				between: 0,
				looks: 1,
			});
			expect(wrong).toEqual([]);
			// The one that is under way goes on and is remembered; the one that comes sends nothing.
			expect(all).toContain('closed: went on, ALREADY_RUNNING');
		},
		120_000,
	);

	test.each(trials)(
		'when they meet %s, with %s and %s, and do up to two steps between any two statements of each other',
		async (_, first, second, start) => {
			const { wrong } = await endsOf(start, [first, second], {
				answers: IS_FULL ? ['accepted', 'answerLost'] : ['accepted'],
				between: 2,
				looks: IS_FULL ? 1 : 0,
			});
			expect(wrong).toEqual([]);
		},
		3_000_000,
	);
});

test('Two runs that open a closed state at the same moment can leave something wrong: n8n writes what it read before', async () => {
	const [, closed] = STARTS;
	const { wrong } = await endsOf(closed!, ['A', 'B'], {
		answers: ['accepted'],
		between: 4,
		looks: 0,
		isFirstEnough: !IS_FULL,
	});
	expect(wrong).not.toEqual([]);
	for (const trace of wrong) expect(openedTogether(trace)).toBe(true);
}, 120_000);
