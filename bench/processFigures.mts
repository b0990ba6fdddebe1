import { readdir, readFile, writeFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** The processor time of a process and all its descendants so far, in seconds. n8n runs Code nodes in a child. */
export async function cpuSeconds(pid: number): Promise<number> {
	const processes = new Map<number, { parent: number; ticks: number }>();
	for (const name of await readdir('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		// A process may end meanwhile.
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

/** Forgets the most memory that a process has used so far. */
export async function forgetPeakMemory(pid: number): Promise<void> {
	await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory that a process has used since then, in MiB. */
export async function peakMemoryMib(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
