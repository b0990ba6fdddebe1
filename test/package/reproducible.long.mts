import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { outsideNpmRun, rootFolder, unpack } from './packed.mts';

const run = promisify(execFile);

/** What git does not know of a checkout. */
const NOT_CLONED = /^(node_modules|dist|build|coverage|THIRD-PARTY-NOTICES|\.git|\.stryker-tmp|.*\.tgz)$/;

/** What people's machines differ in. */
const MACHINES = [
	{ path: 'a', umask: '077', TZ: 'Asia/Shanghai', LC_ALL: 'zh_CN.UTF-8' },
	{ path: 'another/long path/至一个目录', umask: '000', TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8' },
];
type Machine = (typeof MACHINES)[number];

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'reproducible-'));
	for (const machine of MACHINES) await clone(machine);
}, 300_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function clone({ path, umask }: Machine): Promise<void> {
	const root = join(folder, path);
	await mkdir(join(root, '..'), { recursive: true });
	await cp(rootFolder, root, { recursive: true, filter: (from) => !NOT_CLONED.test(basename(from)) });
	// As git leaves files under this umask.
	await run('chmod', ['-R', umask === '077' ? 'u=rwX,go=' : 'a=rwX', '.'], { cwd: root });
	await symlink(join(rootFolder, 'node_modules'), join(root, 'node_modules'));
}

/** Runs npm in a clone as on its machine. */
async function npm({ path, umask, TZ, LC_ALL }: Machine, ...words: string[]) {
	const env = { ...outsideNpmRun(), TZ, LC_ALL, LANG: LC_ALL };
	const command = `umask ${umask} && exec npm "$@"`;
	return await new Promise<{ code: number; said: string }>((resolve) =>
		execFile(
			'sh',
			['-c', command, 'sh', ...words],
			{ cwd: join(folder, path), env },
			(error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` }),
		),
	);
}

const sha512 = (content: Buffer) => createHash('sha512').update(content).digest('hex');

/** The hashes of what a release has of a build, by name. */
async function release(machine: Machine, script: string): Promise<Record<string, string>> {
	const { code, said } = await npm(machine, 'run', script);
	expect([code, code === 0 ? '' : said]).toEqual([0, '']);
	const root = join(folder, machine.path);
	const files = [
		...(await readdir(root)),
		...(await readdir(join(root, 'build'))).map((name) => `build/${name}`),
	];
	const released = files.filter((name) => /\.(tgz|cdx\.json)$/.test(name)).sort();
	return Object.fromEntries(
		await Promise.all(released.map(async (name) => [name, sha512(await readFile(join(root, name)))])),
	);
}

describe.each([
	['verified', ''],
	['pool', '-undici.0'],
])('The %s package', (build, suffix) => {
	let tarball: string;

	test('and its bill of materials are the same bytes at any path, umask, time zone and locale', async () => {
		const [first, second] = MACHINES as [Machine, Machine];
		const released = await release(first, `pack:${build}`);
		const { version } = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as {
			version: string;
		};
		const name = `n8n-nodes-tencent-iot-${version}${suffix}`;
		expect(Object.keys(released)).toEqual(expect.arrayContaining([`build/${name}.cdx.json`, `${name}.tgz`]));
		expect(await release(second, `pack:${build}`)).toEqual(released);
		tarball = join(folder, first.path, `${name}.tgz`);
	});

	test('is verified by the other clone, until a byte in it is changed', async () => {
		const other = MACHINES[1]!;
		const same = await npm(other, 'run', '--silent', 'verify', '--', tarball);
		expect(same).toEqual({
			code: 0,
			said: expect.stringMatching(/ byte for byte\.\nN8N_COMMUNITY_PACKAGES=.*"sha512-/),
		});
		const copy = join(folder, `${build}-changed`);
		await mkdir(copy);
		await cp(tarball, join(copy, basename(tarball)));
		const { folder: content } = await unpack(copy);
		const credential = 'dist/credentials/TencentCloudIotApi.credentials.js';
		await writeFile(join(content, credential), `${await readFile(join(content, credential), 'utf8')} `);
		await run('npm', ['pack', '--ignore-scripts', '--pack-destination', copy], {
			cwd: content,
			env: outsideNpmRun(),
		});
		const { code, said } = await npm(other, 'run', '--silent', 'verify', '--', join(copy, basename(tarball)));
		expect([code, said]).toEqual([
			1,
			`${basename(tarball)} is not what this checkout builds. ${credential} has another content than this checkout builds.\n`,
		]);
	});
});
