import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { createProcessedData, dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import { confirmAllNews } from '../support/confirmedNews.mts';
import { startSimulator } from '../../simulator/simulator.mts';
import {
	ENTRIES_KEY,
	KEPT_FOLDER,
	openAndStore,
	syncOn,
	type KeptNode,
	type KeptVersion,
} from './keptVersion.mts';

// `npm run keep`: keeps what this version stores in n8n's database, so that a test of later versions can open it.
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const root = join(import.meta.dirname, '../..');

/** Two devices for each customer. The last DeviceId is invalid, so its customer is withheld. */
const rows = Array.from({ length: 60 }, (_, index) => ({
	CustomerId: `user_${index >> 1}`,
	CustomerDeviceNo: `SN-${index}`,
	DeviceId: index === 59 ? 'LOCK01 d59' : `LOCK01/d${index}`,
	ProductName: index % 2 === 0 ? '智能门锁' : 'Smart Lock',
}));

function nodesOf(path: string): KeptNode[] {
	const { nodes } = read(path) as unknown as { nodes: INode[] };
	const ours = nodes.filter(({ type }) => type === 'n8n-nodes-tencent-iot.tencentCloudIot');
	return ours.map(({ name, typeVersion, credentials = {}, parameters }) => {
		const { opened, stored } = openAndStore(parameters, typeVersion);
		const workflow = basename(path, '.json');
		return { workflow, name, typeVersion, credentials: Object.keys(credentials), stored, opened };
	});
}

const atMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
const simulator = await startSimulator({
	port: 19_009,
	clock: { nowMs: () => atMs, elapsedMs: () => performance.now() },
});
try {
	const { endpoint, appKey, appSecret } = simulator;
	const account = { endpoint, appKey, appSecret };
	const table = createProcessedData();
	// `syncOn` runs a quarter of an hour after the moment that it is given.
	const { failure } = await syncOn(table, { account, atMs: atMs - 900_000 }, rows);
	if (failure !== undefined || simulator.requests.length !== 29) {
		throw new Error('The rows were not pushed.');
	}
	// As if the message of the run had been delivered.
	confirmAllNews(table);
	const tables = dataTablesBeside(table);
	const state: KeptVersion['state'] = {
		entries: (await table.find(ENTRIES_KEY))!,
		tables: tables.list().map(({ name, columns }) => ({ name, columns, rows: tables.rowsOf(name) })),
	};
	const nodes = globSync(join(root, 'examples/workflows/*.json')).sort().flatMap(nodesOf);
	const kept: KeptVersion = { atMs, account, rows, state, nodes };
	const file = join(KEPT_FOLDER, `${String(read(join(root, 'package.json'))['version'])}.json`);
	writeFileSync(file, `${JSON.stringify(kept, null, '\t')}\n`);
} finally {
	await simulator.close();
}
