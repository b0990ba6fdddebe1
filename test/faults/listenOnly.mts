import { createServer, type AddressInfo } from 'node:net';

/** A process with an open port and the shortest backlog; the caller has to stop it. */
const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
	process.send?.((server.address() as AddressInfo).port);
});
