import { expect, test } from '@jest/globals';
import { BUILD_FOLDERS, loadBuiltNode } from '../../embedded/embeddedEngine.mts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const verified = loadBuiltNode(BUILD_FOLDERS.verified);
const pool = loadBuiltNode(BUILD_FOLDERS.pool);

/** A value as JSON, with functions as their source. */
const described = (value: object): unknown =>
	JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'function' ? String(each) : each)));

test('Both builds describe the same node', () => {
	expect(described(verified.nodeType.description)).toEqual(described(pool.nodeType.description));
	expect(verified.nodeType.description.properties.length).toBeGreaterThan(10);
	const methodsOf = ({ methods = {} }: typeof pool.nodeType) =>
		Object.entries(methods).map(([kind, byName]) => [kind, Object.keys(byName as object)]);
	expect(methodsOf(verified.nodeType)).toEqual(methodsOf(pool.nodeType));
});

test('Both builds describe the same credential, and sign with the same code', () => {
	expect(described(verified.credentialType)).toEqual(described(pool.credentialType));
	const codeOf = (folder: string) =>
		readFileSync(join(folder, 'credentials/TencentCloudIotApi.credentials.js'), 'utf8');
	expect(codeOf(BUILD_FOLDERS.verified)).toBe(codeOf(BUILD_FOLDERS.pool));
});

test('Each build has its own transport', () => {
	const codeOf = (folder: string) =>
		readFileSync(join(folder, 'nodes/TencentCloudIot/TencentCloudIot.node.js'), 'utf8');
	expect(codeOf(BUILD_FOLDERS.pool)).toContain('libraries/undici.js');
	expect(codeOf(BUILD_FOLDERS.verified)).not.toMatch(/undici|proxy-from-env/);
});
