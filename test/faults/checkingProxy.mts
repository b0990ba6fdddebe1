import { connect, type Socket } from 'node:net';
import { listen, type TcpServer } from '../support/serverSocket.mts';

/** A forward proxy that opens tunnels; with a login, only for clients that send it. */
export interface CheckingProxy extends TcpServer {
	/** `host:port` of each opened tunnel. */
	readonly tunnels: readonly string[];
	/** All connections to the proxy. */
	readonly connections: number;
	/** Requests for tunnels without the login. */
	readonly turnedAway: number;
}

export async function runCheckingProxy(login?: { user: string; password: string }): Promise<CheckingProxy> {
	const tunnels: string[] = [];
	let turnedAway = 0;
	let connections = 0;
	const wanted = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
	const server = await listen((socket) => {
		connections++;
		socket.once('data', (data) => {
			const head = data.toString('latin1');
			const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) HTTP/.exec(head) ?? [];
			const given = /^proxy-authorization: *(.+)\r$/im.exec(head)?.[1];
			if (wanted !== undefined && given !== wanted) {
				turnedAway++;
				socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
				return;
			}
			tunnels.push(`${host}:${port}`);
			openTunnel(socket, host, Number(port));
		});
	});
	return {
		...server,
		tunnels,
		get connections() {
			return connections;
		},
		get turnedAway() {
			return turnedAway;
		},
	};
}

function openTunnel(socket: Socket, host: string, port: number): void {
	const target = connect(port, host, () => {
		socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
		socket.pipe(target).pipe(socket);
	});
	target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
	socket.on('close', () => target.destroy());
}
