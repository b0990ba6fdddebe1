import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { CannotStart } from './stopMessage.mts';

/** Below the ports that the system gives to outgoing connections, one of which might take a port before its server. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const MOST_TRIES = 100;

/** Ports of this machine that nothing listens on at the moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
	// All are held at once, so that none is handed out twice.
	const servers = await Promise.all(Array.from({ length: count }, async () => await listenAnywhere()));
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

/** @throws CannotStart when something listens on the port already */
export async function checkPortIsFree(port: number, option: string): Promise<void> {
	try {
		const server = await listen(port);
		await new Promise((resolve) => server.close(resolve));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
		throw new CannotStart(`Port ${port} is in use: end what uses it, or choose another one with ${option}.`, {
			cause,
		});
	}
}

async function listenAnywhere() {
	for (let round = 1; ; round++) {
		try {
			return await listen(randomInt(LOWEST_PORT, HIGHEST_PORT));
		} catch (cause) {
			if (round >= MOST_TRIES) throw cause;
		}
	}
}

async function listen(port: number) {
	const server = createServer();
	server.listen({ port, host: '127.0.0.1' });
	await once(server, 'listening');
	return server;
}
