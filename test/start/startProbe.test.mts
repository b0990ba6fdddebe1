import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { CANARIES, runStandIn, type Personality } from '../probe/standIn.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runProxyServer } from '../support/proxyServer.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { start } from './startRun.mts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** The address of a server that answers everything alike. */
async function answering(status: number, headers: Record<string, string>, body: string): Promise<string> {
	const server = createServer((_, response) => response.writeHead(status, headers).end(body));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	servers.push(server);
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Runs a probe and reads what it wrote. */
async function probe(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
	const folder = temporaryFolder();
	const run = await start(['--probe', '--out', folder, ...flags], environment);
	const read = (name: string) => readFileSync(join(folder, name), 'utf8');
	const isWritten = readdirSync(folder).length > 0;
	const files = isWritten ? ['report.md', 'report.zh-CN.md', 'transcript.json'].map(read) : ['', '', ''];
	return { ...run, report: files[0]!, reportZh: files[1]!, transcript: files[2]! };
}

test('Against the simulator of the run, the report has all rows in both languages, and nothing is to be done.', async () => {
	const { exitCode, stdout, report, reportZh, transcript } = await probe(['--product', 'P1']);
	expect(exitCode).toBe(0);
	expect(stdout).toBe(report);
	expect(report).toContain('(12 requests). Nothing needs to be changed.');
	expect(reportZh).toContain('（12 个请求）。无需任何改动。');
	const rows = (page: string) => page.split('\n').filter((line) => line.startsWith('| ')).length;
	expect([rows(report), rows(reportZh)]).toEqual([14, 14]);
	expect(report).toContain("set 'Nested Value Signing' to 'JSON Text'");
	expect(report.split(/\s+/).length).toBeLessThan(400);
	expect(JSON.parse(transcript)).toMatchObject({
		exchanges: expect.any(Array) as unknown,
	});
});

const HOSTILE: Personality = {
	lists: 'go',
	success: (id, members) => ({
		code: 0,
		msg: 'success',
		data: { ...members, RequestId: id },
		token: 'tok_9f8e7d6c5b4a',
	}),
	failure: (id, why, about) => ({
		code: -1000,
		msg: `${why} ${about} of 欧阳娜娜, zeb@quack.example, 13800138000`,
		data: {
			Error: { Code: 'InvalidParameterValue', Message: `Signature LiLeiLocks ${about}` },
			RequestId: id,
		},
	}),
};

test('Neither report nor transcript nor what is shown has a key, a name, a token or a phone number.', async () => {
	const { endpoint, appKey, appSecret, writes } = await runStandIn(HOSTILE);
	const keys = { TENCENT_IOT_APP_KEY: appKey, TENCENT_IOT_APP_SECRET: appSecret };
	for (const flags of [[], ['--json']]) {
		const all = await probe(['--endpoint', endpoint, '--product', 'LiLei', ...flags], keys);
		const text = JSON.stringify(all);
		expect(CANARIES.filter((canary) => text.includes(canary))).toEqual([]);
		expect(all.transcript).toContain('"…"');
	}
	expect(writes()).toBe(0);
});

const keys = { TENCENT_IOT_APP_KEY: 'ServiceAppKey', TENCENT_IOT_APP_SECRET: 'ServiceAppSecret' };
const page = '<!doctype html><html><body>Login</body></html>';

test.each<[string, () => Promise<readonly string[]>, NodeJS.ProcessEnv, RegExp, RegExp]>([
	[
		'A wrong secret',
		async () => ['--endpoint', (await runSimulator()).endpoint],
		{ ...keys, TENCENT_IOT_APP_SECRET: 'wrong' },
		/Tencent responded with InvalidParameterValue: Signature 无效\. Check App Key and App Secret in the credential/,
		/请从控制台重新复制 App Key 与 App Secret/,
	],
	[
		'A wrong key',
		async () => ['--endpoint', (await runSimulator()).endpoint],
		{ ...keys, TENCENT_IOT_APP_KEY: 'wrong' },
		/Tencent responded with InvalidParameterValue: AppKey 无效\. Check App Key and App Secret in the credential/,
		/请从控制台重新复制 App Key 与 App Secret/,
	],
	[
		'No network',
		async () => ['--endpoint', 'https://no-such-host.invalid/'],
		keys,
		/(host name of the endpoint was not found|DNS lookup timed out)\. Nothing was sent\. Check/,
		/请检查密钥、本机时钟、凭证中的地址和网络/,
	],
	[
		'Nobody at the address',
		async () => ['--endpoint', 'http://127.0.0.1:9/'],
		keys,
		/The endpoint refused the connection\. Nothing was sent\. Check the endpoint/,
		/请检查密钥、本机时钟、凭证中的地址和网络/,
	],
	[
		'A redirect',
		async () => ['--endpoint', await answering(302, { location: 'https://example.com/' }, '')],
		keys,
		/The endpoint redirects elsewhere; requests are never forwarded\. .*Check the endpoint/,
		/请检查凭证中的地址/,
	],
	[
		'A web page',
		async () => ['--endpoint', await answering(200, { 'content-type': 'text/html' }, page)],
		keys,
		/The response was a web page\. It only reads; nothing was changed\. Check the endpoint/,
		/请检查凭证中的地址/,
	],
])(
	'%s ends with a sentence and what to do, and no stack trace.',
	async (_, flags, environment, english, chinese) => {
		const { exitCode, stdout, stderr, report, reportZh } = await probe(await flags(), environment);
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(english);
		expect(report).toBe(stdout);
		expect(reportZh).toMatch(chinese);
		expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |Error:/);
	},
);

