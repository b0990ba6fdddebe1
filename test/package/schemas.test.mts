import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_FOLDERS } from '../../embedded/embeddedEngine.mts';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { schemaFile, SCHEMA_FOLDER } from '../../packaging/outputSchemas.mts';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { rootFolder } from './packed.mts';

const { resolveOutputSchemaPath } = requireOutsideJest('n8n-core') as {
	resolveOutputSchemaPath(of: Record<string, string>): string | undefined;
};

const OPERATIONS = resources.flatMap(({ value: resource, operations, localOperations = [] }) =>
	[...operations, ...localOperations].map(({ value: operation }) => ({ resource, operation })),
);
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('Each operation has a schema of its output; `npm run schemas` writes it', () => {
	const schemas = globSync('**/*.json', { cwd: join(rootFolder, SCHEMA_FOLDER) }).sort();
	const names = OPERATIONS.map(({ resource, operation }) => schemaFile(`${resource}.${operation}`));
	expect(schemas).toEqual(names.sort());
});

describe.each(['verified', 'pool'] as const)('In the %s build', (build) => {
	const nodeDir = join(BUILD_FOLDERS[build], 'nodes/TencentCloudIot');

	test.each(OPERATIONS)(
		"n8n finds the schema of $resource $operation by the node's version.",
		(operation) => {
			const path = resolveOutputSchemaPath({ nodeDir, version: '1', ...operation })!;
			const source = join(
				rootFolder,
				SCHEMA_FOLDER,
				schemaFile(`${operation.resource}.${operation.operation}`),
			);
			expect(read(path)).toEqual(read(source));
		},
	);
});
