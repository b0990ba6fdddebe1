import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CannotStart } from './stopMessage.mts';

/** Below the ports that the system assigns to outgoing connections, which might take a port before the server does. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const MOST_TRIES = 100;

/**
 * Reserves different ports of this machine that nothing listens on. They are even; as a reservation, this process
 * listens on the odd port after each of them until it ends. So no other test process gets the same port before the
 * server listens on it, or while the server restarts.
 */
export async function freePorts(count: number): Promise<number[]> {
	return await Promise.all(Array.from({ length: count }, async () => await reservePort()));
}

/** @throws CannotStart if something already listens on the port */
export async function checkPortIsFree(port: number, option: string): Promise<void> {
	try {
		const server = await listen(port);
		await new Promise((resolve) => server.close(resolve));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
			throw cause;
		}
		throw new CannotStart(`Port ${port} is in use: end what uses it, or choose another one with ${option}.`, {
			cause,
		});
	}
}

async function reservePort(): Promise<number> {
	for (let round = 1; ; round++) {
		const port = 2 * randomInt(LOWEST_PORT / 2, HIGHEST_PORT / 2);
		try {
			const reservation = await listen(port + 1);
			reservation.unref();
			const server = await listen(port);
			await new Promise((resolve) => server.close(resolve));
			return port;
		} catch (cause) {
			if (round >= MOST_TRIES) {
				throw cause;
			}
		}
	}
}

async function listen(port: number) {
	const server = createServer();
	server.listen({ port, host: '127.0.0.1' });
	await once(server, 'listening');
	return server;
}
