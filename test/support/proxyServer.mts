import { connect, type Socket } from 'node:net';
import { listen, type TcpServer } from './serverSocket.mts';

/** An HTTP proxy for tunnels. */
export interface ProxyServer extends TcpServer {
	/** The head of each CONNECT request, live. */
	readonly heads: readonly string[];
}

/**
 * Runs a proxy on 127.0.0.1.
 * @param answer the status of every tunnel: 200 opens it, `silence` never responds
 */
export async function runProxyServer(answer: number | 'silence' = 200): Promise<ProxyServer> {
	const heads: string[] = [];
	const server = await listen((socket) => {
		socket.once('data', (data) => {
			const head = data.toString('latin1');
			heads.push(head);
			if (answer === 'silence') {
				return;
			}
			if (answer === 200) {
				openTunnel(socket, head);
			} else {
				socket.end(`HTTP/1.1 ${answer} Status\r\ncontent-length: 0\r\n\r\n`);
			}
		});
	});
	return { ...server, heads };
}

function openTunnel(socket: Socket, head: string): void {
	const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) /.exec(head) ?? [];
	const target = connect(Number(port), host, () => {
		socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
		socket.pipe(target).pipe(socket);
	});
	target.on('error', () => socket.destroy());
	socket.on('close', () => target.destroy());
}
