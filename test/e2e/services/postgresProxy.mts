import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../setup/freePort.mts';
import type { PostgresLogin } from './postgres.mts';

/** The kinds of statements that n8n's deduplication store makes. */
export type StatementKind = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/**
 * Where a statement is held: before the database gets it; after it has done it, and before it commits; or its response.
 */
export type HeldAt = 'statement' | 'commit' | 'response';

/** One statement that is to be held. */
export interface Hold {
	readonly workflowId: string;
	readonly kind: StatementKind;
	readonly at: HeldAt;
	/** The how-manieth statement of the kind, from now on and from 1. */
	readonly nth: number;
	readonly forMs: number;
	/** Called when it is held. */
	readonly onHeld: () => void;
}

/** Which statements on n8n's table `processed_data` proxies hold: each of the list once. */
export class Holds {
	readonly #waiting = new Map<Hold, number>();

	add(hold: Hold): void {
		this.#waiting.set(hold, hold.nth);
	}

	remove(hold: Hold): void {
		this.#waiting.delete(hold);
	}

	/** The hold that a statement has met, with its parameters. */
	meet(statement: string): Hold | undefined {
		if (!statement.includes('"processed_data"')) return undefined;
		for (const [hold, left] of this.#waiting) {
			if (!statement.includes(hold.workflowId) || !statement.trimStart().startsWith(hold.kind)) continue;
			this.#waiting.set(hold, left - 1);
			if (left > 1) continue;
			this.#waiting.delete(hold);
			return hold;
		}
		return undefined;
	}
}

export interface PostgresProxy {
	/** Its login leads to the same database. */
	readonly login: PostgresLogin;
	stop(): Promise<void>;
}

/** Starts a server between n8n and PostgreSQL that holds some statements and lets everything else pass. */
export async function startPostgresProxy(login: PostgresLogin, holds: Holds): Promise<PostgresProxy> {
	const [port] = (await freePorts(1)) as [number];
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const database = connect(login.port, login.host);
		for (const socket of [client, database]) {
			sockets.add(socket);
			socket.setNoDelay(true);
			socket.on('error', () => undefined);
			socket.on('close', () => {
				sockets.delete(socket);
				client.destroy();
				database.destroy();
			});
		}
		new Connection(client, database, holds).start();
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	const stop = async () => {
		const closed = once(server, 'close');
		server.close();
		for (const socket of sockets) socket.destroy();
		await closed;
	};
	return { login: { ...login, port }, stop };
}

const HEADER_BYTES = 5;
/** The message by which a query with parameters begins, and those by which queries end. */
const PARSE = 'P';
const SYNC = 'S';
const SIMPLE_QUERY = 'Q';

/**
 * One connection, by PostgreSQL's protocol 3: each message has a letter and a length, but for the first one, which has no
 * letter. A query with parameters is Parse, Bind, Describe and Execute; Sync commits it, unless there is a transaction.
 */
class Connection {
	readonly #client: Socket;
	readonly #database: Socket;
	readonly #holds: Holds;
	#unread = Buffer.alloc(0);
	#isStarted = false;
	/** The messages of a query that has not ended. */
	#query: Buffer[] = [];
	/** What waits for its turn. */
	#toDatabase = Promise.resolve();
	#toClient = Promise.resolve();

	constructor(client: Socket, database: Socket, holds: Holds) {
		this.#client = client;
		this.#database = database;
		this.#holds = holds;
	}

	start(): void {
		this.#client.on('data', (chunk) => this.#read(chunk));
		this.#database.on('data', (chunk) => {
			this.#toClient = this.#toClient.then(() => void this.#client.write(chunk));
		});
	}

	#read(chunk: Buffer): void {
		this.#unread = Buffer.concat([this.#unread, chunk]);
		for (let message = this.#next(); message !== undefined; message = this.#next()) this.#take(message);
	}

	#next(): Buffer | undefined {
		const lengthAt = this.#isStarted ? 1 : 0;
		if (this.#unread.length < HEADER_BYTES) return undefined;
		const length = lengthAt + this.#unread.readUInt32BE(lengthAt);
		if (this.#unread.length < length) return undefined;
		const message = this.#unread.subarray(0, length);
		this.#unread = this.#unread.subarray(length);
		return message;
	}

	#take(message: Buffer): void {
		const letter = this.#isStarted ? String.fromCharCode(message[0]!) : '';
		this.#isStarted = true;
		if (letter !== PARSE && this.#query.length === 0)
			return this.#pass([message], letter === SIMPLE_QUERY ? textOf(message, HEADER_BYTES) : '');
		this.#query.push(message);
		if (letter !== SYNC) return;
		const query = this.#query;
		this.#query = [];
		// The statement's name comes first: it is empty, and ends with a zero.
		this.#pass(query, textOf(Buffer.concat(query), HEADER_BYTES + 1));
	}

	#pass(messages: readonly Buffer[], statement: string): void {
		const hold = this.#holds.meet(statement);
		this.#toDatabase = this.#toDatabase.then(async () => await this.#send(messages, hold));
	}

	async #send(messages: readonly Buffer[], hold: Hold | undefined): Promise<void> {
		if (hold === undefined) return void this.#database.write(Buffer.concat(messages));
		hold.onHeld();
		if (hold.at === 'response') {
			this.#toClient = this.#toClient.then(async () => await sleep(hold.forMs));
			return void this.#database.write(Buffer.concat(messages));
		}
		const first = hold.at === 'commit' ? messages.slice(0, -1) : [];
		if (first.length > 0) this.#database.write(Buffer.concat(first));
		await sleep(hold.forMs);
		this.#database.write(Buffer.concat(messages.slice(first.length)));
	}
}

function textOf(messages: Buffer, from: number): string {
	return messages.toString('latin1', from);
}
