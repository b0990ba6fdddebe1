import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Dice, seedFor } from '../test/invariants/dice.mts';
import type { CrmRow } from './crmTimeline.mts';

/**
 * How the service is during a run. On bad days some answers are lost after the request was applied, some before, some
 * requests are throttled, and some customers are refused; in an outage no request arrives.
 */
export type Weather = 'good' | 'bad' | 'outage';

interface Received {
	CustomerId: string;
	DeviceInfos: Array<Record<string, string>>;
	RequestId: string;
}

/** What one way of pushing has come to. */
interface Account {
	/** The devices of each customer, as texts. */
	held: Map<string, Set<string>>;
	requests: number;
	/** Requests of each customer in this run. */
	tries: Map<string, number>;
}

/**
 * The CRM and, for each way of pushing, a service of its own that keeps what it was told last. What becomes of a request
 * depends on the seed, the run, the customer and how many requests came for it, and on nothing else: all ways meet the same.
 */
export class LossyService {
	rows: CrmRow[] = [];
	#weather: Weather = 'good';
	#seed = 0;
	#accounts = new Map<string, Account>();
	readonly #server = createServer((request, response) => void this.#answer(request, response));

	async start(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	stop(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	/** Where the rows are read, or one way of pushing sends to. */
	urlOf(path: string): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
	}

	/** Begins with services that know nothing. */
	reset(): void {
		this.#accounts.clear();
	}

	/** @param seed that of this run */
	beginRun(seed: number, weather: Weather): void {
		this.#seed = seed;
		this.#weather = weather;
		for (const account of this.#accounts.values()) account.tries.clear();
	}

	/** What one way of pushing has come to, against the rows as they are now. */
	judge(way: string): { requests: number; wrongCustomers: number; wrongDevices: number } {
		const { held, requests } = this.#accountOf(way);
		const wanted = new Map<string, Set<string>>();
		for (const { CustomerId, ...row } of this.rows) {
			wanted.set(CustomerId, (wanted.get(CustomerId) ?? new Set()).add(textOf(row)));
		}
		const wrong = [...wanted].map(([customer, devices]) =>
			countDifferences(devices, held.get(customer) ?? new Set()),
		);
		return {
			requests,
			wrongCustomers: wrong.filter((count) => count > 0).length,
			wrongDevices: wrong.reduce((sum, count) => sum + count, 0),
		};
	}

	#accountOf(way: string): Account {
		const known = this.#accounts.get(way) ?? { held: new Map(), requests: 0, tries: new Map() };
		this.#accounts.set(way, known);
		return known;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.setHeader('content-type', 'application/json');
		// n8n's HTTP Request node names the whole address.
		const path = new URL(request.url!, 'http://service').pathname.slice(1);
		if (request.method === 'GET') return void response.end(JSON.stringify(this.rows));
		const { CustomerId, DeviceInfos, RequestId } = JSON.parse(
			Buffer.concat(await request.toArray()).toString(),
		) as Received;
		const account = this.#accountOf(path);
		account.requests++;
		const tries = account.tries.get(CustomerId) ?? 0;
		account.tries.set(CustomerId, tries + 1);
		const apply = () => account.held.set(CustomerId, new Set(DeviceInfos.map(textOf)));
		const say = (said: object) => response.end(JSON.stringify({ Response: { RequestId, ...said } }));
		const fail = (Code: string) => say({ Error: { Code, Message: 'no' } });
		if (this.#weather === 'outage') return void request.socket.destroy();
		if (this.#weather === 'bad') {
			const refused = new Dice(seedFor(this.#seed, CustomerId)).happens(0.05);
			if (refused) return void fail('InvalidParameterValue');
			const chance = new Dice(seedFor(this.#seed, CustomerId, tries)).next();
			if (chance < 0.08) return void (apply(), request.socket.destroy());
			if (chance < 0.1) return void request.socket.destroy();
			if (chance < 0.16) return void fail('RequestLimitExceeded');
		}
		apply();
		say({ Status: 'OK' });
	}
}

/** How many are in one of the sets only. */
function countDifferences(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
	const both = [...a].filter((one) => b.has(one)).length;
	return a.size + b.size - 2 * both;
}

function textOf({ DeviceId = '', CustomerDeviceNo = '', ProductName = '' }: Record<string, string>): string {
	return [DeviceId, CustomerDeviceNo, ProductName].join('\n');
}
