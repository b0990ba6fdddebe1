import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../../embedded/builtNode.mts';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { schemaFile, SCHEMA_FOLDER } from '../../packaging/outputSchemas.mts';
import { excessOf, kilobytes, readLimits } from '../lint/weight.mts';
import { pack, rootFolder, type Packed } from './packed.mts';

/** The files of both packages, except the libraries. */
const FILES = [
	'LICENSE.md',
	'README.md',
	'THIRD-PARTY-NOTICES',
	'dist/credentials/TencentCloudIotApi.credentials.js',
	'dist/icons/tencentCloudIot.dark.svg',
	'dist/icons/tencentCloudIot.svg',
	'dist/nodes/TencentCloudIot/TencentCloudIot.node.js',
	'dist/nodes/TencentCloudIot/TencentCloudIot.node.json',
	'package.json',
];
/** The output schemas of all operations, for n8n's editor. */
const SCHEMAS = resources.flatMap(({ value, operations, localOperations = [] }) =>
	[...operations, ...localOperations].map(
		(operation) => `dist/${SCHEMA_FOLDER}/${schemaFile(`${value}.${operation.value}`)}`,
	),
);
const LIBRARIES: Readonly<Record<Build, readonly string[]>> = {
	verified: ['uuid'],
	pool: ['proxy-from-env', 'undici', 'uuid'],
};

let packed: Record<Build, Packed>;
let version: string;
beforeAll(async () => {
	packed = { verified: await pack('verified'), pool: await pack('pool') };
	({ version } = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as { version: string });
});
afterAll(async () => {
	for (const each of Object.values(packed ?? {})) {
		await each.remove();
	}
});

describe.each(['verified', 'pool'] as const)('The %s package', (build) => {
	test('contains the build, its licences and the README, and nothing else', () => {
		const libraries = LIBRARIES[build].map((name) => `dist/libraries/${name}.js`);
		expect(packed[build].files).toEqual([...FILES, ...SCHEMAS, ...libraries].sort());
	});

	test('needs no other package', () => {
		const { manifest } = packed[build];
		expect(manifest['dependencies'] ?? {}).toEqual({});
		expect(manifest['peerDependencies']).toEqual({ 'n8n-workflow': '*' });
	});

	test('requires only its own files, Node and n8n-workflow', async () => {
		const codeFiles = packed[build].files.filter((file) => file.endsWith('.js'));
		const codes = await Promise.all(codeFiles.map((file) => packed[build].readText(file)));
		const requiredNames = codes.flatMap((code) =>
			Array.from(code.matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]\s*\)/g), ([, name = '']) => name),
		);
		expect(requiredNames).toContain('n8n-workflow');
		const isAllowed = (name: string) => /^(\.{1,2}\/|node:|n8n-workflow$)/.test(name);
		expect(requiredNames.filter((name) => !isAllowed(name))).toEqual([]);
	});
});

test('Both have the same name; the pool build is a pre-release with its own tag', () => {
	const { verified, pool } = packed;
	const { name } = verified.manifest;
	expect(verified.manifest).toMatchObject({ version, publishConfig: { tag: 'latest', provenance: true } });
	expect(pool.manifest).toMatchObject({
		name,
		version: `${version}-undici.0`,
		publishConfig: { tag: 'undici', provenance: true },
	});
	const { scripts, devDependencies } = pool.manifest;
	expect([scripts, devDependencies]).toEqual([undefined, undefined]);
});

test('Neither is larger than its limit in test/lint/weight.json', () => {
	const packedVerifiedKb = kilobytes(packed.verified.size);
	const packedPoolKb = kilobytes(packed.pool.size);
	expect(excessOf({ packedVerifiedKb, packedPoolKb }, readLimits())).toEqual([]);
});

test('Neither contains a path of the machine that built it', async () => {
	for (const each of Object.values(packed)) {
		for (const file of each.files) {
			expect(await each.readText(file)).not.toContain(rootFolder);
		}
	}
});
