import { expect, test } from '@jest/globals';
import { readCommandLine } from '../../simulator/commandLine.mts';

const given = (...args: string[]) => {
	const options = readCommandLine(args);
	return options === 'help' ? options : Object.fromEntries(Object.entries(options).filter(isSet));
};

function isSet([, value]: [string, unknown]): boolean {
	return value !== undefined;
}

test('Without arguments only the port is set', () => {
	expect(given()).toEqual({ port: 8465, refuseCustomers: {} });
});

test('Every option has its flag', () => {
	const args =
		'--port 0 --tls --app-key K --app-secret S --rule jsString --envelope outer --bind-mode add ' +
		'--latency 50-200 --rate-limit 20 --rate-limit-after 500 --rate-limit-answer http429 ' +
		'--retry-after 2 --clock-skew=-600 --refuse a --refuse b --empty --keep-bodies';
	const refusal = { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' };
	expect(given(...args.split(' '))).toEqual({
		port: 0,
		tls: true,
		appKey: 'K',
		appSecret: 'S',
		nestedRule: 'jsString',
		envelope: 'outer',
		bindMode: 'add',
		latencyMs: { min: 50, max: 200 },
		rateLimit: { perSecond: 20, startsAfterRequests: 500, answer: 'http429', retryAfter: '2' },
		clockSkewSeconds: -600,
		refuseCustomers: { a: refusal, b: refusal },
		empty: true,
		keepBodies: true,
	});
});

test('A single latency is fixed, and --help overrides everything else', () => {
	expect(given('--latency', '100')).toMatchObject({ latencyMs: 100 });
	expect(given('--port', 'x', '--help')).toBe('help');
});

test.each([
	['--bogus', "Unknown option '--bogus'; see --help."],
	['extra', "Unexpected argument 'extra'; see --help."],
	['--port', "Option '--port <value>' argument missing; see --help."],
	['--port=65536', '--port must be a whole number from 0 to 65535, not "65536".'],
	['--port=1.5', '--port must be a whole number from 0 to 65535, not "1.5".'],
	['--rule=xml', '--rule must be one of json, goFmt, scalarsOnly, flattened, jsString, not "xml".'],
	['--envelope=', '--envelope must be one of response, outer, bare, not "".'],
	['--bind-mode=merge', '--bind-mode must be one of replace, add, not "merge".'],
	['--latency=200-50', '--latency must be milliseconds such as 100 or 50-200, not "200-50".'],
	['--latency=1s', '--latency must be milliseconds such as 100 or 50-200, not "1s".'],
	['--rate-limit=0', '--rate-limit must be a whole number from 1 to 1000000, not "0".'],
	['--retry-after=2', '--rate-limit-after, --rate-limit-answer and --retry-after need --rate-limit.'],
	['--clock-skew=1h', '--clock-skew must be a whole number of seconds, not "1h".'],
	['--app-secret=', '--app-secret must not be empty.'],
])('%s is refused in one sentence', (argument, sentence) => {
	expect(() => readCommandLine([argument])).toThrow(sentence);
});
