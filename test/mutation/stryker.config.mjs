import { join } from 'node:path';
import { engineTests, folder } from './folder.mjs';
import { share } from './sample.mjs';

const resultFile = `coverage/mutation/${process.env.MUTATION_RESULT}`;

/** Mutation tests of one folder. */
export default {
	mutate: [`nodes/TencentCloudIot/${folder}/*.ts`],
	// A folder that takes too long is measured by a sample.
	...(share < 1 && {
		checkers: ['sample'],
		plugins: ['@stryker-mutator/*', join(import.meta.dirname, 'sample.mjs')],
	}),
	testRunner: 'jest',
	jest: {
		projectType: 'custom',
		configFile: 'test/mutation/jest.config.mjs',
		// Tests that load a build import no source.
		enableFindRelatedTests: engineTests.length === 0,
	},
	...(engineTests.length > 0 && { buildCommand: `node ${join(import.meta.dirname, 'build.mjs')}` }),
	coverageAnalysis: 'perTest',
	// A mutant of code that runs when a file is loaded (names and tables) needs a new process, which takes a hundred times as long.
	ignoreStatic: true,
	// A run that is ended early keeps its results, and the next one continues from there.
	incremental: true,
	incrementalFile: `${resultFile}.json`,
	// Two processes that run tests. With a sample, Stryker uses half of the number for processes that check what is in the sample.
	concurrency: share < 1 ? 4 : 2,
	// Generous, so that a test on a busy machine is not taken for an endless loop.
	timeoutMS: 60_000,
	timeoutFactor: 3,
	dryRunTimeoutMinutes: 15,
	reporters: ['progress', 'clear-text', 'html'],
	clearTextReporter: { logTests: false },
	htmlReporter: { fileName: `${resultFile}.html` },
	tempDirName: process.env.MUTATION_COPIES,
	ignorePatterns: ['/dist', '/build', '/coverage', '/bench', '/test/e2e'],
};
