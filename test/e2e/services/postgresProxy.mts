import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../setup/freePort.mts';
import type { PostgresLogin } from './postgres.mts';

/** The kinds of statements that n8n's Data Tables use. */
export type StatementKind = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/**
 * Where a statement is held: before the database gets it; after it is executed and before it commits; or on the way
 * back, as its response.
 */
export type HeldAt = 'statement' | 'commit' | 'response';

/** What happens to a statement on its way to the database and back. */
interface Mishap {
	readonly at: HeldAt;
	readonly forMs: number;
	/**
	 * Whether the client gets the error of a deadlock. Held as a `statement`, it never reaches the database; held as a
	 * `response`, it has been executed. Not allowed with `commit`.
	 */
	readonly isRejected?: boolean;
	/** Called when the statement is held. */
	readonly onHeld: () => void;
}

/** One statement to hold. */
export interface Hold extends Mishap {
	/** A write is any kind but SELECT. */
	readonly kind: StatementKind | 'WRITE';
	/** Which statement of the kind, counted from now on, from 1. */
	readonly nth: number;
}

/** The statements on rows of Data Tables that proxies hold, each once. */
export class Holds {
	readonly #waiting = new Map<Hold, number>();

	add(hold: Hold): void {
		this.#waiting.set(hold, hold.nth);
	}

	remove(hold: Hold): void {
		this.#waiting.delete(hold);
	}

	/** Counts a statement, given with its parameters. @returns what happens to it; undefined if it is not held */
	meet(statement: string): Mishap | undefined {
		if (!statement.includes('data_table_user_')) {
			return undefined;
		}
		for (const [hold, remaining] of this.#waiting) {
			if (!isOfKind(statement, hold.kind)) {
				continue;
			}
			this.#waiting.set(hold, remaining - 1);
			if (remaining > 1) {
				continue;
			}
			this.#waiting.delete(hold);
			return hold;
		}
		return undefined;
	}
}

function isOfKind(statement: string, kind: Hold['kind']): boolean {
	const [, verb] = /^\s*(SELECT|INSERT|UPDATE|DELETE)\b/.exec(statement) ?? [];
	return kind === 'WRITE' ? verb !== undefined && verb !== 'SELECT' : verb === kind;
}

export interface PostgresProxy {
	/** Leads to the same database, through the proxy. */
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
		for (const socket of sockets) {
			socket.destroy();
		}
		await closed;
	};
	return { login: { ...login, port }, stop };
}

const HEADER_BYTES = 5;
/** Sync has no body. */
const SYNC_BYTES = HEADER_BYTES;
/** The message that begins a query with parameters, and those that end queries. */
const PARSE = 'P';
const SYNC = 'S';
const SIMPLE_QUERY = 'Q';
/** The message that ends the response to a query: the database is ready for the next one. */
const READY_FOR_QUERY = 'Z';

/** The error of a deadlock (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
const DEADLOCK = messageOf(
	'E',
	['SERROR', 'VERROR', 'C40P01', 'Mdeadlock detected', ''].map((field) => `${field}\0`).join(''),
);
/** Ready, outside a transaction. */
const READY = messageOf(READY_FOR_QUERY, 'I');

/**
 * One connection in PostgreSQL's protocol 3: each message has a letter and a length, except the first one, which has no
 * letter. A query with parameters is Parse, Bind, Describe and Execute; Sync commits it, unless a transaction is open.
 */
class Connection {
	readonly #client: Socket;
	readonly #database: Socket;
	readonly #holds: Holds;
	readonly #fromClient = new Messages();
	readonly #fromDatabase = new Messages();
	#isStarted = false;
	/** Whether the response that is arriving is replaced by an error. */
	#isReplacing = false;
	/** The messages so far of a query that is not complete yet. */
	#query: Buffer[] = [];
	/** The last write in each direction: the next one waits for it, so that the order is kept. */
	#toDatabase = Promise.resolve();
	#toClient = Promise.resolve();

	constructor(client: Socket, database: Socket, holds: Holds) {
		this.#client = client;
		this.#database = database;
		this.#holds = holds;
	}

