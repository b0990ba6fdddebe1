/**
 * Requests per second of the node against the same requests through n8n's own HTTP helper, one call per customer at
 * the same concurrency: both on n8n's engine, in one run, taking turns, with the simulator in another process.
 */
import { setTimeout } from 'node:timers/promises';
import Table from 'cli-table3';
import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../test/engine/runWorkflow.mts';
import { startSimulatorProcess } from '../test/simulator/simulatorProcess.mts';

const CUSTOMERS = 2_000;
const DEVICES_PER_CUSTOMER = 5;
const CONCURRENCY = 8;
const ROUNDS = 7;
/** Rounds before those that count: code that runs for the first time is compiled on the way. */
const WARM_UP_ROUNDS = 2;

const rows = Array.from({ length: CUSTOMERS * DEVICES_PER_CUSTOMER }, (_, index) => ({
	CustomerId: `customer_${Math.floor(index / DEVICES_PER_CUSTOMER)}`,
	CustomerDeviceNo: `SN-${index}`,
	DeviceId: `ProductABC/Device${index}`,
	ProductName: 'Smart Lock',
}));

/** What a careful user would write: the rows grouped, then n8n's helper, which signs by the same credential. */
function helperNode(endpoint: string): INodeType {
	const { nodeType } = loadBuiltNode();
	return {
		description: { ...nodeType.description, properties: [] },
		async execute(this: IExecuteFunctions) {
			const customers = Map.groupBy(this.getInputData(), ({ json }) => json.CustomerId);
			const pending = customers.entries();
			const answers: IDataObject[] = [];
			const lane = async () => {
				for (const [CustomerId, items] of pending) {
					const DeviceInfos = items.map(({ json: { CustomerId: _, ...device } }) => device);
					const body = { Action: 'ServiceBindDevice', CustomerId, DeviceInfos };
					const options = { method: 'POST' as const, url: endpoint, body, json: true };
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

const simulator = await startSimulatorProcess();
const { nodeType, credentialType } = loadBuiltNode();
const credentials = {
	appKey: 'ServiceAppKey',
	appSecret: 'ServiceAppSecret',
	platform: 'custom',
	endpoint: simulator.endpoint,
	nestedRule: 'json',
};
const contenders = {
	'this node': {
		nodeType,
		parameters: {
			columns: { mappingMode: 'autoMapInputData', value: null },
			options: { concurrency: CONCURRENCY, requestsPerSecond: 0 },
		},
	},
	'helpers.httpRequestWithAuthentication': { nodeType: helperNode(simulator.endpoint), parameters: {} },
};

const rates = new Map<string, number[]>();
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
	for (const [name, { nodeType, parameters }] of Object.entries(contenders)) {
		await simulator.reset();
		await setTimeout(300); // The other contender's closed connections are swept up by then.
		globalThis.gc?.(); // One contender's garbage is not to be swept up in the other's time.
		const startMs = performance.now();
		const { status, success } = await runNode({ rows, nodeType, credentialType, credentials, parameters });
		const rate = CUSTOMERS / ((performance.now() - startMs) / 1000);
		if (status !== 'success' || success.length !== CUSTOMERS)
			throw new Error(`${name} did not send everything`);
		if (round >= 0) rates.set(name, [...(rates.get(name) ?? []), rate]);
	}
}
await simulator.stop();

const table = new Table({
	head: [`${CUSTOMERS} requests, concurrency ${CONCURRENCY}`, 'requests/s', 'min', 'max'],
});
const medians = [...rates].map(([name, all]) => {
	const sorted = all.toSorted((a, b) => a - b);
	const median = sorted[Math.floor(ROUNDS / 2)] ?? NaN;
	table.push([name, ...[median, sorted[0] ?? NaN, sorted.at(-1) ?? NaN].map((rate) => Math.round(rate))]);
	return median;
});
console.log(table.toString());
console.log(
	`ratio ${((medians[0] ?? NaN) / (medians[1] ?? NaN)).toFixed(1)} (medians of ${ROUNDS} rounds after ${WARM_UP_ROUNDS} to warm up)`,
);
