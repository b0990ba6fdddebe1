import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mutation tests of what decides on a customer's outcome. */
export default {
	mutate: [
		'nodes/TencentCloudIot/{service,binding,sync}/**/*.ts',
		// A list of names.
		'!nodes/TencentCloudIot/binding/columnNames.ts',
		'nodes/TencentCloudIot/input/{fieldSource,mapping,placeholder,text}.ts',
		'nodes/TencentCloudIot/run/attempts/*.ts',
		'nodes/TencentCloudIot/run/checks/{executeOnce,partialSets}.ts',
	],
	testRunner: 'jest',
	jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.mjs' },
	coverageAnalysis: 'perTest',
	concurrency: 2,
	// A busy machine is no endless loop.
	timeoutMS: 15_000,
	timeoutFactor: 3,
	thresholds: { high: 95, low: 90, break: 85 },
	reporters: ['progress', 'clear-text', 'html'],
	clearTextReporter: { logTests: false },
	htmlReporter: { fileName: 'coverage/mutation.html' },
	// Outside of the project, where nothing else finds its copy of the sources.
	tempDirName: join(tmpdir(), 'n8n-nodes-tencent-iot-mutation'),
	cleanTempDir: 'always',
	ignorePatterns: ['/dist', '/build', '/coverage', '/docs', '/examples', '/bench', '/test/e2e'],
};