	start(): void {
		this.#client.on('data', (chunk) => {
			this.#fromClient.add(chunk);
			this.#takeAll();
		});
		this.#database.on('data', (chunk) => {
			const response = this.#isReplacing ? this.#replaced(chunk) : chunk;
			if (response.length > 0) {
				this.#toClient = this.#toClient.then(() => void this.#client.write(response));
			}
		});
	}

	#takeAll(): void {
		const next = () => this.#fromClient.next(this.#isStarted);
		for (let message = next(); message !== undefined; message = next()) {
			this.#take(message);
		}
	}

	/** What the client gets instead of a chunk of a response: nothing until the response ends. */
	#replaced(chunk: Buffer): Buffer {
		this.#fromDatabase.add(chunk);
		for (
			let message = this.#fromDatabase.next();
			message !== undefined;
			message = this.#fromDatabase.next()
		) {
			if (letterOf(message) !== READY_FOR_QUERY) {
				continue;
			}
			this.#isReplacing = false;
			return Buffer.concat([DEADLOCK, message, this.#fromDatabase.rest()]);
		}
		return Buffer.alloc(0);
	}

	#take(message: Buffer): void {
		const letter = this.#isStarted ? letterOf(message) : '';
		this.#isStarted = true;
		if (letter !== PARSE && this.#query.length === 0) {
			return this.#pass([message], letter === SIMPLE_QUERY ? textOf(message, HEADER_BYTES) : '');
		}
		this.#query.push(message);
		if (letter !== SYNC) {
			return;
		}
		const query = this.#query;
		this.#query = [];
		// The statement's name comes first: it is empty, and ends with a zero.
		this.#pass(query, textOf(Buffer.concat(query), HEADER_BYTES + 1));
	}

	#pass(messages: readonly Buffer[], statement: string): void {
		const mishap = this.#holds.meet(statement);
		this.#toDatabase = this.#toDatabase.then(async () => await this.#send(Buffer.concat(messages), mishap));
	}

	async #send(query: Buffer, mishap: Mishap | undefined): Promise<void> {
		if (mishap === undefined) {
			this.#database.write(query);
			return;
		}
		const { at, forMs, isRejected = false, onHeld } = mishap;
		onHeld();
		if (at === 'response') {
			// The client sends one query at a time: whatever arrives from now on is the response to this one.
			this.#isReplacing = isRejected;
			this.#toClient = this.#toClient.then(async () => await sleep(forMs));
			this.#database.write(query);
			return;
		}
		const first = at === 'commit' ? query.subarray(0, -SYNC_BYTES) : Buffer.alloc(0);
		if (first.length > 0) {
			this.#database.write(first);
		}
		await sleep(forMs);
		if (isRejected) {
			this.#client.write(Buffer.concat([DEADLOCK, READY]));
			return;
		}
		this.#database.write(query.subarray(first.length));
	}
}

/** Splits the chunks of a stream into messages. */
class Messages {
	#unread = Buffer.alloc(0);

	add(chunk: Buffer): void {
		this.#unread = Buffer.concat([this.#unread, chunk]);
	}

	/** Takes the next complete message. @param hasLetter false for the first message of a connection */
	next(hasLetter = true): Buffer | undefined {
		const lengthAt = hasLetter ? 1 : 0;
		if (this.#unread.length < HEADER_BYTES) {
			return undefined;
		}
		const length = lengthAt + this.#unread.readUInt32BE(lengthAt);
		if (this.#unread.length < length) {
			return undefined;
		}
		const message = this.#unread.subarray(0, length);
		this.#unread = this.#unread.subarray(length);
		return message;
	}

	/** Takes all unread bytes. */
	rest(): Buffer {
		const unread = this.#unread;
		this.#unread = Buffer.alloc(0);
		return unread;
	}
}

function letterOf(message: Buffer): string {
	return String.fromCharCode(message[0]!);
}

function messageOf(letter: string, body: string): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(length.length + body.length);
	return Buffer.concat([Buffer.from(letter), length, Buffer.from(body)]);
}

function textOf(messages: Buffer, from: number): string {
	return messages.toString('latin1', from);
}
