import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ManyReport } from './pushMany.mts';

/** A big push in a process of its own. */
export interface ManyRun {
	rows: number;
	customers: number;
	/** Where to push; without it a Dry Run. */
	endpoint?: string;
	/** More than this ends the process. MiB. */
	heapMib: number;
}

/** @throws Error when the process ends without a report, e.g. because its heap was too small */
export async function pushMany({ rows, customers, endpoint = 'dry', heapMib }: ManyRun): Promise<ManyReport> {
	const script = fileURLToPath(new URL('./pushMany.mts', import.meta.url));
	const child = fork(script, [String(rows), String(customers), endpoint], {
		execArgv: [`--max-old-space-size=${heapMib}`],
	});
	const report = once(child, 'message') as Promise<[ManyReport]>;
	const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
	const first = await Promise.race([report, ended]);
	if (typeof first[0] === 'object' && first[0] !== null) {
		await ended;
		return first[0];
	}
	throw new Error(`The push ended without a report: ${first.join(' ')}`);
}
