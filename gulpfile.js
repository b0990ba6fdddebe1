const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { spawn } = require('node:child_process');
const { chmod, copyFile, mkdir, readdir, rm, writeFile } = require('node:fs/promises');
const { dirname, join, posix } = require('node:path');
const { Transform } = require('node:stream');
const { thirdPartyNotices } = require('./packaging/notices.mts');
const { sbom } = require('./packaging/sbom.mts');
const lockfile = require('./package-lock.json');
const manifest = require('./package.json');

const entryPoints = [
	'nodes/TencentCloudIot/TencentCloudIot.node.ts',
	'credentials/TencentCloudIotApi.credentials.ts',
];

/** The part of each library that is shipped. undici's own entry point would include fetch, caches and web sockets. */
const libraries = {
	'proxy-from-env': `export * from 'proxy-from-env';`,
	undici: `require('undici/lib/dispatcher/dispatcher').prototype.connect = require('undici/lib/api/api-connect');
		exports.Pool = require('undici/lib/dispatcher/pool'); exports.ProxyAgent = require('undici/lib/dispatcher/proxy-agent');`,
	uuid: `export { v4 } from 'uuid';`,
};

/**
 * The two builds of the same sources: how requests are sent, the libraries that this needs, and the folder and
 * version of the package. The verified build is this package itself; the pool build is staged in a separate folder.
 */
const builds = {
	verified: {
		folder: '.',
		version: manifest.version,
		libraries: ['uuid'],
		openTransport: `export { openHostTransport, openHostTransport as openTransport } from '../transport/host/hostTransport';`,
	},
	pool: {
		folder: 'build/pool',
		version: `${manifest.version}-undici.0`,
		libraries: ['proxy-from-env', 'undici', 'uuid'],
	},
};

/** n8n installs the package without dependencies and provides n8n-workflow; n8n 1.x runs on Node 20. */
const common = {
	bundle: true,
	platform: 'node',
	target: 'node20',
	format: 'cjs',
	external: ['n8n-workflow'],
	minifySyntax: true,
	charset: 'utf8',
	// Keeps names, and lines that a stack trace can point to.
	minifyWhitespace: true,
	lineLimit: 160,
	// They are in THIRD-PARTY-NOTICES, with the full licences.
	legalComments: 'none',
	metafile: true,
};

/** Libraries stay separate files, so that only the first run loads undici. */
const bundleLibraries = (chosen) =>
	Promise.all(
		chosen.libraries.map((name) =>
			build({
				...common,
				minifyIdentifiers: true,
				stdin: { contents: libraries[name], resolveDir: __dirname },
				outfile: `${chosen.folder}/dist/libraries/${name}.js`,
			}),
		),
	);

const bundleSources = (chosen) =>
	Promise.all(entryPoints.map((entryPoint) => bundleSource(entryPoint, chosen)));

function bundleSource(entryPoint, { folder, version, libraries: names, openTransport }) {
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
			onLoad({ filter: /[\\/]delivery[\\/]openTransport\.ts$/ }, () =>
				openTransport === undefined ? undefined : { contents: openTransport, loader: 'ts' },
			),
	};
	const provideVersion = {
		name: 'version',
		setup: ({ onLoad }) =>
			onLoad({ filter: /[\\/]package\.json$/ }, () => ({
				contents: JSON.stringify({ name: manifest.name, version }),
				loader: 'json',
			})),
	};
	return build({
		...common,
		entryPoints: [entryPoint],
		outbase: '.',
		outdir: `${folder}/dist`,
		plugins: [resolveLibraries, chooseTransport, provideVersion],
	});
}

const icons = ({ folder }) => src('icons/*.svg').pipe(dest(`${folder}/dist/icons`));
const codex = ({ folder }) => src('nodes/**/*.node.json', { base: '.' }).pipe(dest(`${folder}/dist`));

/** The schema of each operation's output, which n8n's editor reads, in one line. */
const schemas = ({ folder }) =>
	src('nodes/**/__schema__/**/*.json', { base: '.' })
		.pipe(
			new Transform({
				objectMode: true,
				transform(file, _, done) {
					file.contents = Buffer.from(JSON.stringify(JSON.parse(file.contents.toString())));
					done(null, file);
				},
			}),
		)
		.pipe(dest(`${folder}/dist`));

/** The bundles, the notices that their libraries' licences require, and the bill of materials that a release includes. */
async function bundles(chosen) {
	const results = await Promise.all([bundleLibraries(chosen), bundleSources(chosen)]);
	const metafiles = results.flat().map(({ metafile }) => metafile);
	const { folder, version } = chosen;
	await writeFile(`${folder}/THIRD-PARTY-NOTICES`, await thirdPartyNotices(metafiles));
	const billOfMaterials = await sbom(metafiles, { ...manifest, version }, lockfile);
	await mkdir('build', { recursive: true });
	await writeFile(`build/${manifest.name}-${version}.cdx.json`, billOfMaterials);
}

/**
 * Makes the folder of the pool build a package of the same name, without development scripts and dependencies: a
 * pre-release, which is installed only if its tag or version is named.
 */
async function stage({ folder, version }) {
	const { scripts, devDependencies, allowScripts, ...published } = manifest;
	const publishConfig = { ...manifest.publishConfig, tag: 'undici' };
	await mkdir(folder, { recursive: true });
	const text = JSON.stringify({ ...published, version, publishConfig }, null, 2);
	await writeFile(join(folder, 'package.json'), `${text}\n`);
	for (const name of ['README.md', 'LICENSE.md']) await copyFile(name, join(folder, name));
}

/** Sets the modes of the files: npm packs them, so another umask would change the bytes of the package. */
async function modes({ folder }) {
	const built = await readdir(`${folder}/dist`, { recursive: true, withFileTypes: true });
	const files = built.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	const packageFiles = ['package.json', 'README.md', 'LICENSE.md', 'THIRD-PARTY-NOTICES'];
	for (const file of [...files, ...packageFiles.map((name) => join(folder, name))]) await chmod(file, 0o644);
}

/** The task that makes one build, in its folder. */
function bundle(name) {
	const chosen = builds[name];
	const named = (task, what) => Object.assign(() => task(chosen), { displayName: `${what} (${name})` });
	const clean = ({ folder }) => rm(`${folder}/dist`, { recursive: true, force: true });
	const parts = { bundles, icons, codex, schemas, ...(chosen.folder === '.' ? {} : { stage }) };
	return series(
		named(clean, 'clean'),
		parallel(...Object.entries(parts).map(([what, task]) => named(task, what))),
		named(modes, 'modes'),
	);
}

/** A script of package.json. */
const script = (name) =>
	Object.assign(() => spawn('npm', ['run', '--silent', name], { stdio: 'inherit' }), { displayName: name });

/** All checks that only read the sources, in parallel. */
exports.check = parallel(script('lint'), script('typecheck'), script('format:check'));

exports['build:verified'] = bundle('verified');
exports['build:pool'] = bundle('pool');
exports.build = parallel(bundle('verified'), bundle('pool'));
exports.default = exports.build;
