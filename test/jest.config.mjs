export default {
	rootDir: '..',
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/**/*.test.mts'],
	modulePathIgnorePatterns: ['<rootDir>/test/e2e/'],
	moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'],
	transform: {
		'\\.(ts|mts|mjs|js)$': [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	// These libraries are published as ES modules only.
	transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue|uuid|proxy-from-env)/)'],
	// What knows no n8n; the rest is tested as it was built, through the engine.
	collectCoverageFrom: [
		'nodes/TencentCloudIot/{service,binding}/**/*.ts',
		'nodes/TencentCloudIot/input/{fieldSource,mapping,text}.ts',
	],
	coverageReporters: ['text'],
	coverageThreshold: { global: { branches: 95 } },
};
