import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../simulator/childMessage.mts';
import type { ManyReport } from './pushMany.mts';

/** A big push in a process of its own. */
export interface ManyRun {
	rows: number;
	customers: number;
	/** The endpoint; without it the push is a Dry Run. */
	endpoint?: string;
	/** The heap limit, at which the process ends. MiB. */
	heapMib: number;
}

/** @throws Error when the process ends without a report, e.g. because its heap was too small */
export async function pushMany({ rows, customers, endpoint = 'dry', heapMib }: ManyRun): Promise<ManyReport> {
	const script = fileURLToPath(new URL('./pushMany.mts', import.meta.url));
	const child = fork(script, [String(rows), String(customers), endpoint], {
		execArgv: [`--max-old-space-size=${heapMib}`],
	});
	const ended = once(child, 'exit');
	const report = await messageOf<ManyReport>(child);
	await ended;
	return report;
}
