import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';

const closers = new Set<() => Promise<void>>();

afterEach(async () => {
	await Promise.all(Array.from(closers, (close) => close()));
	closers.clear();
});

/** A TCP server on 127.0.0.1 that is closed, with all its connections, when the test ends. */
export interface TcpServer {
	readonly port: number;
	/** The sockets that are open, live. */
	readonly sockets: ReadonlySet<Socket>;
	close(): Promise<void>;
}

/** Listens on a free port. */
export async function listen(onSocket: (socket: Socket) => void): Promise<TcpServer> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		// These tests cause resets; without a listener they would end the process.
		socket.on('error', () => undefined);
		onSocket(socket);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const close = async () => {
		if (!server.listening) {
			return;
		}
		const closed = once(server, 'close');
		server.close();
		for (const socket of sockets) {
			socket.destroy();
		}
		await closed;
	};
	closers.add(close);
	return { port: (server.address() as AddressInfo).port, sockets, close };
}

/** A port without a listener. */
export async function closedPort(): Promise<number> {
	const { port, close } = await listen(() => undefined);
	await close();
	return port;
}
