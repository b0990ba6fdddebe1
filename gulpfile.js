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

/** The two builds of the one source: how requests travel, and the libraries that this needs. */
const builds = {
	pool: { folder: 'dist', libraries: ['p-limit', 'proxy-from-env', 'undici', 'uuid'] },
	verified: {
		folder: 'build/verified/dist',
		libraries: ['p-limit', 'uuid'],
		openTransport: `export { openHostTransport as openTransport } from './host/hostTransport';`,
	},
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

const typecheck = () =>
	promisify(execFile)('tsc', ['-p', '.']).catch(({ stdout }) => {
		throw new Error(stdout);
	});

/** Libraries stay files of their own: without source maps, and undici is loaded by the first run only. */
const bundleLibraries = (chosen) =>
	Promise.all(
		chosen.libraries.map((name) =>
			build({
				...common,
				minifyIdentifiers: true,
				stdin: { contents: libraries[name], resolveDir: __dirname },
				outfile: `${chosen.folder}/libraries/${name}.js`,
			}),
		),
	);

const bundleSources = (chosen) =>
	Promise.all(entryPoints.map((entryPoint) => bundleSource(entryPoint, chosen)));

function bundleSource(entryPoint, { folder, libraries: names, openTransport }) {
	const toLibraries = posix.relative(dirname(entryPoint), 'libraries');
	const resolveLibraries = {
		name: 'libraries',
		setup: ({ onResolve }) =>
			onResolve({ filter: /^[\w-]+$/ }, ({ path }) =>
				names.includes(path) ? { path: `${toLibraries}/${path}.js`, external: true } : undefined,
			),
	};
	const chooseTransport = {
		name: 'transport',
		setup: ({ onLoad }) =>
			onLoad({ filter: /[\\/]transport[\\/]openTransport\.ts$/ }, () =>
				openTransport === undefined ? undefined : { contents: openTransport, loader: 'ts' },
			),
	};
	return build({
		...common,
		entryPoints: [entryPoint],
		outbase: '.',
		outdir: folder,
		sourcemap: 'linked',
		// Positions for stack traces; the sources themselves are in the repository.
		sourcesContent: false,
		plugins: [resolveLibraries, chooseTransport],
	});
}

const icons = ({ folder }) => src('icons/*.svg').pipe(dest(`${folder}/icons`));
const codex = ({ folder }) => src('nodes/**/*.node.json', { base: '.' }).pipe(dest(folder));

/** All of one build, in its folder. */
function bundle(name) {
	const chosen = builds[name];
	const named = (task, what) => Object.assign(() => task(chosen), { displayName: `${what} (${name})` });
	return series(
		named(({ folder }) => rm(folder, { recursive: true, force: true }), 'clean'),
		parallel(
			named(bundleLibraries, 'libraries'),
			named(bundleSources, 'sources'),
			named(icons, 'icons'),
			named(codex, 'codex'),
		),
	);
}

exports.build = parallel(typecheck, bundle('pool'));
exports['build:verified'] = parallel(typecheck, bundle('verified'));
exports.default = exports.build;
