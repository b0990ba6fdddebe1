import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BUILD_FOLDERS, loadBuiltNode } from '../embedded/embeddedEngine.mts';
import { outputSchemas, SCHEMA_FOLDER, schemaFile, schemaText } from './outputSchemas.mts';

// Writes the output schemas of all operations, derived from runs of the built node.
const folder = join(import.meta.dirname, '..', SCHEMA_FOLDER);
await rm(folder, { recursive: true, force: true });
for (const [name, schema] of await outputSchemas(() => loadBuiltNode(BUILD_FOLDERS.verified))) {
	const file = join(folder, schemaFile(name));
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, schemaText(schema));
}
