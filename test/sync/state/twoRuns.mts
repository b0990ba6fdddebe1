import { explore, type Exploration } from './explore.mts';
import { Group, RowNames, type Content } from './rows.mts';
import type { World } from './world.mts';

type Start = readonly [string, readonly string[] | undefined, Content | undefined];

const groups = [new Group('customer-', 1)];
const names = new RowNames(groups);

const CLOSED = ['account', 'day 0', 'ok', 'A 0'];
/** What two runs may meet: in words, what stands in n8n's row, and what the service has. */
export const STARTS = [
	['nothing', undefined, undefined],
	['what a run left that ended', CLOSED, 'A'],
	['what a run left that was killed', [...CLOSED, 'open', 'token'], 'B'],
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
	const state = row === undefined ? 'gone' : names.describe(row)!.includes('open') ? 'open' : 'closed';
	return `${state}: ${processes.map(({ stopped = 'went on' }) => stopped).join(', ')}`;
}

/** Whether each run had read the row, to open it, before the other one wrote. */
export function openedTogether(trace: string): boolean {
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
