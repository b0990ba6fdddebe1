import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { rootFolder } from './packed.mts';

/** The Node programs on the PATH and the one that runs this test, by version. */
function nodes(): Map<string, string> {
	const folders = (process.env.PATH ?? '').split(delimiter);
	const programs = [process.execPath, ...folders.map((folder) => join(folder, 'node')).filter(existsSync)];
	return new Map(programs.map((program) => [versionOf(program), program]));
}

const versionOf = (program: string) => execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();

/** Node 20.19 is the oldest that package.json allows. */
const isAllowed = (version: string) => {
	const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
	return major > 20 || (major === 20 && minor >= 19);
};

// The Node that started npm is often older than the one that runs the tests.
describe.each([...nodes()].filter(([version]) => isAllowed(version)))('On Node %s', (version, program) => {
	test('both builds load and push', () => {
		const output = execFileSync(program, [join(import.meta.dirname, 'runtime.mjs')], { encoding: 'utf8' });
		expect(output.trim().split('\n')).toEqual(
			['verified', 'pool'].map((build) => `Node ${version.slice(1)}: the ${build} build pushed 2 customers`),
		);
	});
});

test('The oldest Node that package.json allows is the first one in the workflow', () => {
	const { engines } = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8')) as {
		engines: { node: string };
	};
	expect(engines.node).toBe('>=20.19');
	const workflow = readFileSync(join(rootFolder, '.github/workflows/test.yml'), 'utf8');
	expect(workflow).toContain("node: ['20.19', 22, 24]");
});
