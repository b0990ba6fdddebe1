import { common } from '../../jest.config.mjs';
import { engineTests, testFolder } from './folder.mjs';

export default {
	...common,
	rootDir: '../..',
	testMatch: [`${testFolder}/**/*`, ...engineTests.map((tests) => `test/${tests}`)].map(
		(tests) => `<rootDir>/${tests}.test.mts`,
	),
	testPathIgnorePatterns: [
		// They try too many cases for each surviving mutant.
		'/test/binding/(hostileRows|beside|(sheets|customers|mergedCells)\\.property)\\.test\\.mts$',
		'/test/sync/state/(ordinary|quarters|movedWorlds)\\.test\\.mts$',
		// It reads the sources, which look different with mutants.
		'/test/messages/ownWords\\.test\\.mts$',
	],
	// The first test of a process may load the engine, and on a busy machine others take as long. Stryker ends a test that hangs.
	testTimeout: 60_000,
	setupFilesAfterEnv: [...common.setupFilesAfterEnv, '<rootDir>/test/mutation/setup.mts'],
	testRunner: '<rootDir>/test/mutation/jest-circus.mjs',
	testSequencer: '<rootDir>/test/mutation/sequencer.mjs',
};
