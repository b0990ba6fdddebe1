import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Dice, seedFor } from '../test/invariants/dice.mts';
import type { CrmRow } from './crmTimeline.mts';

/**
 * The condition of the service during a run. In bad weather some responses are lost after the request was applied, some before,
 * some requests are throttled, and some customers are refused; in an outage no request arrives.
 */
export type Weather = 'good' | 'bad' | 'outage';

interface Received {
	CustomerId: string;
	DeviceInfos: Array<Record<string, string>>;
	RequestId: string;
}

/** For each customer: DeviceId → the device's other fields as one text. */
type Held = Map<string, ReadonlyMap<string, string>>;

/** What a way of pushing has achieved, compared with the rows. */
export type Judged = Readonly<typeof NOTHING>;

const NOTHING = {
	requests: 0,
	/** If a push replaces: customers whose devices differ from the rows, and how many devices differ. */
	wrongCustomers: 0,
	wrongDevices: 0,
	/** If a push adds: customers that lack a device of the rows, and devices that are still with a customer they have left. */
	lackingCustomers: 0,
	leftDevices: 0,
};

/** The two services of one way of pushing. */
interface Account {
	/** The service at which a push replaces the devices of a customer. */
	replaced: Held;
	/** The service at which a push adds to them; the responses are the same. */
	added: Held;
	requests: number;
	/** Requests of each customer in this run. */
	tries: Map<string, number>;
}

/**
 * The CRM and, for each way of pushing, two services that get the same requests: at one a push replaces, at the other it adds.
 * The fate of a request depends only on the seed, the run, the customer and how many requests it has had, so that all ways meet
 * the same conditions.
 */
export class LossyService {
	rows: CrmRow[] = [];
	#weather: Weather = 'good';
	#seed = 0;
	readonly #accounts = new Map<string, Account>();
	readonly #server = createServer((request, response) => void this.#answer(request, response));

	async start(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	stop(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	/** The address from which the rows are read, or to which one way of pushing sends. */
	urlOf(path: string): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
	}

	/** @param seed that of this run */
	beginRun(seed: number, weather: Weather): void {
		this.#seed = seed;
		this.#weather = weather;
		for (const account of this.#accounts.values()) {
			account.tries.clear();
		}
	}

	/** Compares what one way of pushing has achieved with the current rows. */
	judge(way: string): Judged {
		const { replaced, added, requests } = this.#accountOf(way);
		const judged = { ...NOTHING, requests };
		const wantedOf = (id: string) => devicesOf(this.rows.filter(({ CustomerId }) => CustomerId === id));
		for (const customer of new Set(this.rows.map(({ CustomerId }) => CustomerId))) {
			const wanted = wantedOf(customer);
			const held = replaced.get(customer) ?? new Map<string, string>();
			const wrong = countMissing(wanted, held) + countMissing(held, wanted);
			judged.wrongDevices += wrong;
			judged.wrongCustomers += Number(wrong > 0);
			judged.lackingCustomers += Number(countMissing(wanted, added.get(customer)) > 0);
		}
		for (const [customer, devices] of added) {
			const wanted = wantedOf(customer);
			judged.leftDevices += [...devices.keys()].filter((id) => !wanted.has(id)).length;
		}
		return judged;
	}

	#accountOf(way: string): Account {
		const account = this.#accounts.get(way) ?? {
			replaced: new Map(),
			added: new Map(),
			requests: 0,
			tries: new Map(),
		};
		this.#accounts.set(way, account);
		return account;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.setHeader('content-type', 'application/json');
		// n8n's HTTP Request node may send the whole URL as the path.
		const path = new URL(request.url!, 'http://service').pathname.slice(1);
		if (request.method === 'GET') {
			response.end(JSON.stringify(this.rows));
			return;
		}
		const { CustomerId, DeviceInfos, RequestId } = JSON.parse(
			Buffer.concat(await request.toArray()).toString(),
		) as Received;
		const account = this.#accountOf(path);
		account.requests++;
		const tries = account.tries.get(CustomerId) ?? 0;
		account.tries.set(CustomerId, tries + 1);
		const apply = () => {
			const pushed = devicesOf(DeviceInfos);
			account.replaced.set(CustomerId, pushed);
			const added = new Map(account.added.get(CustomerId));
			for (const [deviceId, device] of pushed) {
				added.set(deviceId, device);
			}
			account.added.set(CustomerId, added);
		};
		const respond = (members: object) =>
			response.end(JSON.stringify({ Response: { RequestId, ...members } }));
		const fail = (Code: string) => respond({ Error: { Code, Message: 'no' } });
		if (this.#weather === 'outage') {
			request.socket.destroy();
			return;
		}
		if (this.#weather === 'bad') {
			const refused = new Dice(seedFor(this.#seed, CustomerId)).happens(0.05);
			if (refused) {
				fail('InvalidParameterValue');
				return;
			}
			const chance = new Dice(seedFor(this.#seed, CustomerId, tries)).next();
			if (chance < 0.08) {
				apply();
				request.socket.destroy();
				return;
			}
			if (chance < 0.1) {
				request.socket.destroy();
				return;
			}
			if (chance < 0.16) {
				fail('RequestLimitExceeded');
				return;
			}
		}
		apply();
		respond({ Status: 'OK' });
	}
}

function devicesOf(devices: ReadonlyArray<Record<string, string>>): Map<string, string> {
	return new Map(
		devices.map(({ DeviceId = '', CustomerDeviceNo = '', ProductName = '' }) => [
			DeviceId,
			[CustomerDeviceNo, ProductName].join('\n'),
		]),
	);
}

/** How many devices are not stored, or are stored with another text. */
function countMissing(devices: ReadonlyMap<string, string>, stored?: ReadonlyMap<string, string>): number {
	return [...devices].filter(([id, text]) => stored?.get(id) !== text).length;
}
