import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NODE = join(import.meta.dirname, '../../nodes/TencentCloudIot');

/** Who reads n8n's context when a run begins, does something by means of it, or shows what came of the run. */
const KNOW_IT = [
	'TencentCloudIot.node.ts',
	'host/execution.ts',
	'host/shown.ts',
	'input/nodeInput.ts',
	'run/connection.ts',
	'run/dataTables.ts',
	'run/memory.ts',
	'run/runOperation.ts',
	'run/syncTable.ts',
];

test("What else is shipped gets data and ports, and does not know n8n's context of a run", () => {
	const paths = globSync('**/*.ts', { cwd: NODE });
	const knowing = paths.filter((path) =>
		/\bIExecuteFunctions\b/.test(readFileSync(join(NODE, path), 'utf8')),
	);
	expect(knowing.sort()).toEqual(KNOW_IT);
});
