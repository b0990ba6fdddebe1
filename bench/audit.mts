import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../simulator/childMessage.mts';
import { BUILD_FOLDERS, loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { measureRuns, type OwnFigures } from './processFigures.mts';
import { atMost, type Section } from './report.mts';
import { crmRows, simulatorCredential } from './rows.mts';

const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
const DEVICES = 5;

/** What one audit took, and its report. */
interface Figures extends OwnFigures {
	report: { Requests: number; Complete: boolean; Findings: { Total: number } };
}

/** The lists of the service. Nothing is stored: each entry is generated from its index. */
const LISTS: Record<string, [list: string, total: number, entry: (index: number) => object]> = {
	ServiceGetCustomerList: [
		'Customers',
		CUSTOMERS,
		(index) => ({ CustomerId: `customer_${index}`, CountryCode: '86' }),
	],
	ServiceGetDeviceList: [
		'Devices',
		CUSTOMERS * DEVICES,
		(index) => ({ DeviceName: `Device${index}`, Status: 1 }),
	],
	ServiceGetOrderList: [
		'Orders',
		CUSTOMERS,
		(index) => ({ CustomerId: `customer_${index}`, OrderNo: `O${index}` }),
	],
};

/** The cost of an audit of many customers: requests, time, and memory beyond the rows. */
export async function measureAudit(): Promise<Section> {
	const seen = new Map<string, number>();
	const server = createServer(async (request, response) => {
		const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Record<string, string>;
		const [list, Total, entry] = LISTS[body.Action!]!;
		const Offset = Number(body.Offset);
		const Limit = Number(body.Limit);
		const key = `${body.Action} ${Offset}`;
		seen.set(key, (seen.get(key) ?? 0) + 1);
		const length = Math.max(0, Math.min(Limit, Total - Offset));
		const entries = Array.from({ length }, (_, index) => entry(Offset + index));
		response.end(JSON.stringify({ Response: { [list]: entries, Total, RequestId: body.RequestId } }));
	}).listen(0);
	const pages = Object.values(LISTS).reduce((sum, [, total]) => sum + Math.ceil(total / 99), 0);
	const rows: string[][] = [];
	const measured: Array<Figures & { requests: number; twice: number }> = [];
	for (const rate of [0, 20]) {
		seen.clear();
		const { port } = server.address() as AddressInfo;
		const child = fork(fileURLToPath(import.meta.url), [String(rate), `http://localhost:${port}`], {
			execArgv: ['--expose-gc', '--max-old-space-size=8192'],
		});
		const figures = await messageOf<Figures>(child);
		await once(child, 'exit');
		const requests = [...seen.values()].reduce((sum, count) => sum + count, 0);
		measured.push({ ...figures, requests, twice: requests - seen.size });
		const { report } = figures;
		const results = [requests, pages, report.Findings.Total, figures.ms / 1000, figures.peakMib];
		const cells = results.map((result) => String(Math.round(result)));
		rows.push([rate === 0 ? 'no limit' : `${rate} a second`, ...cells]);
	}
	server.close();
	return {
		title: 'Cost of Audit',
		about: `The built node on n8n-core, the pool build, ${CUSTOMERS} customers with ${DEVICES} devices and one order each, one output item per run, http, concurrency 16, in its own process, with a service in another process that generates each page; one run for each rate. Peak MiB is what the process used beyond the rows.`,
		head: ['rate', 'requests', 'pages', 'findings', 'seconds', 'peak MiB'],
		rows,
		targets: [
			atMost('requests beyond pages', Math.max(...measured.map(({ requests }) => requests - pages)), 0),
			atMost('pages read twice', Math.max(...measured.map(({ twice }) => twice)), 0),
			atMost('memory beyond the rows', Math.max(...measured.map(({ peakMib }) => peakMib)), 1_024, ' MiB'),
		],
	};
}

if (process.send !== undefined && process.argv[3] !== undefined) {
	const [rate, endpoint] = process.argv.slice(2) as [string, string];
	const { nodeType, credentialType } = loadBuiltNode(BUILD_FOLDERS.pool);
	const figures = measureRuns(nodeType);
	const compare = ['customers', 'devices', 'orders'];
	const { success } = await runNode({
		nodeType,
		credentialType,
		credentials: simulatorCredential(endpoint),
		rows: crmRows(CUSTOMERS, DEVICES).map((row) => JSON.parse(JSON.stringify(row)) as typeof row),
		parameters: {
			operation: 'audit',
			columns: { mappingMode: 'autoMapInputData', value: null },
			options: { compare, outputItemPer: 'run', concurrency: 16, requestsPerSecond: Number(rate) },
		},
	});
	process.send({ ...figures, report: success[0]?.json });
	process.disconnect();
}
