import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../setup/freePort.mts';
import type { PostgresLogin } from './postgres.mts';

/** The kinds of statements that n8n's Data Tables make. */
export type StatementKind = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/**
 * Where a statement is held: before the database gets it; after it has done it, and before it commits; or its response.
 */
export type HeldAt = 'statement' | 'commit' | 'response';

/** What happens to a statement on its way to the database and back. */
interface Mishap {
	readonly at: HeldAt;
	readonly forMs: number;
	/**
	 * Whether the client gets the error of a deadlock: instead of what the database does not get, or instead of the response
	 * to what it has done. Not with `commit`.
	 */
	readonly isRejected?: boolean;
	/** Called when it is held. */
	readonly onHeld: () => void;
}

/** One statement that is to be held. */
export interface Hold extends Mishap {
	/** A write is any of the others but SELECT. */
	readonly kind: StatementKind | 'WRITE';
	/** The how-manieth statement of the kind, from now on and from 1. */
	readonly nth: number;
}

/** Which statements on the rows of Data Tables proxies hold, each once. */
export class Holds {
	readonly #waiting = new Map<Hold, number>();

	add(hold: Hold): void {
		this.#waiting.set(hold, hold.nth);
	}

	remove(hold: Hold): void {
		this.#waiting.delete(hold);
	}

	/** What a statement, with its parameters, has met. */
	meet(statement: string): Mishap | undefined {
		if (!statement.includes('data_table_user_')) {
			return undefined;
		}
		for (const [hold, left] of this.#waiting) {
			if (!isOfKind(statement, hold.kind)) {
				continue;
			}
			this.#waiting.set(hold, left - 1);
			if (left > 1) {
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
/** The message by which a query with parameters begins, and those by which queries end. */
const PARSE = 'P';
const SYNC = 'S';
const SIMPLE_QUERY = 'Q';
/** The message by which the database says that it is done with a query, and takes the next one. */
const READY_FOR_QUERY = 'Z';

/** The error of a deadlock (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
const DEADLOCK = messageOf(
	'E',
	['SERROR', 'VERROR', 'C40P01', 'Mdeadlock detected', ''].map((field) => `${field}\0`).join(''),
);
/** Ready, outside a transaction. */
const READY = messageOf(READY_FOR_QUERY, 'I');

/**
 * One connection, by PostgreSQL's protocol 3: each message has a letter and a length, but for the first one, which has no
 * letter. A query with parameters is Parse, Bind, Describe and Execute; Sync commits it, unless there is a transaction.
 */
class Connection {
	readonly #client: Socket;
	readonly #database: Socket;
	readonly #holds: Holds;
	readonly #fromClient = new Messages();
	readonly #fromDatabase = new Messages();
	#isStarted = false;
	/** Whether the response that comes now is replaced by an error. */
	#isReplacing = false;
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

	/** What the client gets instead of a part of a response: nothing before its end. */
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
			// The client sends one query after the other: whatever comes from now on is the response to this one.
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

/** The messages in the chunks of a stream. */
class Messages {
	#unread = Buffer.alloc(0);

	add(chunk: Buffer): void {
		this.#unread = Buffer.concat([this.#unread, chunk]);
	}

	/** Takes the next whole message. @param hasLetter not so a connection's first one */
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

	/** Takes what is left. */
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
