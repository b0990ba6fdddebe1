/**
 * Loads both builds on the Node that runs this script, without n8n's engine, and pushes once with each:
 *
 *   npx gulp build && node test/package/runtime.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

const require = createRequire(import.meta.url);
const BUILDS = { verified: '../../dist', pool: '../../build/pool/dist' };
const ROWS = ['a', 'b', 'a'].map((CustomerId, index) => ({
	CustomerId,
	CustomerDeviceNo: `SN-${index}`,
	DeviceId: `LOCK01/d${index}`,
	ProductName: '智能门锁',
}));
const PARAMETERS = {
	resource: 'deviceBinding',
	operation: 'push',
	columns: { mappingMode: 'autoMapInputData', value: null },
	options: {},
};

/** The parts of n8n's context that a push uses; requests go through Node's own fetch. */
function context(endpoint) {
	const store = {};
	return {
		getInputData: () => ROWS.map((json) => ({ json })),
		getNodeParameter: (name, _index, fallback) => PARAMETERS[name] ?? fallback,
		getNode: () => ({ name: 'Push', type: 'tencentCloudIot', parameters: PARAMETERS }),
		getCredentials: async () => ({
			appKey: 'key',
			appSecret: 'secret',
			platform: 'custom',
			endpoint,
			nestedRule: 'json',
		}),
		getContext: () => store,
		getExecutionId: () => '1',
		getMode: () => 'trigger',
		getWorkflow: () => ({ id: 'workflow', name: 'Workflow' }),
		getExecuteData: () => ({ node: { name: 'Push' } }),
		getExecutionCancelSignal: () => undefined,
		getTimezone: () => 'UTC',
		getWorkflowDataProxy: (index) => ({ $json: ROWS[index], $runIndex: 0 }),
		continueOnFail: () => false,
		addExecutionHints: () => undefined,
		logger: { debug: () => undefined },
		helpers: {
			async httpRequest({ url, method, headers, body, abortSignal }) {
				const answer = await fetch(url, { method, headers, body, signal: abortSignal });
				return {
					statusCode: answer.status,
					headers: Object.fromEntries(answer.headers),
					body: Readable.fromWeb(answer.body),
				};
			},
		},
	};
}

// Bypasses this machine's proxies.
process.env.NO_PROXY = '*';
process.env.no_proxy = '*';

const bodies = [];
const server = createServer(async (request, response) => {
	bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify({ Response: { Status: 'OK', RequestId: bodies.at(-1).RequestId } }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const endpoint = `http://127.0.0.1:${server.address().port}/`;
try {
	for (const [build, folder] of Object.entries(BUILDS)) {
		const { TencentCloudIot } = require(`${folder}/nodes/TencentCloudIot/TencentCloudIot.node.js`);
		const { TencentCloudIotApi } = require(`${folder}/credentials/TencentCloudIotApi.credentials.js`);
		assert.equal(new TencentCloudIotApi().name, 'tencentCloudIotApi');
		bodies.length = 0;
		const [items] = await new TencentCloudIot().execute.call(context(endpoint));
		const done = items.map(({ json: { CustomerId, Status, DeviceCount } }) => [
			CustomerId,
			Status,
			DeviceCount,
		]);
		assert.deepEqual(done, [
			['a', 'OK', 2],
			['b', 'OK', 1],
		]);
		assert.deepEqual(
			bodies.map(({ Action, CustomerId }) => [Action, CustomerId]),
			[
				['ServiceBindDevice', 'a'],
				['ServiceBindDevice', 'b'],
			],
		);
		process.stdout.write(`Node ${process.versions.node}: the ${build} build pushed 2 customers\n`);
	}
} finally {
	server.close();
}
