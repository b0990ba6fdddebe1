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
		// What loads a build imports no source.
		enableFindRelatedTests: engineTests.length === 0,
	},
	...(engineTests.length > 0 && { buildCommand: `node ${join(import.meta.dirname, 'build.mjs')}` }),
	coverageAnalysis: 'perTest',
	// A mutant of what runs when a file is loaded needs a new process: names and tables, for a hundred times the time.
	ignoreStatic: true,
	// A run that is ended keeps what it found, and the next one goes on from there.
	incremental: true,
	incrementalFile: `${resultFile}.json`,
	// Two processes that run tests. With a sample, Stryker gives half of the number to processes that check what belongs to it.
	concurrency: share < 1 ? 4 : 2,
	// A busy machine is no endless loop.
	timeoutMS: 60_000,
	timeoutFactor: 3,
	dryRunTimeoutMinutes: 15,
	reporters: ['progress', 'clear-text', 'html'],
	clearTextReporter: { logTests: false },
	htmlReporter: { fileName: `${resultFile}.html` },
	tempDirName: process.env.MUTATION_COPIES,
	ignorePatterns: ['/dist', '/build', '/coverage', '/bench', '/test/e2e'],
};
