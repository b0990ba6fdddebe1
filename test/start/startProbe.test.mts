import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { optionsLike } from '../../simulator/like/optionsLike.mts';
import { readTranscript } from '../../simulator/like/transcript.mts';
import type { Simulator, SimulatorOptions } from '../../simulator/simulator.mts';
import { countWrites } from '../../simulator/snapshot.mts';
import { CANARIES, runStandIn, type Personality } from '../probe/standIn.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { start, type Setting } from './startRun.mts';

/** Runs a probe and reads the one file that it writes. */
async function probe(flags: readonly string[], setting: Setting = {}) {
	const folder = temporaryFolder();
	const run = await start(['--probe', '--out', folder, ...flags], setting);
	const path = join(folder, 'report.md');
	const report = existsSync(path) ? readFileSync(path, 'utf8') : '';
	return { ...run, report, path, files: readdirSync(folder) };
}

/** The cell beside a name in the report's tables. */
const found = (report: string, name: string) =>
	report
		.split('\n')
		.find((line) => line.startsWith(`| ${name} |`))
		?.slice(name.length + 5, -2);

const keys = { TENCENT_IOT_APP_KEY: 'ServiceAppKey', TENCENT_IOT_APP_SECRET: 'ServiceAppSecret' };

test('Against a simulator of its own, one file has what was found, and nothing is to be done.', async () => {
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

test('Neither the report nor what is shown has a key, a name, a token or a phone number.', async () => {
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

test('A wrong secret ends with a sentence and what to do, no offer of pushes, and no stack trace.', async () => {
	const { endpoint } = await runSimulator();
	const environment = { ...keys, TENCENT_IOT_APP_SECRET: 'wrong' };
	const { exitCode, stdout, stderr, report, questions } = await probe(['--endpoint', endpoint], {
		environment,
		replies: [],
	});
	expect(exitCode).toBe(1);
	expect(questions).toEqual([]);
	expect(stdout).toMatch(
		/Tencent responded with InvalidParameterValue: Signature 无效\. Check App Key and App Secret in the credential/,
	);
	expect(stdout).toContain('检查未能完成');
	expect(report.startsWith(stdout)).toBe(true);
	expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |Error:/);
});

describe('Key and secret', () => {
	test('are asked for where they are not in the environment, and stand nowhere', async () => {
		const { endpoint, appKey, appSecret } = await runStandIn({ ...HOSTILE, lists: 'json' });
		// To the command it is no machine of its own.
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
	])('of %s are needed where nobody can be asked', async (who, flags) => {
		const environment = { ...keys, TENCENT_IOT_APP_SECRET: ' ' };
		const { exitCode, stderr } = await probe(flags, { environment });
		expect({ exitCode, stderr }).toEqual({
			exitCode: 2,
			stderr: `${who} needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.\n`,
		});
	});
});

const TEST_FLAGS = ['--customer', 'test_1', '--customer', 'test_2', '--device', 'P/A', '--device', 'P/B'];

/** Types yes, and looks at a console that shows what the simulator has. */
function repliesOf({ bindings }: Simulator) {
	return (question: string): string => {
		if (question.startsWith('Type yes')) {
			return 'yes';
		}
		const devices = bindings.get('test_1')?.map(({ DeviceId }) => DeviceId) ?? [];
		const hasFirst = devices.includes('P/A');
		const hasSecond = devices.includes('P/B');
		const shown = [
			hasFirst && !hasSecond && '2',
			hasSecond && !hasFirst && '3',
			hasFirst && hasSecond && '4',
		];
		return shown.find((reply) => reply !== false) ?? '1';
	};
}

test.each([
	['no', ['no']],
	['Yes', ['Yes']],
	['nothing', ['']],
])('Whoever types %s has nothing pushed.', async (_, replies) => {
	const simulator = await runSimulator();
	const { report } = await probe(['--endpoint', simulator.endpoint, ...TEST_FLAGS], { replies });
	expect(countWrites(simulator.requests)).toBe(0);
	expect(report).toContain('None were sent');
});

test('Where nobody sits at the terminal nothing is pushed, whatever the flags.', async () => {
	const simulator = await runSimulator();
	const { stderr } = await probe(['--endpoint', simulator.endpoint, ...TEST_FLAGS]);
	expect(countWrites(simulator.requests)).toBe(0);
	expect(stderr).not.toContain('change what the test customers have');
});

test('What is not given by flags is asked for, and each push is said before it is sent.', async () => {
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

/** What the report must say of a service. */
interface Expected {
	scheme: string;
	further: string;
	ofAnother: string;
	signature: string;
	limit: RegExp;
}

const FURTHER = { replace: 'replaces the devices / 替换设备', add: 'adds devices / 追加设备' } as const;
const OF_ANOTHER = {
	shared: 'both customers have it / 两个客户都有',
	moves: 'moves to the customer that was pushed last / 归最后推送的客户',
	refused: 'is refused / 被拒绝',
} as const;
const SCHEMES = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;
const ENVELOPES = ['response', 'outer', 'bare'] as const;
const OWNERSHIPS = ['shared', 'moves', 'refused'] as const;

/** 32 services: each scheme and envelope, replacing and adding, three rules for a device of another customer, with a limit. */
const VARIANTS = Array.from({ length: 32 }, (_, index): [name: string, SimulatorOptions, Expected] => {
	const nestedRule = SCHEMES[index % SCHEMES.length]!;
	const envelope = ENVELOPES[index % ENVELOPES.length]!;
	const bindMode = index % 2 === 0 ? 'replace' : 'add';
	const ownership = OWNERSHIPS[Math.floor(index / 2) % OWNERSHIPS.length]!;
	const isLimited = index % 8 === 7;
	const limit =
		index % 16 === 7 ? ({ perSecond: 8 } as const) : ({ perSecond: 9, answer: 'http429' } as const);
	const options: SimulatorOptions = { nestedRule, envelope, bindMode, ownership };
	const expected: Expected = {
		scheme: nestedRule,
		further: FURTHER[bindMode],
		ofAnother: OF_ANOTHER[ownership],
		signature: nestedRule === 'json' ? 'not seen / 未出现' : 'InvalidParameterValue (HTTP 200)',
		limit: isLimited ? new RegExp(`^after ${limit.perSecond} requests`) : /^none met by 1[12] requests/,
	};
	const name = `${nestedRule}, ${envelope}, ${bindMode}, ${ownership}${isLimited ? ', limited' : ''}`;
	return [`${index + 1}: ${name}`, isLimited ? { ...options, rateLimit: limit } : options, expected];
});

test.each(VARIANTS)(
	'Of a service like no. %s it names each habit, by at most 15 requests, and a simulator by its report has the same.',
	async (_, options, expected) => {
		const simulator = await runSimulator(options);
		const flags = ['--endpoint', simulator.endpoint, ...TEST_FLAGS];
		const { report, path } = await probe(flags, { replies: repliesOf(simulator) });
		const read = (text: string) => ({
			scheme: found(text, 'SignatureScheme'),
			further: found(text, 'A further push'),
			ofAnother: found(text, 'A device of another customer'),
			signature: found(text, 'Another signature scheme'),
		});
		const { limit, ...habits } = expected;
		expect(read(report)).toEqual(habits);
		expect(found(report, 'Limit')).toMatch(limit);
		expect(simulator.requests.length).toBeLessThanOrEqual(15);
		expect(countWrites(simulator.requests)).toBe(expected.ofAnother === OF_ANOTHER.refused ? 2 : 3);
		const like = await runSimulator(optionsLike(readTranscript(path)));
		const again = await probe(['--endpoint', like.endpoint, ...TEST_FLAGS], { replies: repliesOf(like) });
		expect(read(again.report)).toEqual(habits);
	},
);
