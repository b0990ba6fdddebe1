import { expect, test } from '@jest/globals';
import { readCommandLine } from '../../start/commandLine.mts';
import { InputError } from '../../start/inputError.mts';

test.each<[string[], string | RegExp]>([
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
	[['--live'], '--live is for --probe; rows go to the real service from n8n only.'],
	[['rows.csv', '--endpoint', 'http://localhost:1/'], '--endpoint is for --probe.'],
	[['--product', 'P'], '--product is for --probe.'],
	[['--probe', 'x.csv'], '--probe and --rows exclude each other.'],
	[['--probe', '--sync'], '--probe and --sync exclude each other.'],
	[['--probe', '--live', '--endpoint', 'x'], '--live and --endpoint exclude each other.'],
	[
		['--probe', '--customer', 'c'],
		'--customer names two different test customers: --customer A --customer B.',
	],
	[['--probe', '--customer', 'c', '--customer', 'c'], /^--customer names two different test customers/],
	[['--probe', '--customer', 'c', '--customer', ' '], /^--customer names two different test customers/],
	[['--probe', '--device', 'P'], '--device names one test device or two: ProductId/DeviceName.'],
	[['--probe', '--device', 'P/A', '--device', 'P/A'], /^--device names one test device or two/],
	[['--probe', '--out', ''], '--out must name a folder.'],
])('%j is refused with a sentence', (args, sentence) => {
	const refused = () => readCommandLine(args);
	expect(refused).toThrow(InputError);
	expect(refused).toThrow(sentence);
});

test('A file needs no flag, and only the unchanged example has an expected result', () => {
	expect(readCommandLine(['my.csv'])).toEqual(readCommandLine(['--rows', 'my.csv']));
	const isExample = (...args: string[]) => (readCommandLine(args) as { isExample: boolean }).isExample;
	expect([isExample(), isExample('--set', 'requestsPerSecond=0', '--sync')]).toEqual([true, true]);
	expect([isExample('my.csv'), isExample('--set', 'invalidRows=sendValid')]).toEqual([false, false]);
	expect(isExample('--column', 'ProductName=备注')).toBe(false);
});

test('Options of the node are put into their groups, with their types', () => {
	const args = [
		'--sync',
		'--set',
		'emptyCustomerId=above',
		'--set',
		'phoneIds=digits',
		'--set',
		'stopAbove=70',
	];
	expect(readCommandLine([...args, '--set', 'timeout=5'])).toMatchObject({
		operation: 'sync',
		chosen: {
			rowHandling: { emptyCustomerId: 'above', phoneIds: 'digits' },
			safetyChecks: { stopAbove: 70 },
			options: { timeout: 5 },
		},
	});
});

test('A probe can test a simulator, the real service or an endpoint', () => {
	const serviceOf = (...args: string[]) =>
		(readCommandLine(['--probe', ...args]) as { service: unknown }).service;
	const endpoint = 'http://127.0.0.1:8465/';
	expect(serviceOf()).toEqual({ kind: 'simulator' });
	expect(serviceOf('--live')).toEqual({ kind: 'live' });
	expect(serviceOf('--endpoint', endpoint)).toEqual({ kind: 'endpoint', endpoint });
});
