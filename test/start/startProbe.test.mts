import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANARIES, runStandIn, type Personality } from '../probe/standIn.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { start } from './startRun.mts';

/** Runs a probe and reads what it wrote. */
async function probe(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
	const folder = temporaryFolder();
	const run = await start(['--probe', '--out', folder, ...flags], environment);
	const read = (name: string) =>
		existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
	return { ...run, report: read('report.md'), transcript: read('transcript.json') };
}

test('Against a simulator of its own, the page has what the item has, and nothing is to be done.', async () => {
	const { exitCode, stdout, report, transcript } = await probe(['--product', 'P1']);
	expect(exitCode).toBe(0);
	expect(stdout).toBe(report);
	expect(report).toContain('(12 requests). Nothing needs to be changed.');
	expect(report).toContain('（12 个请求）。无需任何改动。');
	expect(report).toMatch(/^\| SignatureScheme \| json \|$/m);
	expect(report.split('\n').filter((line) => line.startsWith('| '))).toHaveLength(11);
	expect(JSON.parse(transcript)).toMatchObject({ exchanges: expect.any(Array) as unknown });
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

test('Neither page nor transcript nor what is shown has a key, a name, a token or a phone number.', async () => {
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

test('A wrong secret ends with a sentence and what to do, and no stack trace.', async () => {
	const { endpoint } = await runSimulator();
	const wrong = { ...keys, TENCENT_IOT_APP_SECRET: 'wrong' };
	const { exitCode, stdout, stderr, report } = await probe(['--endpoint', endpoint], wrong);
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(
		/Tencent responded with InvalidParameterValue: Signature 无效\. Check App Key and App Secret in the credential/,
	);
	expect(stdout).toContain('检查未能完成');
	expect(report).toBe(stdout);
	expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |Error:/);
});

test('With a test customer two sets are pushed for it, and the page asks what the console shows.', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	const { exitCode, stderr, report, transcript } = await probe(
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
	expect(report).toContain('· [ ] no devices of a customer.');
	expect(JSON.parse(transcript)).toMatchObject({ consoleShowed: 'unknown' });
	expect(report).not.toContain('test_1');
});
