const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { execFile } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { dirname, posix } = require('node:path');
const { promisify } = require('node:util');

const entryPoints = [
	'nodes/TencentCloudIot/TencentCloudIot.node.ts',
	'credentials/TencentCloudIotApi.credentials.ts',
];

/** What of each library is shipped. undici's own entry point would bring fetch, caches and web sockets along. */
const libraries = {
	'p-limit': `export { default } from 'p-limit';`,
	'proxy-from-env': `export * from 'proxy-from-env';`,
	undici: `require('undici/lib/dispatcher/dispatcher').prototype.connect = require('undici/lib/api/api-connect');
		exports.Pool = require('undici/lib/dispatcher/pool'); exports.ProxyAgent = require('undici/lib/dispatcher/proxy-agent');`,
	uuid: `export { v4 } from 'uuid';`,
};

/** n8n installs the package without dependencies and offers n8n-workflow; node20 is what n8n 1.x runs on. */
const common = {
	bundle: true,
	platform: 'node',
	target: 'node20',
	format: 'cjs',
	external: ['n8n-workflow'],
	minifySyntax: true,
	minifyWhitespace: true,
	legalComments: 'none',
};

const clean = () => rm('dist', { recursive: true, force: true });

const typecheck = () =>
	promisify(execFile)('tsc', ['-p', '.']).catch(({ stdout }) => {
		throw new Error(stdout);
	});

/** Libraries stay files of their own: without source maps, and undici is loaded by the first run only. */
const bundleLibraries = () =>
	Promise.all(
		Object.entries(libraries).map(([name, contents]) =>
			build({
				...common,
				minifyIdentifiers: true,
				stdin: { contents, resolveDir: __dirname },
				outfile: `dist/libraries/${name}.js`,
			}),
		),
	);

const bundleSources = () => Promise.all(entryPoints.map(bundleSource));

function bundleSource(entryPoint) {
	const toLibraries = posix.relative(dirname(entryPoint), 'libraries');
	const resolveLibraries = {
		name: 'libraries',
		setup: ({ onResolve }) =>
			onResolve({ filter: /^[\w-]+$/ }, ({ path }) =>
				path in libraries ? { path: `${toLibraries}/${path}.js`, external: true } : undefined,
			),
	};
	return build({
		...common,
		entryPoints: [entryPoint],
		outbase: '.',
		outdir: 'dist',
		sourcemap: 'linked',
		// Positions for stack traces; the sources themselves are in the repository.
		sourcesContent: false,
		plugins: [resolveLibraries],
	});
}

const icons = () => src('icons/*.svg').pipe(dest('dist/icons'));
const codex = () => src('nodes/**/*.node.json', { base: '.' }).pipe(dest('dist'));

exports.clean = clean;
exports.build = series(clean, parallel(typecheck, bundleLibraries, bundleSources, icons, codex));
exports.default = exports.build;
