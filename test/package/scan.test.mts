import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pack, rootFolder, type Packed } from './packed.mts';

interface Scan {
	readonly files: readonly string[];
	readonly findings: ReadonlyArray<{ file: string; line: number; ruleId: string; message: string }>;
}

async function scan(leg: 'sources' | 'package', folder: string): Promise<Scan> {
	const program = join(import.meta.dirname, 'scan.mjs');
	const { stdout } = await promisify(execFile)(process.execPath, [program, leg, folder], {
		maxBuffer: 16 * 1024 * 1024,
		// With Jest's value the plugins take every file for one of their own tests'.
		env: { ...process.env, NODE_ENV: '' },
	});
	return JSON.parse(stdout) as Scan;
}

const rulesOf = ({ findings }: Scan) => [...new Set(findings.map(({ ruleId }) => ruleId))].sort();

let verified: Packed;
let pool: Packed;
beforeAll(async () => {
	verified = await pack('verified');
	pool = await pack('pool');
});
afterAll(async () => {
	await verified?.remove();
	await pool?.remove();
});

test("n8n's scanner has nothing to say about the sources, not even a warning", async () => {
	const { files, findings } = await scan('sources', rootFolder);
	expect(findings).toEqual([]);
	expect(files).toEqual(
		expect.arrayContaining([
			'package.json',
			'credentials/TencentCloudIotApi.credentials.ts',
			'nodes/TencentCloudIot/TencentCloudIot.node.ts',
		]),
	);
});

test('It has nothing to say about the packed verified build', async () => {
	const { files, findings } = await scan('package', verified.folder);
	expect(findings).toEqual([]);
	const scripts = verified.files.filter((file) => file.endsWith('.js'));
	expect([...files].sort()).toEqual([...scripts, 'package.json'].sort());
});

test("It finds sockets and timers in the pool's libraries, which is why that build is not the verified one", async () => {
	const found = await scan('package', pool.folder);
	expect(rulesOf(found)).toEqual([
		'@n8n/community-nodes/no-restricted-globals',
		'@n8n/community-nodes/no-restricted-imports',
	]);
	expect(found.findings.every(({ file }) => file.startsWith('dist/libraries/'))).toBe(true);
});

test('It cannot be switched off by a comment, and looks at package.json too', async () => {
	const script = 'dist/nodes/TencentCloudIot/TencentCloudIot.node.js';
	const code = await verified.readText(script);
	await writeFile(join(verified.folder, script), `/* eslint-disable */ ${code}\nprocess.env;`);
	const manifest = { ...verified.manifest, overrides: { undici: '7' } };
	await writeFile(join(verified.folder, 'package.json'), JSON.stringify(manifest));
	expect(rulesOf(await scan('package', verified.folder))).toEqual([
		'@n8n/community-nodes/no-overrides-field',
		'@n8n/community-nodes/no-restricted-globals',
	]);
});
