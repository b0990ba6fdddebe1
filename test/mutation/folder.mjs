import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The folder that is mutated, below nodes/TencentCloudIot; its subfolders have their own scores. */
export const folder = process.env.MUTATION_FOLDER ?? '';

/** The folder of its tests: the one with the same name, or else the nearest parent that has tests. */
export const testFolder = nearestTests(folder);

/**
 * Engine tests of behaviour that a folder has only there, as globs below test/. They need a build with all mutants: the engine loads the node
 * in the same process, where the node reads which mutant is active.
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
