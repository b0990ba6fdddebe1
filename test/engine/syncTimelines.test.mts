import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createProcessedData, runNode } from '../../embedded/embeddedEngine.mts';
import { Dice } from '../invariants/dice.mts';
import { loadTestedNode } from '../support/testedBuild.mts';

const TIMELINES = 30;
const RUNS = 6;
const CUSTOMERS = Array.from({ length: 12 }, (_, index) => `c${index}`);

/** A service that keeps what it was told last, and on bad days loses, refuses or garbles answers. */
class UnreliableService {
	readonly held = new Map<string, string>();
	dice = new Dice(0);
	isBad = false;
	requests = 0;

	async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { CustomerId, DeviceInfos, RequestId } = JSON.parse(
			Buffer.concat(await request.toArray()).toString(),
		) as { CustomerId: string; DeviceInfos: Array<{ DeviceId: string }>; RequestId: string };
		this.requests++;
		const apply = () => this.held.set(CustomerId, setText(DeviceInfos.map(({ DeviceId }) => DeviceId)));
		const say = (said: object) => response.end(JSON.stringify({ Response: { RequestId, ...said } }));
		const refuse = (Code: string) => say({ Error: { Code, Message: 'no' } });
		const ok = async () => {
			apply();
			await setTimeout(this.dice.integer(0, 4));
			say({ Status: 'OK' });
		};
		if (!this.isBad || this.dice.happens(0.6)) return await ok();
		this.dice.pick([
			() => void (apply(), request.socket.destroy()),
			() => void request.socket.destroy(),
			() => void refuse('InvalidParameterValue'),
			() => void (apply(), refuse('FailedOperation.Timeout')),
			() => void (apply(), say({ Status: 'OK', RequestId: 'of-another' })),
		])();
	}
}

const setText = (ids: readonly string[]) => [...ids].sort().join();

const service = new UnreliableService();
const server = createServer((request, response) => void service.answer(request, response));
beforeAll(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')));
afterAll(() => void server.close());

/** What the rows say of a customer: one of a few sets, so that it often goes back to an earlier one. */
const devicesOf = (customer: string, version: number) =>
	[0, 1].map((device) => `P/${customer}-${version}-${device}`);

async function sync(versions: ReadonlyMap<string, number>, dice: Dice, run: object): Promise<void> {
	const rows = [...versions].flatMap(([CustomerId, version]) =>
		devicesOf(CustomerId, version).map((DeviceId, index) => ({
			CustomerId,
			CustomerDeviceNo: `SN-${index}`,
			DeviceId,
			ProductName: 'Smart Lock',
		})),
	);
	await runNode({
		...loadTestedNode(),
		rows: dice.happens(0.5) ? rows.reverse() : rows,
		parameters: {
			operation: 'sync',
			columns: { mappingMode: 'autoMapInputData', value: null },
			options: {
				requestsPerSecond: 0,
				concurrency: 3,
				maxAttempts: dice.integer(1, 2),
				send: dice.happens(0.2) ? 'every' : 'changed',
			},
		},
		credentials: {
			appKey: 'key',
			appSecret: 'secret',
			platform: 'custom',
			endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
			nestedRule: 'json',
		},
		...run,
	});
}

test('After changes, lost answers, refusals, cancels and re-runs a run that meets no fault leaves the service with what the rows say, and the next one sends nothing.', async () => {
	for (let seed = 1; seed <= TIMELINES; seed++) {
		const dice = new Dice(seed);
		const processedData = createProcessedData();
		const versions = new Map(CUSTOMERS.map((customer) => [customer, 0]));
		service.held.clear();
		service.dice = dice;
		for (let run = 0; run < RUNS; run++) {
			for (const customer of CUSTOMERS) if (dice.happens(0.3)) versions.set(customer, dice.integer(0, 2));
			service.isBad = dice.happens(0.7);
			const controller = new AbortController();
			if (dice.happens(0.3)) void setTimeout(dice.integer(0, 25)).then(() => controller.abort());
			await sync(versions, dice, {
				processedData,
				signal: controller.signal,
				onError: dice.pick(['continueErrorOutput', 'stopWorkflow']),
				...(dice.happens(0.3) && { retryOnFail: { maxTries: 2, waitBetweenTries: 1 } }),
			});
		}
		service.isBad = false;
		await sync(versions, dice, { processedData });
		const expected = CUSTOMERS.map((customer) => setText(devicesOf(customer, versions.get(customer)!)));
		expect([seed, CUSTOMERS.map((customer) => service.held.get(customer))]).toEqual([seed, expected]);
		const { requests } = service;
		await sync(versions, new Dice(0), { processedData });
		expect([seed, service.requests]).toEqual([seed, requests]);
	}
}, 120_000);
