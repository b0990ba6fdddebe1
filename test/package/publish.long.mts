import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Build } from '../../embedded/builtNode.mts';
import { outsideNpmRun, pack, type Packed } from './packed.mts';

/** The parts of npm's publish request that are checked. */
interface Publication {
	readonly name: string;
	readonly 'dist-tags': Readonly<Record<string, string>>;
	readonly access: string;
}

let registry: Server;
let port: number;
let publications: Publication[];
let packed: Record<Build, Packed>;
beforeAll(async () => {
	packed = { verified: await pack('verified'), pool: await pack('pool') };
	registry = createServer(async (request, response) => {
		if (request.method === 'PUT') {
			publications.push((await json(request)) as Publication);
		}
		response
			.writeHead(request.method === 'PUT' ? 200 : 404, { 'content-type': 'application/json' })
			.end('{}');
	});
	await once(registry.listen(0, '127.0.0.1'), 'listening');
	({ port } = registry.address() as AddressInfo);
});
beforeEach(() => {
	publications = [];
});
afterAll(async () => {
	registry.close();
	for (const each of Object.values(packed ?? {})) {
		await each.remove();
	}
});

/** Publishes a tarball to a registry on this machine and returns npm's output. */
async function publish(build: Build, ...flags: string[]): Promise<string> {
	const address = `//127.0.0.1:${port}/`;
	const settings = [`--registry=http:${address}`, `--${address}:_authToken=anybody`, ...flags];
	// Without a workflow's identity and this machine's proxies.
	const isOfMachine = /^(CI|GITHUB_.*|ACTIONS_.*|.*_proxy)$/i;
	const env = Object.fromEntries(Object.entries(outsideNpmRun()).filter(([name]) => !isOfMachine.test(name)));
	return await new Promise((resolve) =>
		execFile('npm', ['publish', packed[build].tarball, ...settings], { env }, (_, stdout, stderr) =>
			resolve(`${stdout}${stderr}`),
		),
	);
}

test.each<[Build, tag: string]>([
	['verified', 'latest'],
	['pool', 'undici'],
])('The %s package is published with the tag %s and no other', async (build, tag) => {
	const output = await publish(build, '--provenance=false');
	const { name, version } = packed[build].manifest;
	expect([publications.length, publications.length === 1 ? '' : output]).toEqual([1, '']);
	expect(publications[0]).toMatchObject({ name, access: 'public' });
	expect(publications[0]?.['dist-tags']).toEqual({ [tag]: version });
});

test.each<Build>(['verified', 'pool'])(
	'The %s package cannot be published by hand, without provenance',
	async (build) => {
		expect(await publish(build)).toMatch(/provenance/);
		expect(publications).toEqual([]);
	},
);
