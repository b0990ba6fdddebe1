import { join } from 'node:path';

// Many tests start processes that load n8n's engine: they, and Jest's workers, share a cache of compiled code.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** The settings that all ways of running the tests share. */
export const common = {
	rootDir: import.meta.dirname,
	testEnvironment: 'node',
	setupFilesAfterEnv: ['<rootDir>/test/support/textEquality.mts'],
	modulePathIgnorePatterns: ['<rootDir>/test/e2e/', '<rootDir>/build/'],
	// Large libraries that exchange only texts or their own trees: outside Jest's sandbox each is loaded once, from
	// Node's cache.
	moduleNameMapper: { '^(transliteration|typescript)$': '<rootDir>/test/support/outsideJest/$1.cjs' },
	moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'],
	transform: {
		'\\.(ts|mts|mjs|js)$': [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	// These libraries are published as ES modules only.
	transformIgnorePatterns: ['/node_modules/(?!(uuid|proxy-from-env)/)'],
	// Looking globals up in Jest's sandbox takes a third of the time of random runs. These are passed to every
	// module instead.
	sandboxInjectedGlobals: [
		...['Array', 'Error', 'Infinity', 'JSON', 'Map', 'Math'],
		...['Number', 'Object', 'Promise', 'Set', 'String', 'Symbol'],
	],
};

/** The tests that load a build, or n8n's engine. */
const BUILT = 'test/{embedded,engine,faults,invariants,package,scale}/**/*';

/**
 * The three projects, over the files that end with `ending`:
 * - `unit` needs neither a build nor n8n's engine,
 * - `pool` tests the build with a connection pool, which the README installs, on n8n's engine; and both packages,
 * - `verified` tests what differs in the build without a pool: how requests are sent, and how they may fail.
 */
export const projectsOf = (ending) => [
	{
		...common,
		displayName: 'unit',
		testMatch: [`<rootDir>/test/**/*${ending}`, `!**/${BUILT}`, '!**/test/start/start*'],
	},
	{
		...common,
		displayName: 'pool',
		testMatch: [`<rootDir>/${BUILT}${ending}`, `<rootDir>/test/start/start*${ending}`],
	},
	{
		...common,
		displayName: 'verified',
		testMatch: [`<rootDir>/test/{faults,invariants}/**/*${ending}`, '!**/violations.test.mts'],
		globals: { TESTED_BUILD: 'verified' },
	},
];

export default {
	rootDir: common.rootDir,
	// Ends a test that hangs. Those that start a process or the engine take two seconds, or many more on a busy machine.
	testTimeout: 120_000,
	// Some tests compute and some wait for a silent server: one worker more than there are cores keeps all cores busy.
	maxWorkers: 3,
	testSequencer: '<rootDir>/test/long/longestFirst.mjs',
	// A process that has loaded n8n's engine holds a gigabyte, and takes more than half a second to exit on a busy machine.
	workerGracefulExitTimeout: 20_000,
	projects: projectsOf('.test.mts'),
	// The code that is tested in isolation. The other code is tested as a build, in the engine.
	collectCoverageFrom: [
		'nodes/TencentCloudIot/{service,binding,sync}/**/*.ts',
		'nodes/TencentCloudIot/input/{fieldSource,mapping,placeholder,text}.ts',
		'nodes/TencentCloudIot/run/{ledger,memory}.ts',
	],
	coverageReporters: ['text'],
	coverageThreshold: { global: { branches: 95 } },
};
