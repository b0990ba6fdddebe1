import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const script = join(import.meta.dirname, '../../start/start.mts');

/** How start/start.mts ended and what it wrote. */
export interface StartRun {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** What `--json` writes, as far as tests look at it. */
export interface JsonReport {
	customers: Array<{
		customerId: string;
		status: string;
		devices?: number;
		attempts: number;
		rows: number[];
	}>;
	refusedRows: Array<{ row: number; field: string; reason: string }>;
	summary: {
		good: { customers: number; devices: number };
		stored?: { customers: number; devices: number; differing: string[] };
		requests?: number;
		refusedRows: number;
	};
}

/** What `--sync --json` writes, as far as tests look at it. */
export interface SyncJson {
	runs: Array<{
		given: string;
		requests: number;
		problems: string[];
		report: { Health: string; Memory: string; Customers: Record<string, number> };
	}>;
	summary: { changedRows: number[]; changedCustomers: string[]; exitCode: number };
}

/** Runs start/start.mts to its end, with no key or secret in its environment but the given ones. */
export async function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<StartRun> {
	const keys = { TENCENT_IOT_APP_KEY: undefined, TENCENT_IOT_APP_SECRET: undefined };
	const env = { ...process.env, ...keys, ...environment };
	const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
	const [stdout, stderr, [exitCode]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close') as Promise<[number | null]>,
	]);
	return { exitCode, stdout, stderr };
}

/** Runs it with --json and reads what it wrote: a SyncJson with --sync. */
export async function startJson<Report = JsonReport>(
	args: readonly string[],
	environment?: NodeJS.ProcessEnv,
): Promise<{ exitCode: number | null; report: Report }> {
	const { exitCode, stdout } = await start(['--json', ...args], environment);
	return { exitCode, report: JSON.parse(stdout) as Report };
}

/** The part of a report that does not depend on chance, on the signature scheme or on the form of the responses. */
export function essence({ customers, refusedRows, summary }: JsonReport) {
	const { stored, refusedRows: refused } = summary;
	const pushed = customers.map(({ customerId, status, devices, rows }) => ({
		customerId,
		status,
		devices,
		rows,
	}));
	return { pushed, refusedRows, stored, good: summary.good, refused };
}
