import { dirname } from 'node:path';

/** What every way of running the tests has in common. */
export const common = {
	rootDir: dirname(import.meta.dirname),
	testEnvironment: 'node',
	modulePathIgnorePatterns: ['<rootDir>/test/e2e/', '<rootDir>/build/'],
	moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'],
	transform: {
		'\\.(ts|mts|mjs|js)$': [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	// These libraries are published as ES modules only.
	transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue|uuid|proxy-from-env)/)'],
};

export default {
	rootDir: common.rootDir,
	// Tests that start a process or the engine take up to two seconds: Jest's own five are few on a slow machine.
	testTimeout: 20_000,
	projects: [
		{ ...common, displayName: 'pool', testMatch: ['<rootDir>/test/**/*.test.mts'] },
		{
			...common,
			displayName: 'verified',
			// What a user meets of a run, once more on the build without a pool of its own.
			testMatch: ['<rootDir>/test/{engine,faults,invariants}/**/*.test.mts'],
			testPathIgnorePatterns: [
				// They are about the pool: its connections and its costs.
				'/test/faults/(faults|staleConnection)\\.test\\.mts$',
				'/test/engine/(workCounts|engineFacts|engineLinks|engineReruns)\\.test\\.mts$',
			],
			globals: { TESTED_BUILD: 'verified' },
		},
	],
	// What is tested alone; the rest is tested as it was built, through the engine.
	collectCoverageFrom: [
		'nodes/TencentCloudIot/{service,binding,sync}/**/*.ts',
		'nodes/TencentCloudIot/input/{fieldSource,mapping,text}.ts',
		'nodes/TencentCloudIot/run/{ledger,refusedKey,wholeSets}.ts',
	],
	coverageReporters: ['text'],
	coverageThreshold: { global: { branches: 95 } },
};
