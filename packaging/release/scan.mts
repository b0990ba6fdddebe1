import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The findings of n8n's scanner of community packages in a folder. */
export interface Scan {
	readonly files: readonly string[];
	readonly findings: ReadonlyArray<{
		readonly file: string;
		readonly line: number;
		/** E.g. `@n8n/community-nodes/no-overrides-field`. */
		readonly ruleId: string;
		readonly message: string;
	}>;
}

/** What is scanned: the sources in the repository, or an unpacked package. */
export type Leg = readonly [kind: 'sources' | 'package', folder: string];

/** Scans folders in one process: loading the plugins takes longer than scanning. */
export async function scanAll(...legs: readonly Leg[]): Promise<Scan[]> {
	const program = join(import.meta.dirname, 'scan.mjs');
	const { stdout } = await promisify(execFile)(process.execPath, [program, ...legs.flat()], {
		maxBuffer: 16 * 1024 * 1024,
		// With Jest's value, the plugins treat every file as one of their own tests.
		env: { ...process.env, NODE_ENV: '' },
	});
	return JSON.parse(stdout) as Scan[];
}
