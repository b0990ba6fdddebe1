import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { outsideNpmRun, rootFolder } from './packed.mts';

// Packs fresh clones under settings that differ between machines.

/** Files of a checkout that are not in git. */
const NOT_CLONED = /^(node_modules|dist|build|coverage|THIRD-PARTY-NOTICES|\.git|.*\.tgz)$/;

interface Machine {
	readonly path: string;
	readonly umask: string;
	readonly TZ: string;
	readonly LC_ALL: string;
}
const HERE: Machine = { path: 'a', umask: '077', TZ: 'Asia/Shanghai', LC_ALL: 'zh_CN.UTF-8' };
const THERE: Machine = {
	path: 'another/long path/至一个目录',
	umask: '000',
	TZ: 'America/St_Johns',
	LC_ALL: 'tr_TR.UTF-8',
};

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'clones-'));
	for (const machine of [HERE, THERE]) {
		await clone(machine);
	}
}, 300_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function clone({ path, umask }: Machine): Promise<void> {
	const root = join(folder, path);
	await mkdir(join(root, '..'), { recursive: true });
	await cp(rootFolder, root, { recursive: true, filter: (from) => !NOT_CLONED.test(basename(from)) });
	// As git leaves files under this umask.
	await run('chmod', ['-R', umask === '077' ? 'u=rwX,go=' : 'a=rwX', root]);
	await symlink(join(rootFolder, 'node_modules'), join(root, 'node_modules'));
}

interface Ended {
	readonly code: number;
	readonly output: string;
}

async function run(program: string, words: string[], options: object = {}): Promise<Ended> {
	return await new Promise((resolve) =>
		execFile(program, words, options, (error, stdout, stderr) =>
			resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` }),
		),
	);
}

/** Runs commands in a clone as on its machine. */
async function runOn({ path, umask, TZ, LC_ALL }: Machine, command: string, more: NodeJS.ProcessEnv = {}) {
	const env = { ...outsideNpmRun(), TZ, LC_ALL, LANG: LC_ALL, ...more };
	return await run('sh', ['-ec', `umask ${umask}\n${command}`], { cwd: join(folder, path), env });
}

test('npm pack fails when a bundled library has no licence text.', async () => {
	const root = join(folder, THERE.path);
	// Everything is installed except the licence of one library.
	const installed = join(rootFolder, 'node_modules');
	await rm(join(root, 'node_modules'));
	await mkdir(join(root, 'node_modules'));
	for (const name of await readdir(installed)) {
		if (name !== 'uuid') {
			await symlink(join(installed, name), join(root, 'node_modules', name));
		}
	}
	const unlicensed = join(root, 'node_modules/uuid');
	const filter = (path: string) => basename(path) !== 'LICENSE.md';
	await cp(join(installed, 'uuid'), unlicensed, { recursive: true, filter });
	const { code, output } = await runOn(THERE, 'npm pack');
	expect(output).toMatch(/uuid [\d.]+ is bundled and has no licence text: it must not be published\./);
	expect(code).not.toBe(0);
	expect((await readdir(root)).filter((name) => name.endsWith('.tgz'))).toEqual([]);
	await rm(unlicensed, { recursive: true });
	await symlink(join(installed, 'uuid'), unlicensed);
}, 180_000);

describe.each([
	['verified', ''],
	['pool', '-undici.0'],
])('The %s package', (build, suffix) => {
	let tarball: string;

	test('and its bill of materials have the same bytes at any path, umask, time zone and locale.', async () => {
		const manifest = await readFile(join(rootFolder, 'package.json'), 'utf8');
		const { version } = JSON.parse(manifest) as { version: string };
		const name = `n8n-nodes-tencent-iot-${version}${suffix}`;
		const released = async (machine: Machine) => {
			const { code, output } = await runOn(machine, `npm run pack:${build}`);
			expect([code, code === 0 ? '' : output]).toEqual([0, '']);
			const root = join(folder, machine.path);
			return await Promise.all(
				[`${name}.tgz`, `build/${name}.cdx.json`].map(async (file) => await readFile(join(root, file))),
			);
		};
		const ours = await released(HERE);
		const theirs = await released(THERE);
		expect(theirs.map((file, index) => file.equals(ours[index]!))).toEqual([true, true]);
		tarball = join(folder, HERE.path, `${name}.tgz`);
	}, 180_000);

	test('is verified by the other clone, unless a byte in it is changed.', async () => {
		const verify = async (file: string) => await runOn(THERE, `npm run --silent verify -- '${file}'`);
		const { output: packed } = await runOn(THERE, `npm pack '${tarball}' --dry-run --json`);
		const [{ name, version, integrity: checksum }] = JSON.parse(packed) as [Record<string, string>];
		const list = JSON.stringify([{ name, version, checksum }]);
		const file = basename(tarball);
		expect(await verify(tarball)).toEqual({
			code: 0,
			output: `${file} is what this checkout builds, byte for byte.\nN8N_COMMUNITY_PACKAGES='${list}'\n`,
		});
		const content = await readFile(tarball);
		// The time in the header of the archive.
		content[4]! ^= 1;
		await writeFile(join(folder, file), content);
		const { code, output } = await verify(join(folder, file));
		expect([code, output]).toEqual([1, expect.stringMatching(/ is not what this checkout builds: /)]);
		const [, rebuilt = ''] = / Compare it with (.*)\n$/.exec(output) ?? [];
		expect((await readFile(rebuilt)).equals(await readFile(tarball))).toBe(true);
		await rm(join(rebuilt, '..'), { recursive: true });
	}, 180_000);
});

test('The commands of the README install a package that n8n loads, without a registry, even if the home folder is an npm package.', async () => {
	const home = join(folder, 'home');
	await mkdir(home);
	await writeFile(join(home, 'package.json'), '{}');
	const readme = await readFile(join(rootFolder, 'README.md'), 'utf8');
	const [, installing = ''] =
		/^## Installation\n[^#]*?```sh\nnpm ci && (npm run pack:pool\nnpm install [^]*?)```/m.exec(readme) ?? [];
	// The clone has what npm ci installs.
	const env = { HOME: home, npm_config_offline: 'true' };
	expect(await runOn(HERE, installing, env)).toMatchObject({ code: 0 });
	expect(await readdir(home)).not.toContain('node_modules');
	const installed = join(home, '.n8n/nodes/node_modules');
	expect((await readdir(installed)).filter((name) => !name.startsWith('.'))).toEqual([
		'n8n-nodes-tencent-iot',
	]);
	// As in n8n, which provides its libraries through NODE_PATH.
	const load = `const { PackageDirectoryLoader } = require('n8n-core');
		const loader = new PackageDirectoryLoader(process.argv[1]);
		loader.loadAll().then(() => console.log(JSON.stringify([loader.packageName, loader.known])));`;
	const { output } = await run(process.execPath, ['-e', load, join(installed, 'n8n-nodes-tencent-iot')], {
		cwd: home,
		env: { ...outsideNpmRun(), ...env, NODE_PATH: join(rootFolder, 'node_modules') },
	});
	expect(JSON.parse(output)).toMatchObject([
		'n8n-nodes-tencent-iot',
		{ nodes: { tencentCloudIot: {} }, credentials: { tencentCloudIotApi: {} } },
	]);
}, 180_000);
