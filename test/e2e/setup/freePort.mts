import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CannotStart } from './stopMessage.mts';

/** Below the ports that the system gives to outgoing connections, one of which might take a port before its server. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const MOST_TRIES = 100;

/**
 * Ports of this machine that nothing listens on, all different. Servers get even ones. The odd one after it is listened
 * on from now on until this process ends: so no other process, which tests beside this one, is given the same before a
 * server listens on it, or while it starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
	return await Promise.all(Array.from({ length: count }, async () => await reservePort()));
}

/** @throws CannotStart when something listens on the port already */
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
