import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { outsideNpmRun, rootFolder, unpack } from './packed.mts';

const run = promisify(execFile);

/** What git does not know of a checkout. */
const NOT_CLONED = /^(node_modules|dist|build|coverage|THIRD-PARTY-NOTICES|\.git|.*\.tgz)$/;

let clone: string;
let unlicensed: string;
beforeAll(async () => {
	clone = await mkdtemp(join(tmpdir(), 'clone-'));
	await cp(rootFolder, clone, { recursive: true, filter: (path) => !NOT_CLONED.test(basename(path)) });
	// All is installed, but for the licence of one library.
	const installed = join(rootFolder, 'node_modules');
	unlicensed = join(clone, 'node_modules', 'uuid');
	await mkdir(join(clone, 'node_modules'));
	for (const name of await readdir(installed)) {
		if (name !== 'uuid') await symlink(join(installed, name), join(clone, 'node_modules', name));
	}
	await cp(join(installed, 'uuid'), unlicensed, {
		recursive: true,
		filter: (path) => basename(path) !== 'LICENSE.md',
	});
}, 60_000);
afterAll(async () => await rm(clone, { recursive: true, force: true }));

interface Ended {
	readonly code: number;
	readonly said: string;
}

/** Runs npm pack in the clone; the tarball, if any, lies in the folder. */
async function npmPack(folder: string): Promise<Ended> {
	await mkdir(folder);
	return await new Promise((resolve) =>
		execFile(
			'npm',
			['pack', '--pack-destination', folder],
			{ cwd: clone, env: outsideNpmRun() },
			(error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` }),
		),
	);
}

test('npm packs nothing when a bundled library has no licence text', async () => {
	const folder = join(clone, 'refused');
	const { code, said } = await npmPack(folder);
	expect(said).toMatch(/uuid [\d.]+ is bundled and has no licence text: it must not be published\./);
	expect(code).not.toBe(0);
	expect(await readdir(folder)).toEqual([]);
}, 180_000);

test('In a clone that was never built npm packs the verified build, whole', async () => {
	await rm(unlicensed, { recursive: true });
	await symlink(join(rootFolder, 'node_modules/uuid'), unlicensed);
	const folder = join(clone, 'packed');
	const { code, said } = await npmPack(folder);
	expect([code, code === 0 ? '' : said]).toEqual([0, '']);
	const { files, readText } = await unpack(folder);
	expect(files).toContain('dist/credentials/TencentCloudIotApi.credentials.js');
	expect(files).toContain('THIRD-PARTY-NOTICES');
	expect(files.filter((file) => file.startsWith('dist/libraries/'))).toEqual(['dist/libraries/uuid.js']);
	expect(await readText('dist/nodes/TencentCloudIot/TencentCloudIot.node.js')).toContain('TencentCloudIot');
}, 180_000);

test('The commands of the README install what n8n loads, without a registry, whatever npm package the home folder is', async () => {
	const home = join(clone, 'home');
	await mkdir(home);
	await writeFile(join(home, 'package.json'), '{}');
	const pages: string[] = [];
	for (const page of ['README.md', 'docs/README.zh-CN.md']) {
		const text = await readFile(join(rootFolder, page), 'utf8');
		const [, commands = ''] =
			/^## (?:Installation|安装)\n[^#]*?```sh\n(npm ci && [^]*?)```/m.exec(text) ?? [];
		pages.push(commands);
	}
	const [installing = '', chinese] = pages;
	expect(installing).toMatch(/^npm ci && npm run pack:pool\nnpm install /);
	expect(chinese).toBe(installing);
	// What npm ci installs is there.
	const env = { ...outsideNpmRun(), HOME: home, npm_config_offline: 'true' };
	await run('sh', ['-ec', installing.replace('npm ci && ', '')], { cwd: clone, env });
	expect(await readdir(home)).not.toContain('node_modules');
	const installed = join(home, '.n8n/nodes/node_modules');
	expect((await readdir(installed)).filter((name) => !name.startsWith('.'))).toEqual([
		'n8n-nodes-tencent-iot',
	]);
	// As n8n does it: its own libraries are found by NODE_PATH.
	const load = `const { PackageDirectoryLoader } = require('n8n-core');
		const loader = new PackageDirectoryLoader(process.argv[1]);
		loader.loadAll().then(() => console.log(JSON.stringify([loader.packageName, loader.known])));`;
	const { stdout } = await run(process.execPath, ['-e', load, join(installed, 'n8n-nodes-tencent-iot')], {
		cwd: home,
		env: { ...env, NODE_PATH: join(rootFolder, 'node_modules') },
	});
	expect(JSON.parse(stdout)).toMatchObject([
		'n8n-nodes-tencent-iot',
		{ nodes: { tencentCloudIot: {} }, credentials: { tencentCloudIotApi: {} } },
	]);
}, 180_000);
