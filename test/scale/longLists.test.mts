import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { messageOf } from '../../simulator/childMessage.mts';
import type { LongListReport } from './longList.mts';

const HEAP_MIB = 256;
const TOTAL = 999_999;

/** The smallest records of each list. */
const RECORDS: Readonly<Record<string, [list: string, record: (index: number) => object]>> = {
	ServiceGetCustomerList: ['Customers', (index) => ({ CustomerId: `c${index}` })],
	ServiceGetDeviceList: ['Devices', (index) => ({ DeviceName: `d${index}`, Status: 1 })],
};

/** A service with made-up lists of nearly a million records, and the number of its requests. */
async function serviceOfLongLists() {
	let requests = 0;
	const server = createServer(async (request, response) => {
		requests++;
		const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Record<string, unknown>;
		const [list, record] = RECORDS[String(body.Action)]!;
		const length = Math.min(Number(body.Limit), TOTAL - Number(body.Offset));
		const records = Array.from({ length }, (_, index) => record(Number(body.Offset) + index));
		response.end(JSON.stringify({ Response: { [list]: records, Total: TOTAL, RequestId: body.RequestId } }));
	}).listen(0);
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	return { endpoint: `http://localhost:${port}`, requests: () => requests, close };
}

async function runInSmallHeap(parameters: object): Promise<LongListReport & { requests: number }> {
	const service = await serviceOfLongLists();
	try {
		const script = fileURLToPath(new URL('./longList.mts', import.meta.url));
		const child = fork(script, [service.endpoint, JSON.stringify(parameters)], {
			execArgv: [`--max-old-space-size=${HEAP_MIB}`],
		});
		const ended = once(child, 'exit');
		const report = await messageOf<LongListReport>(child);
		await ended;
		return { ...report, requests: service.requests() };
	} finally {
		service.close();
	}
}

test('An audit of a list of nearly a million small entries says that it is too long, in a heap of 256 MiB.', async () => {
	const { first, requests } = await runInSmallHeap({
		resource: 'deviceBinding',
		operation: 'audit',
		columns: { mappingMode: 'autoMapInputData', value: null },
		options: { compare: ['devices'], outputItemPer: 'request', requestsPerSecond: 0 },
	});
	expect(first).toMatchObject({
		Code: 'LIST_INCOMPLETE',
		Message: expect.stringContaining('The list takes more than 96 MiB of heap.'),
		MessageZh: expect.stringContaining('列表占用内存超过 96 MiB'),
		Advice: "Remove it from 'Compare'",
	});
	expect(requests).toBe(1);
});

test('An operation that returns the whole list says the same.', async () => {
	const { items, error, requests } = await runInSmallHeap({
		resource: 'customer',
		operation: 'getMany',
		returnAll: true,
		options: { requestsPerSecond: 0 },
	});
	expect(error).toMatchObject({
		error: {
			code: 'LIST_TOO_LARGE',
			message:
				'The lists of this run take more than 96 MiB of heap; reading ended after 100 records. It only reads; nothing was changed.',
			advice: "Switch 'Return All' off, or ask for a part of the list",
		},
	});
	expect([items, requests]).toEqual([0, 1]);
});
