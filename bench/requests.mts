import { Pool } from 'undici';
import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';
import { BUILD_FOLDERS, loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { startSimulatorProcess } from '../simulator/simulatorProcess.mts';
import { atLeast, show, spreadOf, type Section } from './report.mts';
import { alternate, type Run } from './rounds.mts';
import { crmRows, devicesByCustomer, simulatorCredential } from './rows.mts';
import { loadSources } from './sources.mts';

const CUSTOMERS = 2_000;
const DEVICES_PER_CUSTOMER = 5;
const CONCURRENCY = 8;
const ROUNDS = 15;
const WARM_UPS = 8;

/** A pause in which the other contender's closed connections are cleaned up. Milliseconds. */
const REST_MS = 300;

const rows = crmRows(CUSTOMERS, DEVICES_PER_CUSTOMER);

/**
 * Requests per second of the node's two builds, of n8n's own HTTP helper with the same requests, and of a bare undici pool that
 * posts bodies signed beforehand: one call per customer at the same concurrency, all but the last on n8n's engine, with the
 * simulator in another process.
 */
export async function measureRequests(): Promise<Section> {
	const simulator = await startSimulatorProcess();
	const { endpoint } = simulator;
	const { nodeType } = loadBuiltNode();
	const { nodeType: verifiedNode } = loadBuiltNode(BUILD_FOLDERS.verified);
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const options = { concurrency: CONCURRENCY, requestsPerSecond: 0 };
	const perSecond =
		(send: () => Promise<number>): Run =>
		async () => {
			await simulator.reset();
			const ms = await send();
			const { applied } = await simulator.counts();
			if (applied !== CUSTOMERS) {
				throw new Error(`Only ${applied} of ${CUSTOMERS} customers are stored`);
			}
			return CUSTOMERS / (ms / 1000);
		};
	try {
		const rates = await alternate(
			{
				node: perSecond(async () => await timeNode(endpoint, nodeType, { columns, options })),
				verified: perSecond(async () => await timeNode(endpoint, verifiedNode, { columns, options })),
				helper: perSecond(async () => await timeNode(endpoint, helperNode(endpoint))),
				pool: perSecond(async () => await timePool(new URL(endpoint))),
			},
			{ rounds: ROUNDS, warmUps: WARM_UPS, restMs: REST_MS },
		);
		const node = spreadOf(rates.node);
		const verified = spreadOf(rates.verified);
		const helper = spreadOf(rates.helper);
		const pool = spreadOf(rates.pool);
		const ratios = (other: typeof node) =>
			[node, verified].map(({ median }) => `${(median / other.median).toFixed(2)} times as fast`);
		return {
			title: 'Requests per second',
			about: `${CUSTOMERS} customers of ${DEVICES_PER_CUSTOMER} devices, http, concurrency ${CONCURRENCY}, median (min–max) of ${ROUNDS} runs in turns after ${WARM_UPS} warm-up runs.`,
			head: ['', 'requests/s', 'the pool build is', 'the verified build is'],
			rows: [
				['this node on n8n-core, pool build', show(node), '', ''],
				['this node on n8n-core, verified build', show(verified), '', ''],
				['helpers.httpRequestWithAuthentication on n8n-core', show(helper), ...ratios(helper)],
				['bare undici pool, bodies signed beforehand', show(pool), ...ratios(pool)],
			],
			targets: [
				atLeast("this node to n8n's HTTP helper", node.median / helper.median, 5),
				atLeast('this node to the bare pool', node.median / pool.median, 0.7),
			],
		};
	} finally {
		await simulator.stop();
	}
}

async function timeNode(
	endpoint: string,
	nodeType: INodeType,
	parameters: Parameters<typeof runNode>[0]['parameters'] = {},
): Promise<number> {
	const { credentialType } = loadBuiltNode();
	const credentials = simulatorCredential(endpoint);
	const startMs = performance.now();
	await runNode({ rows, nodeType, credentialType, credentials, parameters });
	return performance.now() - startMs;
}

/** What a careful user would write: group the rows, then call n8n's helper, which signs with the same credential. */
function helperNode(url: string): INodeType {
	const { nodeType } = loadBuiltNode();
	return {
		description: { ...nodeType.description, properties: [] },
		async execute(this: IExecuteFunctions) {
			const customers = devicesByCustomer(this.getInputData().map(({ json }) => json));
			const pending = customers.entries();
			const answers: IDataObject[] = [];
			const lane = async () => {
				for (const [CustomerId, DeviceInfos] of pending) {
					const body = { Action: 'ServiceBindDevice', CustomerId, DeviceInfos };
					const options = { method: 'POST' as const, url, body, json: true };
					answers.push(
						await this.helpers.httpRequestWithAuthentication.call(this, 'tencentCloudIotApi', options),
					);
				}
			};
			await Promise.all(Array.from({ length: CONCURRENCY }, lane));
			return [answers.map((json, item) => ({ json, pairedItem: { item } }))];
		},
	};
}

async function timePool({ origin, pathname: path }: URL): Promise<number> {
	const pending = (await signedBodies()).values();
	const headers = { 'content-type': 'application/json', accept: 'application/json' };
	const startMs = performance.now();
	const pool = new Pool(origin, { connections: CONCURRENCY });
	const lane = async () => {
		for (const body of pending) {
			const answer = await pool.request({ path, method: 'POST', headers, body });
			await answer.body.text();
		}
	};
	await Promise.all(Array.from({ length: CONCURRENCY }, lane));
	await pool.close();
	return performance.now() - startMs;
}

async function signedBodies(): Promise<string[]> {
	const { createFreshness, encodeParameters, signRequest } = await sources;
	const signer = { ...simulatorCredential(''), scheme: 'json' as const };
	const freshness = createFreshness(() => Date.now());
	return [...devicesByCustomer(rows)].map(([CustomerId, DeviceInfos]) => {
		const parameters = encodeParameters({ Action: 'ServiceBindDevice', CustomerId, DeviceInfos });
		return signRequest(parameters, freshness(), signer).body;
	});
}

const sources = loadSources();
