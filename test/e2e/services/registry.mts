import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createProxy, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificate } from '../../../simulator/certificate.mts';
import { runCommand } from '../setup/runCommand.mts';

/** A registry of npm packages, in place of the one that n8n is bound to. */
export interface Registry {
	/** In the format of n8n's list of packages and of the registry. */
	readonly checksum: string;
	readonly name: string;
	readonly version: string;
	/** The paths that have been requested so far. */
	readonly requests: readonly string[];
	/** The environment in which a process, and npm started by it, reaches this registry at every host. */
	readonly env: Readonly<Record<string, string>>;
	close(): Promise<void>;
}

/** Runs a registry with one package, behind a proxy for every host: n8n accepts another registry only with a licence. */
export async function startRegistry(tarball: string): Promise<Registry> {
	const content = await readFile(tarball);
	const packed = await runCommand('tar', ['-xzOf', tarball, 'package/package.json'], { cwd: '/' });
	const manifest = JSON.parse(packed.stdout) as { name: string; version: string };
	const { name, version } = manifest;
	const checksum = `sha512-${createHash('sha512').update(content).digest('base64')}`;
	const cache = await mkdtemp(join(tmpdir(), 'npm-cache-'));
	const requests: string[] = [];
	const bodyFor = ({ url = '', headers }: IncomingMessage): object | Buffer | undefined => {
		const path = decodeURIComponent(url);
		requests.push(path);
		const file = `/${name}/-/${name}-${version}.tgz`;
		const dist = { tarball: `https://${headers.host}${file}`, integrity: checksum };
		if (path === file) {
			return content;
		}
		if (path === `/${name}/${version}`) {
			return { ...manifest, dist };
		}
		if (path !== `/${name}`) {
			return undefined;
		}
		return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
	};
	const registry = createServer(readCertificate(), (request, response) => {
		const body = bodyFor(request);
		response.statusCode = body === undefined ? 404 : 200;
		response.setHeader(
			'content-type',
			Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json',
		);
		response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? { error: 'Not found' }));
	});
	const proxy = createProxy();
	const sockets = new Set<Socket>();
	proxy.on('connect', (_, socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => socket.destroy());
		socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
		registry.emit('connection', socket);
	});
	await once(proxy.listen(0, '127.0.0.1'), 'listening');
	const { port } = proxy.address() as AddressInfo;
	const address = `http://127.0.0.1:${port}`;
	const direct = '127.0.0.1,localhost';
	return {
		checksum,
		name,
		version,
		requests,
		env: {
			HTTPS_PROXY: address,
			https_proxy: address,
			NO_PROXY: direct,
			no_proxy: direct,
			// The certificate is valid only for this machine.
			NODE_TLS_REJECT_UNAUTHORIZED: '0',
			npm_config_strict_ssl: 'false',
			npm_config_cache: cache,
		},
		close: async () => {
			for (const socket of sockets) {
				socket.destroy();
			}
			proxy.close();
			await once(proxy, 'close');
			await rm(cache, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
