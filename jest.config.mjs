import { join } from 'node:path';

// Many tests start processes that load n8n's engine: what Node compiled is kept, also by Jest's workers for one another.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** What every way of running the tests has in common. */
export const common = {
	rootDir: import.meta.dirname,
	testEnvironment: 'node',
	setupFilesAfterEnv: ['<rootDir>/test/support/textEquality.mts'],
	modulePathIgnorePatterns: ['<rootDir>/test/e2e/', '<rootDir>/build/'],
	// Large libraries that take and give texts or trees of their own: outside of Jest's sandbox each is loaded once, from what Node compiled.
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
	// Jest looks each global up in its sandbox, which takes a third of what random runs compute. These are handed to every module instead.
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
 * - `pool` is about the build with a connection pool, which the README installs, on n8n's engine; and about both packages,
 * - `verified` is what differs in the build without a pool of its own: how requests travel, and what may become of them.
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
	// A test that hangs is to end. Those that start a process or the engine take two seconds, on a busy machine many more.
	testTimeout: 120_000,
	// Some tests compute and some wait for a server's silence: one more than there are cores keeps all of them busy.
	maxWorkers: 3,
	testSequencer: '<rootDir>/test/long/longestFirst.mjs',
	// A process that has loaded n8n's engine holds a gigabyte: on a busy machine it is not gone in half a second.
	workerGracefulExitTimeout: 20_000,
	projects: projectsOf('.test.mts'),
	// What is tested alone; the rest is tested as it was built, through the engine.
	collectCoverageFrom: [
		'nodes/TencentCloudIot/{service,binding,sync}/**/*.ts',
		'nodes/TencentCloudIot/input/{fieldSource,mapping,placeholder,text}.ts',
		'nodes/TencentCloudIot/run/{ledger,memory}.ts',
	],
	coverageReporters: ['text'],
	coverageThreshold: { global: { branches: 95 } },
};
