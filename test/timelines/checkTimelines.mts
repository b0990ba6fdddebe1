import fc from 'fast-check';
import type { Build } from '../../embedded/embeddedEngine.mts';
import { timelines } from './events.mts';
import { newTotals, TimelineRun, type Totals } from './runTimeline.mts';
import { UnreliableService } from './unreliableService.mts';

/** Which timelines to try. */
export interface Check {
	build: Build;
	seed: number;
	count: number;
	/** The path of one timeline, as it was printed when it broke a promise. */
	path?: string | undefined;
}

/** The result of these timelines. */
export interface Checked {
	totals: Totals;
	/** The smallest timeline found that breaks a promise, what it breaks and how to replay it; undefined if none does. */
	broken: string | undefined;
}

/** Tries random timelines of Sync. To be called outside Jest's sandbox. */
export async function checkTimelines({ build, seed, count, path }: Check): Promise<Checked> {
	const totals = newTotals();
	const service = await UnreliableService.start();
	const property = fc.asyncProperty(timelines, async (timeline) => {
		const run = new TimelineRun(build, service, timeline.size, totals);
		await run.run(timeline);
		if (run.violations.length > 0) {
			throw new Error(run.violations.slice(0, 5).join('\n'));
		}
	});
	try {
		const settings = { seed, numRuns: count };
		const details = await fc.check(property, path === undefined ? settings : { ...settings, path });
		if (!details.failed) {
			return { totals, broken: undefined };
		}
		const replay = `npm run soak -- --sync --build ${build} --seed ${seed} --path ${details.counterexamplePath}`;
		return {
			totals,
			broken: `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}\nReplay it: ${replay}`,
		};
	} finally {
		service.close();
	}
}
