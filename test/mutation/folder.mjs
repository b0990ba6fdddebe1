import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The folder that is mutated, below nodes/TencentCloudIot: without those below it, which have a score of their own. */
export const folder = process.env.MUTATION_FOLDER ?? '';

/** The folder of the tests that belong to it: of the same name, or else of the next one above that has tests. */
export const testFolder = nearestTests(folder);

function nearestTests(path) {
	return path === '.' || existsSync(join(ROOT, 'test', path))
		? join('test', path)
		: nearestTests(dirname(path));
}
