import type { Server, Socket } from 'node:net';

/** Counts the TCP connections of a server on one address, and closes them with the server. */
export class Connections {
	#total = 0;
	#tlsHandshakes = 0;
	/** By the client's port, the only thing that a TLS socket and its TCP socket share. */
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

	/** Connections accepted since the start or the last `forget`, including those that were open then. */
	get total(): number {
		return this.#total;
	}

	get open(): number {
		return this.#open.size;
	}

	/** TLS handshakes completed since the start or the last `forget`. */
	get tlsHandshakes(): number {
		return this.#tlsHandshakes;
	}

	/** Restarts the count at the number of open connections. */
	forget(): void {
		this.#total = this.#open.size;
		this.#tlsHandshakes = 0;
	}

	/** Ends a connection with a TCP reset, also below TLS. */
	reset(socket: Pick<Socket, 'remotePort'>): void {
		this.#open.get(socket.remotePort ?? -1)?.resetAndDestroy();
	}

	destroyAll(): void {
		for (const socket of this.#open.values()) {
			socket.destroy();
		}
	}
}
