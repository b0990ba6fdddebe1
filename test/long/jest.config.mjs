import { common, projectsOf } from '../../jest.config.mjs';

/** The tests that take minutes: more random runs, every order of the steps of two runs, real time, installations. */
export default {
	rootDir: common.rootDir,
	testTimeout: 300_000,
	// Some of them wait most of the time: one worker more than there are cores keeps all cores busy.
	maxWorkers: 3,
	testSequencer: '<rootDir>/test/long/longestFirst.mjs',
	projects: projectsOf('.long.mts'),
};
