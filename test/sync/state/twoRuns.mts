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
