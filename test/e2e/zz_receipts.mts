import { performance } from 'node:perf_hooks';
import { cpuSeconds, forgetPeakMemory, peakMemoryMib } from '../../bench/processFigures.mts';
import { writeLog, tableNameAt } from '/tmp/keeplog/logTables.mjs';
import { readLog } from '/tmp/keeplog/readLog.mjs';
import { writeReceipt } from '/tmp/keeplog/receipt.mjs';
import { startN8n } from './n8n/server.mts';
import { buildTablesNode, startTablesNode } from './n8n/tablesNode.mts';
import { postgresSettings } from './n8n/settings.mts';
import { startPostgres } from './services/postgres.mts';
import { endByExit } from './setup/ownedProcesses.mts';
endByExit();
const database = process.argv[2] as 'sqlite' | 'postgres';
const postgres = database === 'postgres' ? await startPostgres() : undefined;
const more = { ...(postgres ? postgresSettings(postgres.login) : {}), N8N_CUSTOM_EXTENSIONS: await buildTablesNode(), N8N_PAYLOAD_SIZE_MAX: '64' };
const server = await startN8n({ line: 'n8n-2', tarball: undefined, more });
try {
	const host = await startTablesNode(server, { database, maxBytes: 0 });
	const tables = { run: async (steps: any) => { const [result] = await host.run([{ steps }]) as any; if (result.error || result.why) throw new Error(JSON.stringify(result)); return result.answers; } };
	const nowMs = Date.now();
	const rows = Array.from({ length: Number(process.argv[3] ?? 100_000) }, (_, index) => writeReceipt('account0123456789', {
		customerId: `KH${String(index % 50_000).padStart(6, '0')}`, atMs: nowMs, outcome: 'OK', node: 'wWorkflowId01234 node-id-0123',
		devices: [1, 2].map((d) => ({ DeviceId: `PRODUCT123/device_${index}_${d}`, CustomerDeviceNo: `SN-${index}-${d}`, ProductName: '智能门锁 Pro' })),
		requestId: `7c1e4a0b-52d8-4c1f-9a37-${String(index).padStart(12, '0')}`,
	}));
	console.log('bytes a row', Buffer.byteLength(JSON.stringify(rows[0])));
	const { pid } = server.process;
	await host.run([{ steps: [{ do: 'list', nameContains: 'x' }] }]);
	await forgetPeakMemory(pid);
	const base = await peakMemoryMib(pid);
	let longest = 0; let stop = false;
	const pings = (async () => { while (!stop) { const t = performance.now(); await fetch(`${server.url}/healthz`).catch(() => 0); longest = Math.max(longest, performance.now() - t); await new Promise((r) => setTimeout(r, 10)); } })();
	const cpu = await cpuSeconds(pid); const t = performance.now();
	const written = await writeLog(tables as any, { receipts: rows, closing: () => [] }, nowMs, { keepMonths: 13, largestMb: 100 });
	console.log(database, JSON.stringify(written), 'CPU s', (await cpuSeconds(pid)) - cpu, 'wall', (performance.now() - t) / 1000, 'longest ping ms', longest, 'peak MiB', (await peakMemoryMib(pid)) - base);
	stop = true; await pings;
	const cpu2 = await cpuSeconds(pid); const t2 = performance.now();
	const answer = await readLog(tables as any, { account: 'account0123456789', customerId: 'KH000007', device: '', limit: 50, nowMs });
	console.log('question', answer.receipts.length, answer.known?.kind, 'CPU s', (await cpuSeconds(pid)) - cpu2, 'ms', performance.now() - t2, tableNameAt(nowMs));
} finally { await server.stop(); await postgres?.stop(); }
