import { describe, expect, test } from '@jest/globals';
import { readTranscript } from '../../simulator/like/transcript.mts';

import { countWrites } from '../../simulator/snapshot.mts';
import { CANARIES, runStandIn, type Personality } from '../probe/standIn.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { found, probe, TEST_FLAGS } from './probeRun.mts';
import { testVariants, VARIANTS } from './probeVariants.mts';

const keys = { TENCENT_IOT_APP_KEY: 'ServiceAppKey', TENCENT_IOT_APP_SECRET: 'ServiceAppSecret' };

test('A probe of its own simulator writes one file with the findings, and nothing needs to be changed.', async () => {
	const { exitCode, stdout, report, files, path } = await probe(['--product', 'P1']);
	expect(exitCode).toBe(0);
	expect(files).toEqual(['report.md']);
	expect(report.startsWith(stdout)).toBe(true);
	expect(report).toContain('(12 requests). Nothing needs to be changed.');
	expect(report).toContain('（12 个请求）。无需任何改动。');
	expect(found(report, 'SignatureScheme')).toBe('json');
	expect(found(report, 'An Action that does not exist')).toBe('InvalidAction (HTTP 200)');
	expect(found(report, 'A required parameter is missing')).toBe('ErrorRequiredParamNotFound (HTTP 200)');
	expect(found(report, 'Limit')).toMatch(/^none met by 12 requests/);
	expect(report).toContain('None were sent: whether a push replaces or adds is not known.');
	expect(readTranscript(path).exchanges.length).toBe(12);
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

test('Neither the report nor the output contains a key, a name, a token or a phone number.', async () => {
	const { endpoint, appKey, appSecret, writes } = await runStandIn(HOSTILE);
	const environment = { TENCENT_IOT_APP_KEY: appKey, TENCENT_IOT_APP_SECRET: appSecret };
	for (const flags of [[], ['--json']]) {
		const run = await probe(['--endpoint', endpoint, '--product', 'LiLei', ...flags], { environment });
		const text = JSON.stringify(run);
		expect(CANARIES.filter((canary) => text.includes(canary))).toEqual([]);
		expect(run.report).toContain('"…"');
	}
	expect(writes()).toBe(0);
});

test('A wrong secret ends with a sentence and advice, without an offer of pushes and without a stack trace.', async () => {
	const { endpoint } = await runSimulator();
	const environment = { ...keys, TENCENT_IOT_APP_SECRET: 'wrong' };
	const { exitCode, stdout, stderr, report, questions } = await probe(['--endpoint', endpoint], {
		environment,
		replies: [],
	});
	expect(exitCode).toBe(1);
	expect(questions).toEqual([]);
	expect(stdout).toMatch(
		/The check could not be completed: Tencent responded with InvalidParameterValue: Signature 无效\. Check App Key and App Secret in the credential/,
	);
	expect(stdout).toContain('检查未能完成');
	expect(report.startsWith(stdout)).toBe(true);
	expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |Error:/);
});

describe('Key and secret', () => {
	test('are requested if they are not in the environment, and are written nowhere', async () => {
		const { endpoint, appKey, appSecret } = await runStandIn({ ...HOSTILE, lists: 'json' });
		// The command does not recognize this address as this machine.
		const elsewhere = endpoint.replace('127.0.0.1', '0x7f.1');
		const { questions, exitCode, ...written } = await probe(['--endpoint', elsewhere], {
			replies: [appKey, appSecret],
		});
		expect(questions.slice(0, 2)).toEqual(['AppKey: ', 'AppSecret (not shown / 不显示): ']);
		expect(JSON.stringify(written)).not.toMatch(/CanaryKey|CanarySecret/);
		expect(exitCode).not.toBe(2);
	});

	test.each([
		['--live', ['--live']],
		['This endpoint', ['--endpoint', 'https://example.com/']],
	])('of %s are required without a terminal', async (who, flags) => {
		const environment = { ...keys, TENCENT_IOT_APP_SECRET: ' ' };
		const { exitCode, stderr } = await probe(flags, { environment });
		expect({ exitCode, stderr }).toEqual({
			exitCode: 2,
			stderr: `${who} needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.\n`,
		});
	});
});

test.each([
	['no', ['no']],
	['Yes', ['Yes']],
	['nothing', ['']],
])('Nothing is pushed after the reply %s.', async (_, replies) => {
	const simulator = await runSimulator();
	const { report } = await probe(['--endpoint', simulator.endpoint, ...TEST_FLAGS], { replies });
	expect(countWrites(simulator.requests)).toBe(0);
	expect(report).toContain('None were sent');
});

test('Nothing is pushed without a terminal, whatever the flags.', async () => {
	const simulator = await runSimulator();
	const { stderr } = await probe(['--endpoint', simulator.endpoint, ...TEST_FLAGS]);
	expect(countWrites(simulator.requests)).toBe(0);
	expect(stderr).not.toContain('change what the test customers have');
});

test('Missing flags are requested on the terminal, and each push is shown before it is sent.', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	const { questions, stderr, report } = await probe(['--endpoint', simulator.endpoint], {
		replies: ['test_1', 'test_2', 'P/A', '', 'yes', ''],
	});
	expect(questions).toHaveLength(6);
	expect(stderr).toContain(
		'1. customer test_1 gets the device P/A\n  2. customer test_1 gets the device P/A\n  3. customer test_2 gets the device P/A\n',
	);
	expect([...simulator.bindings.keys()]).toEqual(['test_1', 'test_2']);
	expect(countWrites(simulator.requests)).toBe(3);
	expect(found(report, 'A further push')).toBe('not known / 未知');
	expect(report).not.toMatch(/test_1|test_2|P\/A/);
	expect(found(report, '1. customer A ← device 1')).toMatch(/^OK [0-9a-f-]{36}$/);
});

// The first five cover each scheme, envelope, bind mode and rule of ownership; test:long has all 32.
testVariants(VARIANTS.slice(0, 5));
