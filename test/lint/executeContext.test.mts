import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NODE = join(import.meta.dirname, '../../nodes/TencentCloudIot');

/** The files that read n8n's context at the start of a run, act through it, or output the results. */
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

test("No other shipped file uses n8n's context of a run", () => {
	const paths = globSync('**/*.ts', { cwd: NODE });
	const knowing = paths.filter((path) =>
		/\bIExecuteFunctions\b/.test(readFileSync(join(NODE, path), 'utf8')),
	);
	expect(knowing.sort()).toEqual(KNOW_IT);
});
