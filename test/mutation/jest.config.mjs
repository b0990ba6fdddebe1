import base from '../jest.config.mjs';

const { coverageThreshold: _, ...config } = base;

export default {
	...config,
	rootDir: '../..',
	testMatch: ['<rootDir>/test/{service,binding,input}/**/*.test.mts'],
	setupFilesAfterEnv: ['<rootDir>/test/mutation/setup.mts'],
	testRunner: '<rootDir>/test/mutation/jest-circus.mjs',
	testSequencer: '<rootDir>/test/mutation/sequencer.mjs',
};
