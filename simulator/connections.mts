import type { Server, Socket } from 'node:net';

/** The TCP connections of a server on one address, counted, and closed when the server is. */
export class Connections {
	#total = 0;
	#tlsHandshakes = 0;
	/** By the client's port, the one thing that a TLS socket and the TCP socket below it both know. */
	readonly #open = new Map<number, Socket>();

	constructor(server: Server) {
		server.on('connection', (socket: Socket) => {
			const { remotePort } = socket;
			if (remotePort === undefined) {
				return;
			}
			this.#total++;
			this.#open.set(remotePort, socket);
			socket.once('close', () => {
				if (this.#open.get(remotePort) === socket) {
					this.#open.delete(remotePort);
				}
			});
		});
		server.on('secureConnection', () => {
			this.#tlsHandshakes++;
		});
	}

	/** All that were accepted since the start or the last `forget`, where those then open count. */
	get total(): number {
		return this.#total;
	}

	get open(): number {
		return this.#open.size;
	}

	/** TLS handshakes that were completed since the start or the last `forget`. */
	get tlsHandshakes(): number {
		return this.#tlsHandshakes;
	}

	/** Counts anew, from the connections that are open. */
	forget(): void {
		this.#total = this.#open.size;
		this.#tlsHandshakes = 0;
	}

	/** Ends a connection the hard way, with a TCP reset, also below TLS. */
	reset(socket: Pick<Socket, 'remotePort'>): void {
		this.#open.get(socket.remotePort ?? -1)?.resetAndDestroy();
	}

	destroyAll(): void {
		for (const socket of this.#open.values()) {
			socket.destroy();
		}
	}
}
