import { common, projectsOf } from '../../jest.config.mjs';

/** What takes minutes by its nature: more random runs, every order of the steps of two runs, real time, installations. */
export default {
	rootDir: common.rootDir,
	testTimeout: 300_000,
	// Some of them wait for most of their time: one more than there are cores keeps all of them busy.
	maxWorkers: 3,
	testSequencer: '<rootDir>/test/long/longestFirst.mjs',
	projects: projectsOf('.long.mts'),
};
