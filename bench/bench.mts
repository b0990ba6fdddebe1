/** `npm run bench`: measures everything, prints it, and writes results.md and its chart. */
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { npmInstall } from '../test/e2e/setup/npmInstall.mts';
import { CannotStart, runMain } from '../test/e2e/setup/stopMessage.mts';
import { isMet, printSection, type Section } from './report.mts';

const HELP = `Measures the node against what a user would build without it, and against a bare HTTP client.

  --only <words>  measures only the parts whose names contain the words; the results of the others stay:
                  start-up, signing, mapping, requests, growth, end-to-end, sync-cost, sync-in-n8n,
                  sync-timelines, partitions
`;

// What is short comes first: a mistake shows soon.
const parts: Record<string, () => Promise<Section>> = {
	'start-up': async () => await (await import('./startUp.mts')).measureStartUp(),
	signing: async () => await (await import('./signing.mts')).measureSigning(),
	mapping: async () => await (await import('./mapping.mts')).measureMapping(),
	requests: async () => await (await import('./requests.mts')).measureRequests(),
	growth: async () => await (await import('./growth.mts')).measureGrowth(),
	'end-to-end': async () => await (await import('./endToEnd.mts')).measureEndToEnd(),
	'sync-cost': async () => await (await import('./syncCost.mts')).measureSyncCost(),
	'sync-in-n8n': async () => await (await import('./syncCostInN8n.mts')).measureSyncCostInN8n(),
	partitions: async () => await (await import('./partitions.mts')).measurePartitions(),
	'sync-timelines': async () => await (await import('./syncTimelines.mts')).measureSyncTimelines(),
};

await runMain(async () => {
	const { help, only } = readCommandLine();
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const chosen = Object.entries(parts).filter(([name]) => name.includes(only));
	if (chosen.length === 0) throw new CannotStart(`No part is called '${only}'.\n\n${HELP}`);
	const folder = fileURLToPath(new URL('.', import.meta.url));
	await npmInstall({ folder, name: 'the chart library', neededGb: 0.2 });
	const sections: Section[] = [];
	for (const [name, measure] of chosen) {
		process.stdout.write(`\nMeasuring ${name} …\n`);
		const section = await measure();
		printSection(section);
		sections.push(section);
	}
	const targets = sections.flatMap((section) => section.targets);
	const missed = targets.filter((target) => !isMet(target));
	process.stdout.write(`\n${targets.length - missed.length} of ${targets.length} targets met\n`);
	const { writeResults } = await import('./results.mts');
	await writeResults(sections);
	process.stdout.write('Written: bench/results.md and its charts\n');
});

function readCommandLine() {
	try {
		const options = {
			help: { type: 'boolean', default: false },
			only: { type: 'string', default: '' },
		} as const;
		return parseArgs({ options }).values;
	} catch (cause) {
		throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`, { cause });
	}
}
