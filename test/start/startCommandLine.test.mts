import { expect, test } from '@jest/globals';
import { readCommandLine } from '../../start/commandLine.mts';
import { InputError } from '../../start/inputError.mts';

const keys = { TENCENT_IOT_APP_KEY: 'K', TENCENT_IOT_APP_SECRET: 'S' };
const NEEDS_KEYS =
	"needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.";

test.each<[string[], string | RegExp, NodeJS.ProcessEnv?]>([
	[['--bogus'], "Unknown option '--bogus'; see --help."],
	[['one.csv', 'two.csv'], 'Give one file; see --help.'],
	[['one.csv', '--rows', 'two.csv'], 'Give one file; see --help.'],
	[['--rows'], "Option '--rows <value>' argument missing; see --help."],
	[['--column', 'Foo=客户'], /^--column must be one of CustomerId, .* not "Foo=客户"\.$/],
	[['--column', 'DeviceId'], /^--column must be one of CustomerId, .* not "DeviceId"\.$/],
	[['--set', 'foo=1'], /^--set must be one of emptyCustomerId, .* not "foo=1"\.$/],
	[['--set', 'outputItemPer=row'], /^--set must be one of emptyCustomerId, /],
	[['--set', 'stopAbove=1'], /^--set must be one of emptyCustomerId, .* not "stopAbove=1"\.$/],
	[['--set', 'emptyCustomerId=x'], '--set emptyCustomerId must be one of automatic, nobody, above, not "x".'],
	[['--sync', '--set', 'stopAbove='], '--set stopAbove must be a number, not "".'],
	[['--sync', '--dry-run'], '--sync and --dry-run exclude each other.'],
	[['--live'], '--live is for --probe; rows go to the real service from n8n only.', keys],
	[['rows.csv', '--endpoint', 'http://localhost:1/'], '--endpoint is for --probe.'],
	[['--product', 'P'], '--product is for --probe.'],
	[['--probe', 'x.csv'], '--probe and --rows exclude each other.'],
	[['--probe', '--sync'], '--probe and --sync exclude each other.'],
	[['--probe', '--live', '--endpoint', 'x'], '--live and --endpoint exclude each other.', keys],
	[['--probe', '--device', 'P/A'], '--device and --product-name are for --with-test-customer.'],
	[
		['--probe', '--with-test-customer', 'c', '--device', 'P/A'],
		'--with-test-customer needs two devices: --device ProductId/A --device ProductId/B.',
	],
	[['--probe', '--with-test-customer', ' '], '--with-test-customer must name a customer.'],
	[['--probe', '--out', ''], '--out must name a folder.'],
	[['--probe', '--live'], `--live ${NEEDS_KEYS}`, { ...keys, TENCENT_IOT_APP_SECRET: ' ' }],
	[['--probe', '--endpoint', 'https://example.com/'], `This endpoint ${NEEDS_KEYS}`],
])('%j is refused with a sentence', (args, sentence, environment = {}) => {
	const refused = () => readCommandLine(args, environment);
	expect(refused).toThrow(InputError);
	expect(refused).toThrow(sentence);
});

test('A file needs no flag, and only the example as it is has an answer', () => {
	expect(readCommandLine(['my.csv'], {})).toEqual(readCommandLine(['--rows', 'my.csv'], {}));
	const isExample = (...args: string[]) => (readCommandLine(args, {}) as { isExample: boolean }).isExample;
	expect([isExample(), isExample('--set', 'requestsPerSecond=0', '--sync')]).toEqual([true, true]);
	expect([isExample('my.csv'), isExample('--set', 'invalidRows=sendValid')]).toEqual([false, false]);
	expect(isExample('--column', 'ProductName=备注')).toBe(false);
});

test('Options of the node go into their groups, with their types', () => {
	const args = [
		'--sync',
		'--set',
		'emptyCustomerId=above',
		'--set',
		'phoneIds=digits',
		'--set',
		'stopAbove=70',
	];
	expect(readCommandLine([...args, '--set', 'timeout=5'], {})).toMatchObject({
		operation: 'sync',
		chosen: {
			rowHandling: { emptyCustomerId: 'above', phoneIds: 'digits' },
			safetyChecks: { stopAbove: 70 },
			options: { timeout: 5 },
		},
	});
});

test('A probe takes the keys of the environment, or those of the simulator on this machine', () => {
	const credentials = (args: string[], environment: NodeJS.ProcessEnv) =>
		readCommandLine(['--probe', ...args], environment);
	const endpoint = 'http://127.0.0.1:8465/';
	expect(credentials(['--endpoint', endpoint], {})).toMatchObject({
		target: { credentials: { appKey: 'ServiceAppKey', platform: 'custom', endpoint } },
		folder: 'probe',
	});
	expect(credentials(['--live'], keys)).toMatchObject({
		target: { credentials: { appKey: 'K', appSecret: 'S', platform: 'china' } },
	});
	expect(credentials([], keys)).toMatchObject({ target: undefined });
});
