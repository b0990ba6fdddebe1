import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputSchemas, schemaFile, SCHEMA_FOLDER } from '../../packaging/outputSchemas.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import { rootFolder } from './packed.mts';

const folder = join(rootFolder, SCHEMA_FOLDER);
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

test('The schema of each operation matches its output; `npm run schemas` writes the schemas', async () => {
	const clock = new TimelineClock();
	const schemas = await outputSchemas(() => new NodeProcess('verified', clock), clock.ofService);
	const files = Array.from(schemas, ([name, schema]) => [schemaFile(name), schema] as const);
	expect(files.map(([file]) => file).sort()).toEqual(globSync('**/*.json', { cwd: folder }).sort());
	for (const [file, schema] of files) {
		expect([file, schema]).toEqual([file, read(file)]);
	}
});
