import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '../../embedded/builtNode.mts';
import { rootFolder } from './packed.mts';

const read = (name: string) => readFileSync(join(rootFolder, name), 'utf8');

test.each<[Build, folder: string]>([
	['verified', '.'],
	['pool', 'build/pool'],
])('SECURITY.md names the libraries inside the %s build, with their versions', (build, folder) => {
	// Those titles of notices that are a package and its version.
	const titles = read(join(folder, 'THIRD-PARTY-NOTICES')).matchAll(/^([\w-]+) (\d+\.\d+\.\d+) \(.*\)$/gm);
	const bundled = Array.from(titles, ([, name, version]) => `${name} ${version}`);
	expect(bundled.length).toBeGreaterThan(2);
	const row = new RegExp(`^\\| ${build} +\\| (.*?) +\\|$`, 'm').exec(read('SECURITY.md'))?.[1];
	expect(row?.split(', ').sort()).toEqual(bundled.sort());
});
