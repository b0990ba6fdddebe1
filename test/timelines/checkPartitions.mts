import fc from 'fast-check';
import { partitionTimelines } from './partitionEvents.mts';
import type { Check } from './checkTimelines.mts';
import { newPartitionTotals, PartitionsRun, type PartitionTotals } from './runPartitions.mts';
import { UnreliableService } from './unreliableService.mts';

/** Tries random timelines of a Sync in partitions. To be called outside Jest's sandbox. */
export async function checkPartitions({
	build,
	seed,
	count,
}: Check): Promise<{ totals: PartitionTotals; broken: string | undefined }> {
	const totals = newPartitionTotals();
	const service = await UnreliableService.start();
	const property = fc.asyncProperty(partitionTimelines, fc.boolean(), async (events, adds) => {
		service.adds = adds;
		const run = new PartitionsRun(build, service, totals);
		await run.run(events);
		if (run.violations.length > 0) throw new Error(run.violations.slice(0, 5).join('\n'));
	});
	try {
		const details = await fc.check(property, { seed, numRuns: count });
		const broken = details.failed
			? `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}`
			: undefined;
		return { totals, broken };
	} finally {
		service.close();
	}
}
