import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { INodeType } from 'n8n-workflow';

/** Linux counts processor time in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** The processor time of a process and all its descendants so far, in seconds. n8n runs Code nodes in a child. */
export async function cpuSeconds(pid: number): Promise<number> {
	const processes = new Map<number, { parent: number; ticks: number }>();
	for (const name of await readdir('/proc')) {
		if (!/^\d+$/.test(name)) {
			continue;
		}
		// A process may have ended since it was listed.
		const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
		// The program's name, in brackets, may hold spaces.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		processes.set(Number(name), {
			parent: Number(fields[1]),
			ticks: Number(fields[11]) + Number(fields[12]),
		});
	}
	const isBelow = (process: number): boolean =>
		process === pid || (processes.has(process) && isBelow(processes.get(process)!.parent));
	const ticks = [...processes].reduce((sum, [each, { ticks }]) => sum + (isBelow(each) ? ticks : 0), 0);
	return ticks / TICKS_PER_SECOND;
}

/** The processor time of the main thread of a process so far, in milliseconds. */
export async function mainThreadMs(pid: number): Promise<number> {
	const [nanoseconds] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')).split(' ');
	return Number(nanoseconds) / 1e6;
}

/** Resets the peak memory of a process. */
export async function forgetPeakMemory(pid: number): Promise<void> {
	await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** The peak memory of a process since `forgetPeakMemory`, in MiB. */
export async function peakMemoryMib(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** What a run took in its own process. */
export interface OwnFigures {
	/** Time within the node. */
	ms: number;
	/** Processor time of all threads while the node ran, including n8n's functions and garbage collection. */
	cpuMs: number;
	/** Peak memory while the node ran, beyond what the process used before. */
	peakMib: number;
}

/** Measures each run of a node. @returns an object that always has the figures of the last run */
export function measureRuns(nodeType: INodeType): OwnFigures {
	const figures = { ms: NaN, cpuMs: NaN, peakMib: NaN };
	const execute = nodeType.execute!;
	nodeType.execute = async function () {
		globalThis.gc?.();
		await forgetPeakMemory(process.pid);
		const before = await peakMemoryMib(process.pid);
		const cpu = process.cpuUsage();
		const startMs = performance.now();
		const output = await execute.call(this);
		figures.ms = performance.now() - startMs;
		const { user, system } = process.cpuUsage(cpu);
		figures.cpuMs = (user + system) / 1000;
		figures.peakMib = (await peakMemoryMib(process.pid)) - before;
		return output;
	};
	return figures;
}
