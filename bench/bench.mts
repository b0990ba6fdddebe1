/** `npm run bench`: measures both builds, prints the figures, and writes them to results.md. */
import { CannotStart, readFlags, runMain } from '../test/e2e/setup/stopMessage.mts';
import { isMet, printSection, type Section, type Target } from './report.mts';
import { writeSection } from './results.mts';

const HELP = `Measures the node against what a user would build without it, and against a bare HTTP client.

  --only <words>  measures only the parts whose names contain the words, and keeps the results of the others:
                  requests, beside, end-to-end, sync-cost, audit, receipts, sync-in-n8n, sync-floor, sync-by-hand, scheduled
`;

const FLAGS = { help: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } as const;

// Short parts come first, so that a mistake shows soon.
const parts: Record<string, () => Promise<Section>> = {
	requests: async () => await (await import('./requests.mts')).measureRequests(),
	beside: async () => await (await import('./beside.mts')).measureBeside(),
	'end-to-end': async () => await (await import('./endToEnd.mts')).measureEndToEnd(),
	'sync-cost': async () => await (await import('./syncCost.mts')).measureSyncCost(),
	audit: async () => await (await import('./audit.mts')).measureAudit(),
	receipts: async () => await (await import('./receipts.mts')).measureReceipts(),
	'sync-in-n8n': async () => await (await import('./syncInN8n.mts')).measureSyncInN8n(),
	'sync-floor': async () => await (await import('./syncFloor.mts')).measureSyncFloor(),
	'sync-by-hand': async () => await (await import('./syncTimelines.mts')).measureSyncTimelines(),
	scheduled: async () => await (await import('./scheduled.mts')).measureScheduled(),
};

await runMain(async () => {
	const { help, only } = readFlags(FLAGS, HELP);
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const chosen = Object.entries(parts).filter(([name]) => name.includes(only));
	if (chosen.length === 0) {
		throw new CannotStart(`No part is called '${only}'.\n\n${HELP}`);
	}
	const targets: Target[] = [];
	for (const [name, measure] of chosen) {
		process.stdout.write(`\nMeasuring ${name} …\n`);
		const section = await measure();
		printSection(section);
		// Before the next part, which may fail after hours.
		await writeSection(section);
		targets.push(...section.targets);
	}
	process.stdout.write(
		`\n${targets.filter(isMet).length} of ${targets.length} targets met\nWritten: bench/results.md\n`,
	);
});