test('A proxy that asks for a login ends with a sentence and what to do, and no stack trace.', async () => {
	const { port } = await runProxyServer(407);
	const environment = { ...keys, HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' };
	const { exitCode, stdout, stderr, reportZh } = await probe(['--live'], environment);
	expect(exitCode).toBe(1);
	expect(stdout).toContain(
		'The proxy asked for a login. Nothing was sent. Put user name and password into the proxy',
	);
	expect(reportZh).toContain('请在代理地址（如 HTTPS_PROXY）中写入用户名和密码');
	expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |Error:/);
});

test('A clock an hour off is corrected and named.', async () => {
	const { endpoint } = await runSimulator({ clockSkewSeconds: 3600 });
	const { exitCode, report, reportZh } = await probe(['--endpoint', endpoint], keys);
	expect(exitCode).toBe(0);
	expect(report).toMatch(/Set this server's clock: it is 3(600|599) seconds behind\./);
	expect(reportZh).toMatch(/请校准本机时钟：慢 3(600|599) 秒。/);
});

test('With a test customer two sets are pushed for it, and the report asks what the console shows.', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	const { exitCode, stderr, report } = await probe(
		[
			'--endpoint',
			simulator.endpoint,
			'--with-test-customer',
			'test_1',
			'--device',
			'P/A',
			'--device',
			'P/B',
		],
		keys,
	);
	expect(exitCode).toBe(0);
	expect([...simulator.bindings]).toEqual([
		['test_1', [{ CustomerDeviceNo: 'B', DeviceId: 'P/B', ProductName: 'P' }]],
	]);
	const pushed = simulator.requests.filter(
		({ applied, Action }) => applied && Action === 'ServiceBindDevice',
	);
	expect(pushed.length).toBe(2);
	expect(stderr).toContain('Pushed P/A for customer test_1, then P/B alone.');
	expect(report).toContain('The console shows: [ ] only B: it replaces · [ ] A and B: it adds.');
	expect(report).not.toContain('test_1');
});

test.each([
	[['--product', 'P'], '--product is for --probe.'],
	[['--probe', '--rows', 'x.csv'], '--probe and --rows exclude each other.'],
	[['--probe', '--sync'], '--probe and --sync exclude each other.'],
	[['--probe', '--device', 'P/A'], '--device and --product-name are for --with-test-customer.'],
	[
		['--probe', '--with-test-customer', 'c', '--device', 'P/A'],
		'--with-test-customer needs two devices: --device ProductId/A --device ProductId/B.',
	],
	[['--probe', '--out', ''], '--out must name a folder.'],
	[
		['--probe', '--live'],
		"--live needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.",
	],
])('%j cannot be done, which is said.', async (flags, message) => {
	const { exitCode, stderr } = await start(flags);
	expect([exitCode, stderr.trim()]).toEqual([2, message]);
});
