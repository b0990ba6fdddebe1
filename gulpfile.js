const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { execFile } = require('node:child_process');
const { readFile, rm } = require('node:fs/promises');
const { promisify } = require('node:util');

const bundles = ['nodes/TencentCloudIot/TencentCloudIot.node', 'credentials/TencentCloudIotApi.credentials'];

const clean = () => rm('dist', { recursive: true, force: true });

const typecheck = () =>
	promisify(execFile)('tsc', ['-p', '.'], { encoding: 'utf8' }).catch(({ stdout }) => {
		throw new Error(stdout);
	});

/** Of undici only the pool and the proxy: its entry point would bring fetch, caches and web sockets along. */
const undiciPool = {
	name: 'undici-pool',
	setup({ onLoad }) {
		onLoad({ filter: /node_modules\/undici\/index\.js$/ }, () => ({
			contents: `exports.Pool = require('./lib/dispatcher/pool'); exports.ProxyAgent = require('./lib/dispatcher/proxy-agent');`,
		}));
	},
};

/** Source maps are for our own code: an empty one keeps a library out of the bundle's. */
const noLibraryMaps = {
	name: 'no-library-maps',
	setup({ onLoad }) {
		const emptyMap = Buffer.from('{"version":3,"sources":[""],"mappings":"A"}').toString('base64');
		onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
			contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
		}));
	},
};

/** n8n installs the package without dependencies, so everything but n8n-workflow goes into the bundles. */
const bundle = () =>
	build({
		entryPoints: bundles.map((name) => `${name}.ts`),
		outbase: '.',
		outdir: 'dist',
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow'],
		minifySyntax: true,
		minifyWhitespace: true,
		sourcemap: 'linked',
		sourcesContent: false,
		legalComments: 'none',
		plugins: [undiciPool, noLibraryMaps],
	});

const icons = () => src('icons/*.svg').pipe(dest('dist/icons'));
const codex = () => src('nodes/**/*.node.json', { base: '.' }).pipe(dest('dist'));

exports.clean = clean;
exports.build = series(clean, parallel(typecheck, bundle, icons, codex));
exports.default = exports.build;
