import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * The fate of a request.
 * - `ok`: applied, with its response
 * - `lost`: applied, but the response is lost; `dropped`: not applied, and no response
 * - `refused`: permanently; `throttled`: RequestLimitExceeded
 * - `unclear`: applied, with an error that leaves that open; `foreign`: applied, with the response to another request
 */
export type Fate = 'ok' | 'lost' | 'dropped' | 'refused' | 'throttled' | 'unclear' | 'foreign';

const APPLIED: readonly Fate[] = ['ok', 'lost', 'unclear', 'foreign'];

const CODES: Readonly<Partial<Record<Fate, string>>> = {
	refused: 'InvalidParameterValue',
	throttled: 'RequestLimitExceeded',
	unclear: 'FailedOperation.Timeout',
};

/** A request that arrived, and its fate. */
export interface Arrived {
	account: string;
	CustomerId: string;
	RequestId: string;
	devices: number;
	fate: Fate;
	/** How many requests of this customer arrived before it since the log was emptied. */
	earlier: number;
}

/** A set of devices as a text that does not depend on their order: a line for each device. */
export function setText(devices: readonly object[]): string {
	return devices.map(deviceText).sort().join('\n');
}

function deviceText(device: object): string {
	return JSON.stringify(Object.entries(device).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Replaces Tencent's service. For each account it stores the devices of each customer, from the last push or from all of them. */
export class UnreliableService {
	/** Whether a push adds to a customer's devices. Tencent does not document whether it adds or replaces. */
	adds = false;
	/** Account and customer → DeviceId → the device as a text. */
	readonly #held = new Map<string, Map<string, string>>();
	log: Arrived[] = [];
	fateOf: (request: Omit<Arrived, 'fate'>) => Fate = () => 'ok';
	/** Whether the sender of a request still waits for its response; if not, there is none. */
	isAwaited: (requestId: string) => boolean = () => true;
	/** Called when a request has arrived, before it is applied. */
	onArrival: (requestId: string) => Promise<void> = async () => {};
	readonly #server: Server;
	readonly #silent = new Set<Socket>();

	private constructor(server: Server) {
		this.#server = server;
	}

	static async start(): Promise<UnreliableService> {
		const server = createServer({ keepAliveTimeout: 0 });
		await once(server.listen(0, '127.0.0.1'), 'listening');
		server.unref();
		const service = new UnreliableService(server);
		server.on('request', (request, response) => void service.#respond(request, response));
		return service;
	}

	get origin(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Whether a customer has the set in its rows: at least that set if pushes add devices, exactly that set if they replace them. */
	holds(account: string, customer: string, set: string): boolean {
		const held = new Set(this.#held.get(`${account} ${customer}`)?.values());
		const devices = set.split('\n');
		return devices.every((device) => held.has(device)) && (this.adds || held.size === devices.length);
	}

	#bind(account: string, customer: string, devices: ReadonlyArray<{ DeviceId: string }>): void {
		const key = `${account} ${customer}`;
		const before = this.adds ? (this.#held.get(key) ?? []) : [];
		const pushed = devices.map((device) => [device.DeviceId, deviceText(device)] as const);
		this.#held.set(key, new Map([...before, ...pushed]));
	}

	/** Forgets everything, and closes connections that still wait for a response. */
	reset(): void {
		this.#held.clear();
		this.log = [];
		for (const socket of this.#silent) {
			socket.destroy();
		}
		this.#silent.clear();
	}

	close(): void {
		this.reset();
		this.#server.close();
		this.#server.closeAllConnections();
	}

	async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
		const { AppKey, CustomerId, RequestId, DeviceInfos } = JSON.parse(body) as Record<string, string> & {
			DeviceInfos: Array<{ DeviceId: string }>;
		};
		// If it also acts as the proxy, the request has the whole URL.
		const account = `${AppKey} ${new URL(request.url!, this.origin).pathname}`;
		// A request that was under way when its run ended or died belongs to no run.
		if (!this.isAwaited(RequestId!)) {
			this.#silent.add(request.socket);
			return;
		}
		const earlier = this.log.filter((request) => request.CustomerId === CustomerId).length;
		const arrived = {
			account,
			CustomerId: CustomerId!,
			RequestId: RequestId!,
			devices: DeviceInfos.length,
			earlier,
		};
		const fate = this.fateOf(arrived);
		this.log.push({ ...arrived, fate });
		await this.onArrival(RequestId!);
		const isAwaited = this.isAwaited(RequestId!);
		if (!isAwaited) {
			this.#silent.add(request.socket);
		}
		if (!isAwaited && fate !== 'lost') {
			return;
		}
		if (APPLIED.includes(fate)) {
			this.#bind(account, CustomerId!, DeviceInfos);
		}
		if (!isAwaited) {
			return;
		}
		if (fate === 'lost' || fate === 'dropped') {
			request.socket.destroy();
			return;
		}
		const Code = CODES[fate];
		const responseBody = Code === undefined ? { Status: 'OK' } : { Error: { Code, Message: 'no' } };
		const id = fate === 'foreign' ? 'of-another' : RequestId;
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ Response: { RequestId: id, ...responseBody } }));
	}
}
