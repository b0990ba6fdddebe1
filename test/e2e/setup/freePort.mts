import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { CannotStart } from './stopMessage.mts';

/** Ports of this machine that nothing listens on at the moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
	// All are held at once, so that none is handed out twice.
	const servers = await Promise.all(Array.from({ length: count }, async () => await listen(0)));
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

async function listen(port: number) {
	const server = createServer();
	server.listen({ port, host: '127.0.0.1' });
	await once(server, 'listening');
	return server;
}
