import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The folder that is mutated, below nodes/TencentCloudIot: without those below it, which have a score of their own. */
export const folder = process.env.MUTATION_FOLDER ?? '';

/** The folder of the tests that belong to it: of the same name, or else of the next one above that has tests. */
export const testFolder = nearestTests(folder);

/**
 * Tests on the engine of what a folder does only there, as globs below test/. They need the build, with all mutants in it: the node that the
 * engine loads is in the same process, and looks there which one is active.
 */
const ENGINE_TESTS = {
	run: [
		'engine/{dryRun,push*,row*,severalRuns,stopMessages,sync,syncReport,retriedExecution}',
		'engine/{agentTool,executionsList,getReceipts,lists,nonIdempotent,syncReceipts}',
	],
	'run/report': ['engine/{dryRun,push,stopMessages,syncReport}'],
};
export const engineTests = ENGINE_TESTS[folder] ?? [];

function nearestTests(path) {
	return path === '.' || existsSync(join(ROOT, 'test', path))
		? join('test', path)
		: nearestTests(dirname(path));
}
