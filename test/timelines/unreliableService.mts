import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * What becomes of a request.
 * - `ok`: carried out and answered
 * - `lost`: carried out, and the answer is lost; `dropped`: neither
 * - `refused`: for good; `throttled`: RequestLimitExceeded
 * - `unclear`: carried out, and answered by an error after which nobody knows; `foreign`: by the answer to another request
 */
export type Fate = 'ok' | 'lost' | 'dropped' | 'refused' | 'throttled' | 'unclear' | 'foreign';

const APPLIED: readonly Fate[] = ['ok', 'lost', 'unclear', 'foreign'];

const CODES: Readonly<Partial<Record<Fate, string>>> = {
	refused: 'InvalidParameterValue',
	throttled: 'RequestLimitExceeded',
	unclear: 'FailedOperation.Timeout',
};

/** A request as it arrived, and what became of it. */
export interface Arrived {
	account: string;
	CustomerId: string;
	RequestId: string;
	devices: number;
	fate: Fate;
	/** How many of this customer arrived before it since the log was emptied. */
	earlier: number;
}

/** Stands where Tencent stands: for each account it keeps the set that each customer was given last. */
export class UnreliableService {
	/** Account → customer → its set as a text. */
	readonly held = new Map<string, Map<string, string>>();
	log: Arrived[] = [];
	fateOf: (request: Omit<Arrived, 'fate'>) => Fate = () => 'ok';
	/** Whether who made a request still waits for its answer; else it is never answered. */
	isAwaited: (requestId: string) => boolean = () => true;
	/** Called when a request has arrived, before anything comes of it. */
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
		server.on('request', (request, response) => void service.#answer(request, response));
		return service;
	}

	get origin(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** What an account's customers have. */
	heldOf(account: string): Map<string, string> {
		const known = this.held.get(account) ?? new Map<string, string>();
		this.held.set(account, known);
		return known;
	}

	/** Forgets all, also those who still wait for an answer. */
	reset(): void {
		this.held.clear();
		this.log = [];
		for (const socket of this.#silent) socket.destroy();
		this.#silent.clear();
	}

	close(): void {
		this.reset();
		this.#server.close();
		this.#server.closeAllConnections();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
		const { AppKey, CustomerId, RequestId, DeviceInfos } = JSON.parse(body) as Record<string, string> & {
			DeviceInfos: object[];
		};
		// Where it stands for its own proxy it is asked for the whole address.
		const account = `${AppKey} ${new URL(request.url!, this.origin).pathname}`;
		// What was on its way when its run ended or died belongs to no run.
		if (!this.isAwaited(RequestId!)) return void this.#silent.add(request.socket);
		const earlier = this.log.filter((one) => one.CustomerId === CustomerId).length;
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
		if (!isAwaited) this.#silent.add(request.socket);
		if (!isAwaited && fate !== 'lost') return;
		if (APPLIED.includes(fate)) this.heldOf(account).set(CustomerId!, setText(DeviceInfos));
		if (!isAwaited) return;
		if (fate === 'lost' || fate === 'dropped') return void request.socket.destroy();
		const Code = CODES[fate];
		const said = Code === undefined ? { Status: 'OK' } : { Error: { Code, Message: 'no' } };
		const id = fate === 'foreign' ? 'of-another' : RequestId;
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ Response: { RequestId: id, ...said } }));
	}
}

/** A set of devices as a text that does not depend on their order. */
export function setText(devices: readonly object[]): string {
	return devices
		.map((device) => JSON.stringify(Object.entries(device).sort(([a], [b]) => (a < b ? -1 : 1))))
		.sort()
		.join();
}
